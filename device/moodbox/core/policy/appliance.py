"""The appliance: whether its camera is closed, and what its button is held for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from moodbox.core.ports import Hold


@dataclass(frozen=True, slots=True)
class Appliance:
    """The box as a thing with a camera, a button and a power supply."""

    camera_closed: bool = False
    """A person closed the camera; only the button opens it."""
    holding: Hold | None = None
    """What letting go of the button would do; None while it is up, or down for a moment only."""
    switching_off: bool = False
    """A person asked for the machine to be switched off."""


def pressed(appliance: Appliance) -> Appliance:
    """A short press opens the camera; whoever still can press shows that the machine is on."""
    return replace(appliance, camera_closed=False, holding=None, switching_off=False)


def held_longer(appliance: Appliance) -> Appliance:
    """A very long press, let go."""
    return replace(appliance, holding=None, switching_off=True)
