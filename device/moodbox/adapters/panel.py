"""The button and the light, by gpiozero; or neither."""

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
"""Push buttons of this size bounce for up to 10 ms. gpiozero's mock pins ignore it."""

BLINK_S: dict[Light, tuple[float, float]] = {
    Light.NOT_SURE: (1.0, 1.0),
    Light.TROUBLE: (0.15, 0.15),
    Light.CLOSING: (0.1, 0.9),
    Light.SWITCHING_OFF: (0.9, 0.1),
}
"""Seconds on and seconds off. Six times apart, so that each is known without the other; under a
hand on the button the light is nearly off, then nearly on."""


class PanelSettings(Protocol):
    """How button and light are wired and used; the configuration's section [panel] is one."""

    @property
    def button_pin(self) -> int:
        """BCM number of the button's pin."""

    @property
    def light_pin(self) -> int:
        """BCM number of the light's pin."""

    @property
    def long_press_s(self) -> float:
        """A press this long closes the camera."""

    @property
    def power_off_s(self) -> float:
        """A press this long, longer than `long_press_s`, switches the machine off."""


class PanelError(RuntimeError):
    """The pins cannot be claimed; the message says which and what to do."""


class PanelBusyError(PanelError):
    """Another program holds a pin, maybe for a moment only: trying again may help."""


class GpioPanel:
    """A button between a pin and ground, and a light between a pin, its resistor and ground.

    gpiozero picks the pins' driver by the environment's GPIOZERO_PIN_FACTORY; `lgpio` is the one
    that works on every Pi. lgpio writes into LG_WD and changes the process's working directory to
    it: relative paths do not survive this.
    """

    def __init__(
        self,
        inbox: Inbox,
        settings: PanelSettings,
        pin_factory: Any = None,
    ) -> None:
        """Claim the pins; presses go into `inbox` from now on.

        A press counts when it is let go: as a short one, one of `long_press_s` or one of
        `power_off_s`; each of the latter two is told as soon as it is that long, too.
        `pin_factory` is one of gpiozero's instead of the environment's. Raises PanelError where
        there are no pins or their driver is missing, PanelBusyError where another program has them.
        """
        self._inbox = inbox
        self._lock = threading.Lock()
        self._longer_s = settings.power_off_s - settings.long_press_s
        # What letting go means now; None: nothing. A button that is down at the start is no press.
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
        """Switch the light to a pattern; the one that is shown already goes on undisturbed."""
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

    # gpiozero and the timer call these in threads of their own. Holding and letting go can
    # coincide: what the light was told last is what letting go does.

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
    """Claim a pin; every driver raises what it likes when that fails."""
    try:
        return make()
    except Exception as error:
        why = str(error).rstrip(".! ") or type(error).__name__
        # lgpio tells the kernel's EBUSY by these words alone ("GPIO busy").
        kind = PanelBusyError if "busy" in why.lower() else PanelError
        raise kind(
            f"the {what} on pin {pin} (BCM) cannot be used: {why}. "
            "On a Raspberry Pi install python3-lgpio, be in the group gpio, stop whoever else "
            "holds the pin and set GPIOZERO_PIN_FACTORY=lgpio; elsewhere set panel.enabled = false"
        ) from error


class NullPanel:
    """The panel of a box without button and light."""

    def show(self, light: Light) -> None:
        """Nobody sees it."""

    def close(self) -> None:
        """Nothing to release."""
