"""Which songs come next: what is liked more often, each in its turn, and none again too soon."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from moodbox.core.tastes import Taste

if TYPE_CHECKING:
    import random
    from collections.abc import Container, Iterable, Mapping, Sequence

APART_MOST = 2500
"""Most songs between a song and its return. A quarter of 10,000 songs, more than 100 hours: in
larger moods, what is liked would otherwise not be heard again within a year."""

NEW_SHARE = 1 / 2
"""Songs that are taken from those never heard, while there are any. With 150 songs, 200 plays then
hear each of them (20 of 20 simulated listeners; with a third, 6 of 20)."""
TURN_SHARE = 1 / 5
"""Later, songs that are taken because they have waited longest: so even what was often skipped
comes once in five times as many plays as there are songs."""

NEW_AT_LEAST = 20
"""New songs that compete with the known at the least; else as many as are known. Of thousands that
nobody has heard, some always draw better than all that is known to be liked."""


def choose(
    songs: Sequence[str],
    count: int,
    line: Sequence[str],
    rng: random.Random,
    tastes: Mapping[str, Taste] | None = None,
    total: int = 0,
) -> tuple[str, ...]:
    """Choose the next `count` songs of a mood, in the order in which to play them.

    `songs` are URIs of the mood; `total` is how many it has when these are a part. `line` is what
    was heard before or stands in the queue, newest last; a song that stands in it twice counts
    where it stands last. Each song is the best of a Thompson draw
    (a number for each song, drawn from what its tastes make likely), or a new one, or the one that
    waited longest. No song comes again until a quarter of the mood's songs (at most APART_MOST) lie
    in between; from two songs on, none follows itself. Empty when `songs` is.
    """
    line = list(dict.fromkeys(reversed(line)))[::-1]
    waiting = _waiting(songs, line, rng)
    if not waiting:
        return ()
    known = tastes or {}
    heard, phase = set(line), rng.random()
    draws = _draws(waiting, heard, known, rng)
    apart = min(max(total, len(waiting)) // 4, APART_MOST) or min(len(waiting) - 1, 1)
    recent = list(line)
    for number in range(count):
        barred = set(recent[-apart:]) if apart else set()
        candidates = [uri for uri in waiting if uri not in barred] or waiting[:1]
        share = TURN_SHARE if candidates[0] in heard else NEW_SHARE
        uri = candidates[0]
        if not _is_due(phase, number, share):
            uri = max(candidates, key=lambda uri: draws.get(uri, -1.0))
        waiting.remove(uri)
        waiting.append(uri)
        recent.append(uri)
        heard.add(uri)
        # Drawn anew, so that one lucky draw does not rule a small mood for the whole evening.
        draws[uri] = _draw(known.get(uri, Taste()), rng)
    return tuple(recent[len(line) :])


def _waiting(songs: Iterable[str], line: Sequence[str], rng: random.Random) -> list[str]:
    """The songs, each once: those never heard in random order, then whichever waited longest."""
    last = {uri: at for at, uri in enumerate(line)}
    waiting = list(dict.fromkeys(songs))
    rng.shuffle(waiting)
    return sorted(waiting, key=lambda uri: last.get(uri, -1))


def _draws(
    waiting: Sequence[str], heard: Container[str], tastes: Mapping[str, Taste], rng: random.Random
) -> dict[str, float]:
    """A draw for each song that is known, and for about as many new ones."""
    known = [uri for uri in waiting if uri in heard or uri in tastes]
    new = [uri for uri in waiting if uri not in heard and uri not in tastes]
    competing = known + new[: max(len(known), NEW_AT_LEAST)]
    return {uri: _draw(tastes.get(uri, Taste()), rng) for uri in competing}


def _draw(taste: Taste, rng: random.Random) -> float:
    """How well the song may be liked, 0 to 1: the less is known, the more is left to chance."""
    return rng.betavariate(1 + taste.finished, 1 + taste.skipped)


def _is_due(phase: float, number: int, share: float) -> bool:
    """Whether the `number`th choice belongs to a share, which is spread evenly from `phase` on."""
    return math.floor(phase + (number + 1) * share) > math.floor(phase + number * share)
