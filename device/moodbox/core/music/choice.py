"""Which songs come next: what is liked more often, each in its turn, and none again too soon."""

from __future__ import annotations

import math
from bisect import bisect_left
from itertools import chain
from typing import TYPE_CHECKING

from moodbox.core.music.history import fingerprint
from moodbox.core.music.tastes import Taste

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Mapping, Sequence

NEVER = -math.inf
"""The place in line of a song that was never heard."""

NEW_SHARE = 1 / 2
"""Songs that are taken from those never heard, while there are any. With 150 songs, 200 plays then
hear each of them (20 of 20 simulated listeners; with a third, 6 of 20)."""
OLDEST_SHARE = 1 / 5
"""Later, songs that are taken because they have waited longest: so even what was often skipped
comes once in five times as many plays as there are songs."""

NEW_AT_LEAST = 20
"""New songs that compete with the known at the least; else as many as are known. Of thousands that
nobody has heard, some always draw better than all that is known to be liked."""

LATELY = 50
"""Hearings among which a song that lies played in the queue has its own, if it had any: the queue
keeps 10 songs behind the current one, and is filled up with 20 at a time."""


def line_up(heard: Iterable[str], behind: Iterable[str], coming: Iterable[str]) -> list[str]:
    """The line for `choose`: songs heard before, and the box's that stand in the queue.

    `behind` lie before the current song. They keep the place of their hearing; which of them was
    not heard may yet come, in random order.
    """
    line = list(heard)
    lately = set(line[-LATELY:])
    return [*line, *(uri for uri in behind if uri not in lately), *coming]


def choose(
    songs: Iterable[str],
    count: int,
    line: Sequence[str],
    rng: random.Random,
    tastes: Mapping[str, Taste] | None = None,
    total: int = 0,
    history: Sequence[int] = (),
) -> tuple[str, ...]:
    """Choose the next `count` songs of a mood, in the order in which to play them.

    `songs` are URIs of the mood; `total` is how many it has when these are a part. `line` is what
    was heard before or stands in the queue, newest last; a song that stands in it twice counts
    where it stands last. `history` are the marks of songs heard before those, newest last.

    Each song is the best of a Thompson draw (a number for each song, drawn from what its tastes
    make likely), or a new one, or the one that waited longest. No song comes again until a quarter
    of the mood's songs lie in between; from two songs on, none follows itself. Empty when `songs`
    is.
    """
    places = _places(songs, line, history)
    waiting = _waiting(places, rng)
    if not waiting:
        return ()
    known, phase = tastes or {}, rng.random()
    apart = max(total, len(waiting)) // 4 or min(len(waiting) - 1, 1)
    # As songs are chosen, others come free, but no more than are chosen.
    may_come = waiting[: _free(waiting, places, -apart) + count]
    draws = _draws(may_come, places, known, rng)
    chosen: list[str] = []
    for number in range(count):
        candidates = waiting[: _free(waiting, places, number - apart)] or waiting[:1]
        share = NEW_SHARE if places[candidates[0]] == NEVER else OLDEST_SHARE
        uri = candidates[0]
        if not _is_due(phase, number, share):
            uri = max(candidates, key=lambda uri: draws.get(uri, -1.0))
        waiting.remove(uri)
        waiting.append(uri)
        places[uri] = number
        chosen.append(uri)
        # Drawn anew, so that one lucky draw does not rule a small mood for the whole evening.
        draws[uri] = _draw(known.get(uri, Taste()), rng)
    return tuple(chosen)


def _places(songs: Iterable[str], line: Sequence[str], history: Sequence[int]) -> dict[str, float]:
    """Where each song stands in line: -1 the last that was heard, -2 the one before it, or NEVER.

    The songs are chosen from 0 on.
    """
    newest_first = dict.fromkeys(chain(map(fingerprint, reversed(line)), reversed(history)))
    places = {each: -at for at, each in enumerate(newest_first, 1)}
    return {uri: places.get(fingerprint(uri), NEVER) for uri in songs}


def _waiting(places: Mapping[str, float], rng: random.Random) -> list[str]:
    """The songs: those never heard in random order, then whichever waited longest."""
    waiting = list(places)
    rng.shuffle(waiting)
    return sorted(waiting, key=places.__getitem__)


def _free(waiting: Sequence[str], places: Mapping[str, float], before: float) -> int:
    """How many of those who wait, from the first on, stand in line before this place."""
    return bisect_left(waiting, before, key=places.__getitem__)


def _draws(
    may_come: Sequence[str],
    places: Mapping[str, float],
    tastes: Mapping[str, Taste],
    rng: random.Random,
) -> dict[str, float]:
    """A draw for each known song that may come, and for about as many new ones as are known."""
    new = [uri for uri in may_come if places[uri] == NEVER and uri not in tastes]
    known = [uri for uri in may_come if places[uri] != NEVER or uri in tastes]
    all_known = sum(place != NEVER or uri in tastes for uri, place in places.items())
    competing = known + new[: max(all_known, NEW_AT_LEAST)]
    return {uri: _draw(tastes.get(uri, Taste()), rng) for uri in competing}


def _draw(taste: Taste, rng: random.Random) -> float:
    """How well the song may be liked, 0 to 1: the less is known, the more is left to chance."""
    return rng.betavariate(1 + taste.finished, 1 + taste.skipped)


def _is_due(phase: float, number: int, share: float) -> bool:
    """Whether the `number`th choice belongs to a share, which is spread evenly from `phase` on."""
    return math.floor(phase + (number + 1) * share) > math.floor(phase + number * share)
