"""Which songs come next: a draw among a mood's songs that keeps away from the latest ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Mapping, Sequence

REMEMBERED = 2500
"""Songs remembered as played: a quarter of the most candidates (2,000) of each of five moods."""


def choose(
    songs: Sequence[str],
    count: int,
    recent: Sequence[str],
    rng: random.Random,
    weights: Mapping[str, float] | None = None,
) -> tuple[str, ...]:
    """Draw the next `count` songs of a mood, in the order in which to play them.

    `songs` are the URIs of the mood; `recent` what was played or queued, of any mood, newest last.
    No song comes again until a quarter of the mood's songs lie in between, and each comes once
    before any comes twice. From two songs on, none follows itself; a single one is repeated.
    `weights` (URI → how often it comes, relative to 1 for a song that is not in it) must not be
    negative; songs of weight 0 come only when nothing else may. Empty when `songs` is.
    """
    pool = list(dict.fromkeys(songs))
    if not pool:
        return ()
    apart = max(len(pool) // 4, 1) if len(pool) > 1 else 0
    mine = set(pool)
    line = [uri for uri in recent if uri in mine]
    first = len(line)
    unused = list(pool)
    for _ in range(count):
        barred = set(line[-apart:]) if apart else set()
        candidates = [uri for uri in unused if uri not in barred]
        if not candidates:  # every song had its turn: begin the round anew
            unused = list(pool)
            candidates = [uri for uri in unused if uri not in barred]
        uri = _draw(candidates, rng, weights)
        unused.remove(uri)
        line.append(uri)
    return tuple(line[first:])


def remember(recent: Sequence[str], uris: Iterable[str], most: int = REMEMBERED) -> tuple[str, ...]:
    """What was played, with `uris` as the newest; the oldest beyond `most` are forgotten."""
    return (*recent, *uris)[-most:]


def _draw(
    candidates: Sequence[str], rng: random.Random, weights: Mapping[str, float] | None
) -> str:
    """Draw one song; evenly when no candidate has any weight."""
    if weights is not None:
        shares = [weights.get(uri, 1.0) for uri in candidates]
        if sum(shares) > 0:
            return rng.choices(candidates, shares)[0]
    return rng.choice(candidates)
