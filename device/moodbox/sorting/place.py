"""The words of sorting: where a song lies, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from moodbox.core.mood import Mood

Sound = npt.NDArray[np.float32]
"""How a song sounds, as the ear compares songs: (C,) whitened components."""

QUADRANTS = (Mood.HAPPY, Mood.ANGRY, Mood.SAD, Mood.NEUTRAL)
"""The mood of each quadrant: valence and arousal ++, −+, −−, +−. Calm music is neutral's."""
VALENCE = np.array([1, -1, -1, 1], np.float32)
AROUSAL = np.array([1, 1, -1, -1], np.float32)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a song lies, as far as the ear can tell."""

    probability: tuple[float, float, float, float]
    """Of each of QUADRANTS, together 1."""
    distance: float
    """To the nearest songs that the ear knows; 1 is where it ceases to know that kind of music."""

    @property
    def mood(self) -> Mood:
        """The most probable one."""
        return QUADRANTS[int(np.argmax(self.probability))]

    @property
    def confidence(self) -> float:
        """Probability of `mood`, 0.25–1."""
        return max(self.probability)

    @property
    def valence(self) -> float:
        """Sad or angry −1 to happy or calm 1."""
        return float(np.dot(self.probability, VALENCE))

    @property
    def arousal(self) -> float:
        """Quiet −1 to lively 1."""
        return float(np.dot(self.probability, AROUSAL))


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of one song."""

    place: Place
    sound: Sound
