"""The panel: a button and a light on GPIO pins, by gpiozero; or none."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol

from gpiozero import LED, Button

from moodbox.core.ports import (
    ButtonHeld,
    ButtonHeldLonger,
    ButtonHolding,
    ButtonPressed,
    Event,
    Hold,
    Inbox,
    Light,
)

DEBOUNCE_S = 0.02
"""Small push buttons bounce for up to 10 ms. gpiozero's mock pins ignore this setting."""

BLINK_S: dict[Light, tuple[float, float]] = {
    Light.NOT_SURE: (1.0, 1.0),
    Light.TROUBLE: (0.15, 0.15),
    Light.CLOSING: (0.1, 0.9),
    Light.SWITCHING_OFF: (0.9, 0.1),
}
"""Seconds on and seconds off. The two blink rates differ more than sixfold, so that one can tell
them apart without a comparison. While the button is held the light is mostly off, then mostly on.
"""


class PanelSettings(Protocol):
    """How button and light are wired and used; implemented by the configuration's [panel]."""

    @property
    def button_pin(self) -> int:
        """BCM number of the button's pin."""

    @property
    def light_pin(self) -> int:
        """BCM number of the light's pin."""

    @property
    def long_press_s(self) -> float:
        """A press of at least this length closes the camera."""

    @property
    def power_off_s(self) -> float:
        """A press of at least this length switches the machine off; more than `long_press_s`."""


class PanelError(RuntimeError):
    """A pin cannot be claimed; the message says which and what to do."""


class PanelBusyError(PanelError):
    """Another program holds a pin, perhaps only briefly: trying again may help."""


class GpioPanel:
    """A button from a pin to ground, and a light from a pin through its resistor to ground.

    gpiozero chooses the pins' driver by the environment variable GPIOZERO_PIN_FACTORY; `lgpio`
    works on every Pi. lgpio writes into the directory LG_WD and makes it the process's working
    directory: relative paths no longer work after that.
    """

    def __init__(
        self,
        inbox: Inbox,
        settings: PanelSettings,
        pin_factory: Any = None,
    ) -> None:
        """Claim the pins; from now on presses go into `inbox`.

        A press takes effect when the button is let go: short, long (`long_press_s`) or very long
        (`power_off_s`). `ButtonHolding` reports when it becomes long, and when very long.
        `pin_factory` replaces the environment's gpiozero factory. Raises PanelError if there are no
        pins or no driver, PanelBusyError if another program holds a pin.
        """
        self._inbox = inbox
        self._lock = threading.Lock()
        self._longer_s = settings.power_off_s - settings.long_press_s
        # The event for letting go now; None for none: a button that is down at the start does not
        # count as pressed.
        self._on_release: Event | None = None
        self._longer: threading.Timer | None = None
        self._shown = Light.OFF
        self._button = _claim(
            "button",
            settings.button_pin,
            lambda: Button(
                settings.button_pin,
                bounce_time=DEBOUNCE_S,
                hold_time=settings.long_press_s,
                pin_factory=pin_factory,
            ),
        )
        try:
            self._light = _claim(
                "light",
                settings.light_pin,
                lambda: LED(settings.light_pin, pin_factory=pin_factory),
            )
        except PanelError:
            self._button.close()
            raise
        self._button.when_pressed = self._pressed
        self._button.when_held = self._held
        self._button.when_released = self._released

    def show(self, light: Light) -> None:
        """Switch the light to a pattern; a pattern that is shown already is not restarted."""
        if light is self._shown:
            return
        self._shown = light
        if light in BLINK_S:
            on_s, off_s = BLINK_S[light]
            self._light.blink(on_time=on_s, off_time=off_s, background=True)
        elif light is Light.OFF:
            self._light.off()
        else:
            self._light.on()

    def close(self) -> None:
        self._button.close()
        with self._lock:
            self._end_press()
        if not self._light.closed:
            self._light.off()
        self._light.close()

    # gpiozero and the timer call these in their own threads. When the time of a long press ends at
    # the moment of letting go, the last `ButtonHolding`, which the light shows, decides.

    def _pressed(self) -> None:
        with self._lock:
            self._on_release = ButtonPressed()

    def _held(self) -> None:
        with self._lock:
            if self._on_release != ButtonPressed():
                return
            self._on_release = ButtonHeld()
            self._inbox.put(ButtonHolding(Hold.CLOSE_CAMERA))
            self._longer = threading.Timer(self._longer_s, self._held_longer)
            self._longer.daemon = True
            self._longer.start()

    def _held_longer(self) -> None:
        with self._lock:
            if self._on_release == ButtonHeld() and threading.current_thread() is self._longer:
                self._on_release = ButtonHeldLonger()
                self._inbox.put(ButtonHolding(Hold.SWITCH_OFF))

    def _released(self) -> None:
        with self._lock:
            action = self._end_press()
            if action is not None:
                self._inbox.put(action)

    def _end_press(self) -> Event | None:
        """End the press; returns what letting go means."""
        action, self._on_release = self._on_release, None
        if self._longer is not None:
            self._longer.cancel()
            self._longer = None
        return action


def _claim(what: str, pin: int, make: Callable[[], Any]) -> Any:
    """Claim a pin; drivers raise errors of any class when that fails."""
    try:
        return make()
    except Exception as error:
        why = str(error).rstrip(".! ") or type(error).__name__
        # lgpio reports the kernel's EBUSY only by its text, "GPIO busy".
        kind = PanelBusyError if "busy" in why.lower() else PanelError
        raise kind(
            f"the {what} on pin {pin} (BCM) cannot be used: {why}. "
            "On a Raspberry Pi: install python3-lgpio, add this user to the group gpio, stop any "
            "other program that uses the pin, and set GPIOZERO_PIN_FACTORY=lgpio. On any other "
            "machine: set panel.enabled = false"
        ) from error


class NullPanel:
    """The panel of a box without button and light."""

    def show(self, light: Light) -> None:
        """Do nothing: there is no light."""

    def close(self) -> None:
        """Do nothing: there are no pins."""
