"""What is liked within a mood: learned from what is heard to its end and what is skipped.

The same song may be loved when happy and skipped when sad, so each mood has its own tastes. They
also say in which order a mood's songs were heard, and nothing of when.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from moodbox.core.mood import Mood

if TYPE_CHECKING:
    from collections.abc import Mapping

REMEMBERED = 5000
"""Songs of a mood whose taste is kept, the latest heard: at most a file of 2 MB, after years."""

FADING = 0.9
"""What an earlier hearing still counts when a new one is added: tastes change, and some ten
hearings are the most that speak for a song or against it."""

MOST_HEARINGS = 1000.0
"""More were never counted: they fade. A file that says so is damaged; of 1e308 no draw ends."""

RATING_WEIGHT = 4.0
"""Hearings that another client's rating is worth: a considered word, but a life's habits outweigh
it."""


@dataclass(frozen=True, slots=True)
class Taste:
    """How often a song was heard to its end and skipped, older hearings fading."""

    finished: float = 0.0
    skipped: float = 0.0

    def after(self, liked: bool | None) -> Taste:
        """With one more hearing: to its end (True), skipped (False), or neither (None)."""
        if liked is None:
            return self
        return Taste(self.finished * FADING + liked, self.skipped * FADING + (not liked))


@dataclass(frozen=True, slots=True)
class Heard:
    """A song that was heard in a mood, and came to its end there, or did not.

    Also one that a person took out before its turn: neither, but it has had its turn.
    """

    mood: Mood
    uri: str
    liked: bool | None
    """True: heard to its end, or nearly. False: skipped at once. None: neither."""


@dataclass(frozen=True, slots=True)
class Ratings:
    """What other clients keep of a song in MPD's stickers."""

    rating: int | None = None
    """1 to 10; None without one, and for 0, by which clients take a rating back."""
    like: int | None = None
    """0 disliked, 1 neither, 2 liked; None without one."""


Tastes = dict[Mood, dict[str, Taste]]
"""By mood and URI; of a mood in the order in which its songs were last heard, the latest last."""


def learn(tastes: Tastes, heard: Heard) -> Tastes:
    """Tastes after a song was heard; of too many, what was heard longest ago is forgotten."""
    songs = dict(tastes.get(heard.mood, {}))
    taste = songs.pop(heard.uri, Taste())
    songs[heard.uri] = taste.after(heard.liked)
    while len(songs) > REMEMBERED:
        del songs[next(iter(songs))]
    return {**tastes, heard.mood: songs}


def with_ratings(tastes: Mapping[str, Taste], ratings: Mapping[str, Ratings]) -> dict[str, Taste]:
    """A mood's tastes with what other clients say of the songs, in whatever mood."""
    together = dict(tastes)
    for uri, of_song in ratings.items():
        for share in _shares(of_song):
            taste = together.get(uri, Taste())
            together[uri] = replace(
                taste,
                finished=taste.finished + RATING_WEIGHT * share,
                skipped=taste.skipped + RATING_WEIGHT * (1 - share),
            )
    return together


def _shares(ratings: Ratings) -> list[float]:
    """Each thing that they say, from 0 (bad) to 1 (good)."""
    said = []
    if ratings.rating:
        said.append((min(ratings.rating, 10) - 1) / 9)
    if ratings.like in (0, 2):
        said.append(ratings.like / 2)
    return said


def to_record(tastes: Tastes) -> dict[str, Any]:
    """Tastes as JSON values."""
    return {
        str(mood): {
            uri: [round(taste.finished, 3), round(taste.skipped, 3)] for uri, taste in songs.items()
        }
        for mood, songs in tastes.items()
    }


def from_record(record: Mapping[str, Any]) -> Tastes:
    """Tastes from JSON values. Raises ValueError when they are none."""
    try:
        return {
            Mood(mood): {str(uri): _taste(*counts) for uri, counts in songs.items()}
            for mood, songs in record.items()
        }
    except (AttributeError, TypeError) as error:
        raise ValueError(f"they are no tastes: {error}") from error


def _taste(finished: float, skipped: float) -> Taste:
    counts = (float(finished), float(skipped))
    if not all(0 <= count <= MOST_HEARINGS for count in counts):
        raise ValueError(f"{finished!r} and {skipped!r} are no numbers of hearings")
    return Taste(*counts)
