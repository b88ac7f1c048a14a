"""Which songs come next: liked songs more often, every song sometimes, none again too soon."""

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
"""Share of choices that are songs never heard, while there are any. With 150 songs, 200 plays then
include each of them (for 20 of 20 simulated listeners; with a share of a third, for 6 of 20)."""
OLDEST_SHARE = 1 / 5
"""Share of choices that are the song that waited longest, once every song was heard. So a song
that was often skipped still plays once in five times as many plays as there are songs."""

NEW_AT_LEAST = 20
"""New songs compete in the draw with known ones: as many as there are known songs, but at least
this many. If all of thousands of new songs drew, some would always beat every liked song."""

LATELY = 50
"""How many of the last hearings are searched for a played song that is still in the queue, to see
whether it was heard: the queue keeps 10 played songs, and is topped up with 20 at a time."""


def line_up(heard: Iterable[str], behind: Iterable[str], coming: Iterable[str]) -> list[str]:
    """The line for `choose`, as URIs: songs `heard` before, then the box's songs in the queue.

    `behind` are before the current song in the queue, `coming` from it on. A song in `behind` that
    was heard lately keeps its place among `heard`; another one may still play, in random order, and
    is put after `heard`.
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

    `songs` are URIs of the mood; `total` is how many songs the mood has, where `songs` is only a
    part of them. `line` are the songs that were heard or are in the queue, newest last; of a song
    that occurs twice the last place counts. `history` are fingerprints of songs heard before
    those, newest last.

    Each choice is the best of a Thompson draw (one random number per song, from the distribution
    that its taste gives), or a new song, or the song that waited longest. A song repeats only after
    a quarter of the mood's songs; with two songs or more, none follows itself. Empty when `songs`
    is empty.
    """
    places = _places(songs, line, history)
    waiting = _waiting(places, rng)
    if not waiting:
        return ()
    known, phase = tastes or {}, rng.random()
    apart = max(total, len(waiting)) // 4 or min(len(waiting) - 1, 1)
    # Each chosen song makes at most one more song free to come.
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
        # Draw again, so that one lucky draw does not favour a song for the whole evening.
        draws[uri] = _draw(known.get(uri, Taste()), rng)
    return tuple(chosen)


def _places(songs: Iterable[str], line: Sequence[str], history: Sequence[int]) -> dict[str, float]:
    """Each song's place in line: -1 for the newest, -2 for the one before it, or NEVER.

    `choose` gives the songs that it chooses places from 0 on.
    """
    newest_first = dict.fromkeys(chain(map(fingerprint, reversed(line)), reversed(history)))
    places = {each: -at for at, each in enumerate(newest_first, 1)}
    return {uri: places.get(fingerprint(uri), NEVER) for uri in songs}


def _waiting(places: Mapping[str, float], rng: random.Random) -> list[str]:
    """The songs: those never heard in random order, then the others, longest waiting first."""
    waiting = list(places)
    rng.shuffle(waiting)
    return sorted(waiting, key=places.__getitem__)


def _free(waiting: Sequence[str], places: Mapping[str, float], before: float) -> int:
    """How many songs, from the first of `waiting` on, have a place below `before`."""
    return bisect_left(waiting, before, key=places.__getitem__)


def _draws(
    may_come: Sequence[str],
    places: Mapping[str, float],
    tastes: Mapping[str, Taste],
    rng: random.Random,
) -> dict[str, float]:
    """A draw for each known song in `may_come`, and for some new ones (see `NEW_AT_LEAST`)."""
    new = [uri for uri in may_come if places[uri] == NEVER and uri not in tastes]
    known = [uri for uri in may_come if places[uri] != NEVER or uri in tastes]
    all_known = sum(place != NEVER or uri in tastes for uri, place in places.items())
    competing = known + new[: max(all_known, NEW_AT_LEAST)]
    return {uri: _draw(tastes.get(uri, Taste()), rng) for uri in competing}


def _draw(taste: Taste, rng: random.Random) -> float:
    """A random guess at how well the song is liked, 0 to 1; the less is known, the wider."""
    return rng.betavariate(1 + taste.finished, 1 + taste.skipped)


def _is_due(phase: float, number: int, share: float) -> bool:
    """Whether choice `number` belongs to the share; such choices are evenly spread from `phase`."""
    return math.floor(phase + (number + 1) * share) > math.floor(phase + number * share)
