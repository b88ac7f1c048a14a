"""The policy's settings and constants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from moodbox.core.seeing.presence import SittingConfig

if TYPE_CHECKING:
    from moodbox.core.seeing.reading import OperatingPoint

LOW_WATER = 3
"""The queue is topped up when fewer of the box's songs than this are still to come."""

RETRY_S, MOST_RETRY_S = 5.0, 300.0
"""First and longest pause before a target is tried again; each is twice the one before. Without
pauses the box would try without end where every song is broken or the sound card is gone."""

PUT_OFF_S = 0.1
"""Pause before a target is tried again that was put off for somebody at the box."""

CONFIRM_S = 30.0
"""When a sitting is read anew and has a new mood, a second reading checks it after this pause, or
after `reread_s` if that is shorter."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy's settings, from the configuration and the model."""

    point: OperatingPoint
    sitting: SittingConfig = SittingConfig()
    reading_s: float = 4.0
    """Longest reading: then it ends with what it has."""
    again_s: tuple[float, ...] = (10.0, 30.0, 90.0)
    """Pauses before a reading without a mood is repeated in the same sitting."""
    reread_s: float = 0.0
    """Pause between the readings of one sitting; 0: it is read once."""
    pause_when_left: bool = False
    """Whether to pause the box's own music when everybody has left."""
