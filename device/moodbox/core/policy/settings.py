"""The numbers that the policy goes by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from moodbox.core.seeing.presence import SittingConfig

if TYPE_CHECKING:
    from moodbox.core.seeing.reading import OperatingPoint

LOW_WATER = 3
"""Songs of the box's still to come at which the queue is topped up."""

RETRY_S, MOST_RETRY_S = 5.0, 300.0
"""Pauses before a target mood is tried again, each twice the one before: where every song of a mood
is broken, or the sound card is gone, trying at once would go on for ever."""

PUT_OFF_S = 0.1
"""Pause before a target is tried again that was put off for somebody at the box."""

CONFIRM_S = 30.0
"""A reading anew that sees another mood is followed by a second one after this, at the latest."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the configuration and the model say of the policy."""

    point: OperatingPoint
    sitting: SittingConfig = SittingConfig()
    reading_s: float = 4.0
    """A reading that is not sure by then ends undecided."""
    again_s: tuple[float, ...] = (10.0, 30.0, 90.0)
    """Pauses before undecided readings of one sitting are repeated."""
    reread_s: float = 0.0
    """Pause between the readings of one sitting; 0: it is read once."""
    pause_when_left: bool = False
    """Whether the box's own music is paused when everybody has left."""
