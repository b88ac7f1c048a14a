"""The policy's settings and constants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from moodbox.core.seeing.presence import SittingConfig
    from moodbox.core.seeing.reading import OperatingPoint

LOW_WATER = 3
"""The queue is topped up when fewer of the box's songs than this are still to come."""

RETRY_S, MOST_RETRY_S = 5.0, 300.0
"""First and longest pause before a target is tried again; each is twice the one before. Without
pauses the box would try without end where every song is broken or the sound card is gone."""

POSTPONED_S = 0.1
"""Pause before a postponed target is tried again."""

CONFIRM_S = 30.0
"""When a sitting is read anew and has a new mood, a second reading checks it after this pause, or
after `reread_s` if that is shorter."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy's settings. Their defaults are those of the configuration (`config.py`)."""

    point: OperatingPoint
    sitting: SittingConfig
    reading_s: float
    """Longest reading: then it ends with what it has."""
    again_s: tuple[float, ...]
    """Pauses before a reading without a mood is repeated in the same sitting."""
    reread_s: float
    """Pause between the readings of one sitting; 0: it is read once."""
    pause_when_left: bool
    """Whether to pause the box's own music when everybody has left."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How often to sense, and how many songs to add."""

    watch_hz: float
    """Frames per second while nobody is read."""
    read_hz: float
    """Frames per second during a reading."""
    songs: int
    """Songs to add to the queue at a time."""
