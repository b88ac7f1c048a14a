"""Songs that were heard so long ago that their taste is forgotten, in the order of their hearing.

Of a vast mood a quarter is more songs than tastes are kept for. Four bytes of each are enough to
know it again: where two songs share them, one of the two waits longer than it had to.
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
"""Songs of a mood that are known again beyond those whose taste is kept: a quarter of 100,000 songs
together, for 107 kB of the file, and none of it before 5,000 songs of a mood were heard."""

History = dict[Mood, tuple[int, ...]]
"""By mood, the marks of its songs, the latest heard last."""


def fingerprint(uri: str) -> int:
    """Four bytes by which a song is known again, the same over restarts."""
    return zlib.crc32(uri.encode("utf-8", "surrogatepass"))


def evict(history: History, tastes: Tastes, heard: Heard) -> History:
    """Earlier hearings after a song was heard; `tastes` are those before it was learned of."""
    songs, marks = tastes.get(heard.mood, {}), history.get(heard.mood, ())
    if heard.uri in songs:
        return history
    forgotten = [fingerprint(uri) for uri in islice(songs, max(0, len(songs) + 1 - REMEMBERED))]
    gone = {fingerprint(heard.uri), *forgotten}
    kept = [each for each in marks if each not in gone]
    together = (*kept, *forgotten)[-MOST:]
    return {**history, heard.mood: together} if together or marks else history


def to_record(history: History) -> dict[str, str]:
    """Earlier hearings as JSON values: a text for each mood that has any."""
    return {
        str(mood): base64.b64encode(struct.pack(f">{len(marks)}I", *marks)).decode("ascii")
        for mood, marks in history.items()
        if marks
    }


def from_record(record: Mapping[str, Any]) -> History:
    """Earlier hearings from JSON values. Raises ValueError when they are none."""
    try:
        return {Mood(mood): _fingerprints(text) for mood, text in record.items()}
    except (AttributeError, TypeError, struct.error) as error:
        raise ValueError(f"they are no history hearings: {error}") from error


def _fingerprints(text: str) -> tuple[int, ...]:
    data = base64.b64decode(text, validate=True)
    return struct.unpack(f">{len(data) // 4}I", data)
