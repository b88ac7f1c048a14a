"""The button and the light on gpiozero's mock pins, which are driven as a person would."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from moodbox.adapters.inbox import Inbox
from moodbox.adapters.panel import BLINK_S, GpioPanel, PanelError
from moodbox.config import PanelConfig
from moodbox.core.ports import (
    ButtonHeld,
    ButtonHeldLonger,
    ButtonHolding,
    ButtonPressed,
    Event,
    Hold,
    Light,
)

LONG_PRESS_S = 0.1
"""Short, so that the tests are; a short press here is let go at once."""
POWER_OFF_S = 1.0
"""Long enough after LONG_PRESS_S for a busy machine to let go in between."""
HOLDING = [ButtonHolding(Hold.CLOSE_CAMERA), ButtonHolding(Hold.SWITCH_OFF)]


class Bench:
    """A panel on a table: its pins, and what it puts into the inbox."""

    def __init__(self, power_off_s: float = 60.0) -> None:
        self.factory = MockFactory(pin_class=MockPWMPin)
        self.inbox = Inbox()
        self.panel = GpioPanel(
            self.inbox,
            PanelConfig(long_press_s=LONG_PRESS_S, power_off_s=power_off_s),
            pin_factory=self.factory,
        )
        self.button: Any = self.factory.pin(17)
        self.light: Any = self.factory.pin(27)

    def next_event(self) -> Event:
        event = self.inbox.get(10)
        assert event is not None, "nothing came"
        return event

    def changes(self, count: int) -> list[bool]:
        """Whether the light is lit after each of its next changes."""
        self.light.clear_states()
        patience_s = time.monotonic() + 60
        while len(self.light.states) <= count and time.monotonic() < patience_s:
            pause(0.01)
        return [bool(state.state) for state in self.light.states[1 : count + 1]]


def pause(for_s: float) -> None:
    """Let the pins' own threads run."""
    threading.Event().wait(for_s)


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.panel.close()


# ── The button ───────────────────────────────────────────────────────────────────────────────────


def test_a_short_press_counts_when_it_is_let_go(bench: Bench) -> None:
    bench.button.drive_low()
    assert bench.inbox.get() is None
    bench.button.drive_high()
    assert bench.next_event() == ButtonPressed()
    assert bench.inbox.get() is None


def test_a_long_press_is_told_while_it_is_held_and_counts_when_it_is_let_go(bench: Bench) -> None:
    bench.button.drive_low()
    assert bench.next_event() == HOLDING[0]
    assert bench.inbox.get() is None
    bench.button.drive_high()
    assert bench.next_event() == ButtonHeld()
    assert bench.inbox.get() is None


def test_a_press_that_goes_on_is_told_again_and_switches_off_when_it_is_let_go() -> None:
    bench = Bench(POWER_OFF_S)
    bench.button.drive_low()
    assert [bench.next_event() for _ in range(2)] == HOLDING
    assert bench.inbox.get() is None
    bench.button.drive_high()
    assert bench.next_event() == ButtonHeldLonger()
    assert bench.inbox.get() is None
    bench.panel.close()


def test_the_time_to_switch_off_does_not_run_on_when_the_button_is_let_go() -> None:
    bench = Bench(POWER_OFF_S)
    bench.button.drive_low()
    assert bench.next_event() == HOLDING[0]
    bench.button.drive_high()
    assert bench.next_event() == ButtonHeld()
    pause(1.2 * POWER_OFF_S)
    assert bench.inbox.get() is None
    bench.panel.close()


def test_a_panel_that_is_closed_while_the_button_is_held_says_no_more() -> None:
    bench = Bench(POWER_OFF_S)
    bench.button.drive_low()
    assert bench.next_event() == HOLDING[0]
    bench.panel.close()
    pause(1.2 * POWER_OFF_S)
    bench.button.drive_high()
    assert bench.inbox.get() is None


def test_presses_come_in_their_order(bench: Bench) -> None:
    bench.button.drive_low()
    assert bench.next_event() == HOLDING[0]
    for _ in range(2):
        bench.button.drive_high()
        bench.button.drive_low()
    bench.button.drive_high()
    expected = [ButtonHeld(), ButtonPressed(), ButtonPressed()]
    assert [bench.next_event() for _ in expected] == expected


def test_a_button_that_was_down_before_the_start_is_no_press() -> None:
    """Somebody leans on it while the box boots: letting go reads nobody's mood."""
    factory = MockFactory(pin_class=MockPWMPin)
    button: Any = factory.pin(17)
    button.function, button.pull = "input", "up"
    button.drive_low()
    inbox = Inbox()
    panel = GpioPanel(inbox, PanelConfig(long_press_s=60, power_off_s=90), pin_factory=factory)
    button.drive_high()
    assert inbox.get() is None
    button.drive_low()
    button.drive_high()
    assert inbox.get(10) == ButtonPressed()
    panel.close()


