"""Half an hour of silence a song, that takes no room: a day of minutes never hears its end."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING

from moodbox.core.mood import Mood
from tests.support.person import ALBUM

if TYPE_CHECKING:
    from pathlib import Path

SONG_S = 1800
RATE_HZ = 8000
SONGS = 8
"""Songs a mood; more than are queued at a time."""


def write_silence(music: Path) -> None:
    """Fill the folder of every mood, and a person's album."""
    music.mkdir(parents=True)
    names = [f"{mood}/{number:02d}.wav" for mood in Mood for number in range(1, SONGS + 1)]
    for name in (*names, *ALBUM):
        path = music / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(_header())
        os.truncate(path, len(_header()) + SONG_S * RATE_HZ)


def _header() -> bytes:
    """Of a WAV file of 8-bit mono; `wave` would put right the length of what is left out."""
    size = SONG_S * RATE_HZ
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE_HZ, RATE_HZ, 1, 8)
    return (
        struct.pack("<4sI4s", b"RIFF", 36 + size, b"WAVE")
        + form
        + struct.pack("<4sI", b"data", size)
    )
