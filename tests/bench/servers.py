"""Real MPD servers with as many songs as wanted, made in seconds."""

from __future__ import annotations

import contextlib
import gzip
import os
from typing import TYPE_CHECKING

from moodbox.core.mood import Mood
from tests.mpd_server import MpdServer, write_song

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SONG_S = 20.0
HEADER_END = "info_end\n"


@contextlib.contextmanager
def server_of(songs: int, folder: Path) -> Iterator[MpdServer]:
    """An MPD in `folder` with `songs` songs, evenly divided among the moods.

    Each mood's songs are hard links of one tone of 20 s. MPD reads 100,000 files in a minute or
    two; so it reads one a mood, and its database is written on from there. The update at its next
    start compares every file with it and finds nothing new.
    """
    music = folder / "music"
    for mood in Mood:
        write_song(music / mood / _name(0), SONG_S)
    with MpdServer(folder / "mpd", music) as server:
        server.stop()
        for mood in Mood:
            for number in range(1, songs // len(Mood)):
                os.link(music / mood / _name(0), music / mood / _name(number))
        _write_database(folder / "mpd" / "database", music, songs // len(Mood))
        server.start()
        yield server


def _name(number: int) -> str:
    return f"{number:05d}.wav"


def _write_database(path: Path, music: Path, songs: int) -> None:
    """Write MPD's own database anew, with `songs` songs a mood; its header is kept."""
    header, end, _ = gzip.decompress(path.read_bytes()).decode().partition(HEADER_END)
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        file.write(header + end)
        for mood in Mood:
            song_s = int((music / mood / _name(0)).stat().st_mtime)
            folder_s = int((music / mood).stat().st_mtime)
            file.write(f"directory: {mood}\nmtime: {folder_s}\nbegin: {mood}\n")
            for number in range(songs):
                file.write(
                    f"song_begin: {_name(number)}\nTime: {SONG_S:f}\nFormat: 8000:16:1\n"
                    f"mtime: {song_s}\nsong_end\n"
                )
            file.write(f"end: {mood}\n")