def test_a_closed_panel_hears_no_press(bench: Bench) -> None:
    bench.panel.close()
    bench.button.drive_low()
    bench.button.drive_high()
    assert bench.inbox.get() is None


# ── The light ────────────────────────────────────────────────────────────────────────────────────


def test_working_is_steady_and_off_is_dark(bench: Bench) -> None:
    assert not bench.light.state
    bench.panel.show(Light.WORKING)
    assert bench.light.state
    bench.panel.show(Light.OFF)
    assert not bench.light.state


@pytest.mark.parametrize("light", list(BLINK_S))
def test_the_patterns_blink_by_themselves(bench: Bench, light: Light) -> None:
    bench.panel.show(light)
    assert bench.changes(3) in ([True, False, True], [False, True, False])


def test_the_blinks_are_told_apart_without_a_watch() -> None:
    assert min(BLINK_S[Light.NOT_SURE]) >= 3 * max(BLINK_S[Light.TROUBLE])
    for nearly_on, nearly_off in (BLINK_S[Light.SWITCHING_OFF], BLINK_S[Light.CLOSING][::-1]):
        assert nearly_on >= 5 * nearly_off


def test_showing_the_same_again_does_not_restart_the_pattern(bench: Bench) -> None:
    """The loop shows the light at every iteration; a restart at each would be a steady light."""
    bench.panel.show(Light.TROUBLE)
    bench.light.clear_states()
    for _ in range(1000):
        bench.panel.show(Light.TROUBLE)
    assert len(bench.light.states) < 100


def test_a_steady_light_ends_the_blinking(bench: Bench) -> None:
    bench.panel.show(Light.TROUBLE)
    bench.panel.show(Light.WORKING)
    bench.light.clear_states()
    pause(3 * sum(BLINK_S[Light.TROUBLE]))
    assert len(bench.light.states) == 1
    assert bench.light.state


def test_closing_switches_the_light_off_and_frees_the_pins(bench: Bench) -> None:
    bench.panel.show(Light.WORKING)
    bench.panel.close()
    assert not bench.light.state
    GpioPanel(Inbox(), PanelConfig(), pin_factory=bench.factory).close()


# ── Faults ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("button_pin", "light_pin"), [(17, 5), (5, 17)])
def test_a_pin_that_is_in_use_is_named_and_the_other_one_let_go(
    bench: Bench, button_pin: int, light_pin: int
) -> None:
    wired = PanelConfig(button_pin=button_pin, light_pin=light_pin)
    with pytest.raises(PanelError, match="pin 17"):
        GpioPanel(Inbox(), wired, pin_factory=bench.factory)
    free = PanelConfig(button_pin=5, light_pin=6)
    GpioPanel(Inbox(), free, pin_factory=bench.factory).close()


class BusyFactory(MockFactory):  # type: ignore[misc]
    """The pins of a machine on which another program holds them; lgpio's own words."""

    def pin(self, name: object) -> MockPWMPin:
        """No pin."""
        raise RuntimeError(f"'GPIO busy' ({name})")


def test_a_pin_that_another_program_holds_ends_the_box_for_systemd_to_try_again(
    tmp_path: Path,
) -> None:
    """Exit 1, and not 78, with which it would stay away until somebody comes."""
    program = (
        "import sys\n"
        "from gpiozero import Device\n"
        "from moodbox.cli import main\n"
        "from tests.adapters.test_panel import BusyFactory\n"
        "Device.pin_factory = BusyFactory()\n"
        "sys.exit(main(['run', '--camera', 'none', '--config', sys.argv[1]]))"
    )
    (tmp_path / "moodbox.toml").touch()
    folders = dict.fromkeys(("RUNTIME_DIRECTORY", "STATE_DIRECTORY"), str(tmp_path))
    run = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "moodbox.toml"],
        env={**os.environ, **folders, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "pin 17 (BCM) cannot be used: 'GPIO busy'" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_machine_without_pins_says_what_to_do() -> None:
    """The environment asks for a driver that cannot work here, as on a workstation."""
    program = (
        "from moodbox.adapters.inbox import Inbox\n"
        "from moodbox.adapters.panel import GpioPanel\n"
        "from moodbox.config import PanelConfig\n"
        "GpioPanel(Inbox(), PanelConfig())"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={
            **os.environ,
            "GPIOZERO_PIN_FACTORY": "no-such-driver",
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert "PanelError: the button on pin 17 (BCM) cannot be used" in run.stderr
    assert "panel.enabled = false" in run.stderr
