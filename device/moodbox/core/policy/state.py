"""Everything the box knows, as one frozen value of nested parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from moodbox.core.policy.appliance import Appliance
from moodbox.core.policy.control import Control
from moodbox.core.policy.events import Want
from moodbox.core.policy.playing import Playing
from moodbox.core.policy.seeing import Seeing, not_asked
from moodbox.core.policy.triggers import Triggers

if TYPE_CHECKING:
    from moodbox.core.music.listening import Listening
    from moodbox.core.policy.commands import Command


@dataclass(frozen=True, slots=True)
class State:
    """Everything the box knows. Times are seconds of the loop's clock."""

    seeing: Seeing = Seeing()
    """Who sits here and how they are read."""
    playing: Playing = Playing()
    """What plays and what is to play."""
    control: Control = Control()
    """Who controls the music, and the ownership of songs."""
    triggers: Triggers = Triggers()
    """Requests by trigger track, and what is to be restored."""
    listening: Listening | None = None
    """The box's own song that is being heard; None when none is."""
    appliance: Appliance = Appliance()
    """Whether the camera is closed, and how long the button is held."""

    @property
    def want(self) -> Want:
        """What the camera should do."""
        if self.appliance.camera_closed:
            return Want.OFF
        return Want.READ if self.seeing.attempt else Want.WATCH


Step = tuple[State, tuple["Command", ...]]
"""The new state, and the commands to carry out, in order."""


def drop_requests(state: State) -> State:
    """A user action came after a press: drop the target, and no reading counts as asked for."""
    return replace(
        state,
        seeing=not_asked(state.seeing),
        playing=replace(state.playing, target=None),
    )
