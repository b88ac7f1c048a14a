"""Tastes: what is liked in a mood, learned from songs heard to their end and songs skipped.

The same song may be liked in one mood and skipped in another, so each mood has its own tastes.
They also keep the order in which a mood's songs were last heard, but no dates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from moodbox.core.mood import Mood

if TYPE_CHECKING:
    from collections.abc import Mapping

REMEMBERED = 5000
"""Songs of a mood whose taste is kept, the latest heard: a file of at most 2 MB."""

FADING = 0.9
"""Factor on all earlier hearings with each new one: tastes change. So the hearings for or against a
song sum to 10 at most."""

MOST_HEARINGS = 1000.0
"""Largest count that a file may hold. Fading keeps real counts far below, so a larger one means
damage; with 1e308 a draw would never end."""

RATING_WEIGHT = 4.0
"""A rating by another client counts as this many hearings: much, but less than long habit."""


@dataclass(frozen=True, slots=True)
class Taste:
    """How often a song was heard to its end and how often skipped; older hearings count less."""

    finished: float = 0.0
    skipped: float = 0.0

    def after(self, liked: bool | None) -> Taste:
        """The taste after one more hearing: to its end (True), skipped (False), neither (None)."""
        if liked is None:
            return self
        return Taste(self.finished * FADING + liked, self.skipped * FADING + (not liked))


@dataclass(frozen=True, slots=True)
class Heard:
    """A song that was heard in a mood.

    Also a song that a person removed before it played: `liked` is None, and the song waits as if it
    had been heard.
    """

    mood: Mood
    uri: str
    liked: bool | None
    """True: heard to its end (see `listening`). False: skipped at once. None: neither."""


@dataclass(frozen=True, slots=True)
class Ratings:
    """A song's ratings by other clients, from MPD's stickers."""

    rating: int | None = None
    """1 to 10; None without one; 0 means that a client withdrew the rating."""
    like: int | None = None
    """0 disliked, 1 neither, 2 liked; None without one."""


Tastes = dict[Mood, dict[str, Taste]]
"""By mood and URI; the songs of a mood in the order in which they were last heard, latest last."""


def learn(tastes: Tastes, heard: Heard) -> Tastes:
    """Tastes after a song was heard; evicts those heard longest ago when there are too many."""
    songs = dict(tastes.get(heard.mood, {}))
    taste = songs.pop(heard.uri, Taste())
    songs[heard.uri] = taste.after(heard.liked)
    while len(songs) > REMEMBERED:
        del songs[next(iter(songs))]
    return {**tastes, heard.mood: songs}


def with_ratings(tastes: Mapping[str, Taste], ratings: Mapping[str, Ratings]) -> dict[str, Taste]:
    """A mood's tastes combined with other clients' ratings, which count in every mood."""
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
    """Each rating that there is, scaled from 0 (bad) to 1 (good)."""
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
    """Tastes from JSON values. Raises ValueError when they are not tastes."""
    try:
        return {
            Mood(mood): {str(uri): _taste(*counts) for uri, counts in songs.items()}
            for mood, songs in record.items()
        }
    except (AttributeError, TypeError) as error:
        raise ValueError(f"they are not tastes: {error}") from error


def _taste(finished: float, skipped: float) -> Taste:
    counts = (float(finished), float(skipped))
    if not all(0 <= count <= MOST_HEARINGS for count in counts):
        raise ValueError(f"{finished!r} and {skipped!r} are not counts of hearings")
    return Taste(*counts)
