"""What happens in a day: drawn from a seed alone, so that the seed brings the same day again."""

from __future__ import annotations

import random
from dataclasses import dataclass

from moodbox.core.mood import Mood
from tests.support.person import ACTS

ACCIDENTS = {
    "MPD restarts": 8,
    "MPD is killed": 8,
    "MPD is away": 8,
    "MPD stalls": 12,
    "the camera fails": 20,
    "the camera hangs": 6,
    "it is dark": 20,
    "the disk is away": 8,
    "the box is killed": 12,
    "MPD is killed in a plan": 8,
    "MPD stalls in a plan": 8,
    "the disk goes in a plan": 8,
    "the box is killed in a plan": 8,
}
"""Each with its share among a thousand happenings."""

WORDS = {"press": 200, "message": 80, "camera off and on": 10, "a song ends": 300}
HANDS = 308
"""Of a thousand, what a person does in a client."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens `after_s` seconds after the one before."""

    after_s: float
    what: str
    """A key of `ACCIDENTS` or `WORDS`, or one of a person's acts."""
    number: int
    """0–99: for how long, with which song, with which mood."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """Somebody sits down in a mood; things happen; they leave."""

    mood: Mood
    stays_s: float
    happenings: tuple[Happening, ...]
    away_s: float


def draw(seed: int, sittings: int) -> list[Sitting]:
    """A day of so many sittings."""
    rng = random.Random(seed)
    shares = {**ACCIDENTS, **WORDS, **{act: HANDS / len(ACTS) for act in ACTS}}
    kinds, weights = list(shares), list(shares.values())

    def happening() -> Happening:
        (what,) = rng.choices(kinds, weights)
        return Happening(rng.uniform(0, 4), what, rng.randrange(100))

    return [
        Sitting(
            rng.choice(list(Mood)),
            rng.uniform(5, 12),
            tuple(happening() for _ in range(rng.choice((0, 0, 1, 1, 2)))),
            rng.uniform(16, 24),
        )
        for _ in range(sittings)
    ]
