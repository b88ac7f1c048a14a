"""What people say of songs by moving them between playlists, and how far the box follows.

Near a song that was corrected, in sound, the probability of its mood moves by a bounded step that
fades with the distance; far from all corrections nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from moodbox.sorting.place import QUADRANTS, Place, Sound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moodbox.core.mood import Mood

ENOUGH = 20
"""Corrections before the box's own judgement moves: fewer may be whims."""
WIDTH = 3.0
"""Distance at which a correction counts half. Of the 730 songs that the ear learned from, the
nearest other one lies at 4.8 (median), any other at 8.2: there one counts .17 and .006."""
MOST = 1.0
"""Logits by which all corrections together may move a song: 50 % becomes 73 % at most."""
SAME_SOUND = 0.05
"""Distance within which two files are the same recording under another name."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's word on one song and one mood."""

    mood: Mood
    uri: str
    belongs: bool
    """True where they put it in, False where they took it out."""
    sound: Sound | None
    """None where the song was never heard, as a stream."""

    def is_of(self, uri: str, sound: Sound | None) -> bool:
        """Whether it speaks of this song, also under a new name."""
        if self.uri == uri:
            return True
        if sound is None or self.sound is None or len(sound) != len(self.sound):
            return False
        return float(np.linalg.norm(sound - self.sound)) < SAME_SOUND


class Taste:
    """The box's judgement, moved by corrections."""

    def __init__(self, corrections: Sequence[Correction]) -> None:
        told = [c for c in corrections if c.sound is not None and c.mood in QUADRANTS]
        self._active = len(told) >= ENOUGH
        self._sounds = np.array([c.sound for c in told], np.float32)
        self._pull = np.zeros((len(told), len(QUADRANTS)), np.float32)
        for row, correction in enumerate(told):
            sign = 1 if correction.belongs else -1
            self._pull[row, QUADRANTS.index(correction.mood)] = sign

    def moved(self, place: Place, sound: Sound) -> Place:
        """The place of a song after the corrections of songs that sound like it."""
        if not self._active:
            return place
        squares = ((self._sounds - sound) ** 2).sum(1)
        nearness = 0.5 ** (squares / WIDTH**2)
        # One near correction moves half of MOST, many agreeing ones towards all of it.
        shift = MOST * (nearness @ self._pull) / (1 + nearness.sum())
        odds = np.array(place.probability) * np.exp(shift)
        a, b, c, d = (float(value) for value in odds / odds.sum())
        return replace(place, probability=(a, b, c, d))
