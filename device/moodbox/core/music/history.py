"""Songs that were heard so long ago that their taste was evicted, in the order of hearing.

No song repeats within a quarter of its mood's songs. In a very large mood that quarter is more
songs than tastes are kept for, so of older ones a fingerprint of four bytes is kept. Where two
songs share one, one of them waits longer than necessary.
"""

from __future__ import annotations

import base64
import struct
import zlib
from itertools import islice
from typing import TYPE_CHECKING, Any

from moodbox.core.mood import Mood
from moodbox.core.music.tastes import REMEMBERED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moodbox.core.music.tastes import Heard, Tastes

MOST = 20_000
"""Fingerprints kept per mood. With the 5,000 tastes they cover a quarter of 100,000 songs and take
107 kB of the file; none is kept before more than 5,000 songs of a mood were heard."""

History = dict[Mood, tuple[int, ...]]
"""By mood, the fingerprints of its songs, the latest heard last."""


def fingerprint(uri: str) -> int:
    """Four bytes that identify a song, the same after a restart."""
    return zlib.crc32(uri.encode("utf-8", "surrogatepass"))


def evict(history: History, tastes: Tastes, heard: Heard) -> History:
    """The history after a song was heard; takes in what `learn` will evict from `tastes`.

    `tastes` are those before `learn` took in `heard`.
    """
    songs, known = tastes.get(heard.mood, {}), history.get(heard.mood, ())
    if heard.uri in songs:
        return history
    evicted = [fingerprint(uri) for uri in islice(songs, max(0, len(songs) + 1 - REMEMBERED))]
    gone = {fingerprint(heard.uri), *evicted}
    kept = [each for each in known if each not in gone]
    together = (*kept, *evicted)[-MOST:]
    return {**history, heard.mood: together} if together or known else history


def to_record(history: History) -> dict[str, str]:
    """The history as JSON values: a base64 text for each mood that has any."""
    return {
        str(mood): base64.b64encode(struct.pack(f">{len(known)}I", *known)).decode("ascii")
        for mood, known in history.items()
        if known
    }


def from_record(record: Mapping[str, Any]) -> History:
    """The history from JSON values. Raises ValueError when they are not one."""
    try:
        return {Mood(mood): _fingerprints(text) for mood, text in record.items()}
    except (AttributeError, TypeError, struct.error) as error:
        raise ValueError(f"they are not a history: {error}") from error


def _fingerprints(text: str) -> tuple[int, ...]:
    data = base64.b64decode(text, validate=True)
    return struct.unpack(f">{len(data) // 4}I", data)
