"""The appliance: whether the camera is closed, and how long the button is held."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from moodbox.core.ports import Hold


@dataclass(frozen=True, slots=True)
class Appliance:
    """Camera, button and power."""

    camera_closed: bool = False
    """A person closed the camera; only the button opens it."""
    holding: Hold | None = None
    """What letting go of the button does now; None while it is up or has been pressed briefly."""
    switching_off: bool = False
    """A person asked for the machine to be switched off."""


def pressed(appliance: Appliance) -> Appliance:
    """A short press: open the camera. It also shows that the machine did not switch off."""
    return replace(appliance, camera_closed=False, holding=None, switching_off=False)


def held_longer(appliance: Appliance) -> Appliance:
    """The button was let go after a very long press: switch the machine off."""
    return replace(appliance, holding=None, switching_off=True)
