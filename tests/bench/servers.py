"""Real MPD servers with as many songs as wanted, made in seconds."""

from __future__ import annotations

import contextlib
import gzip
import os
from typing import TYPE_CHECKING, TextIO

from moodbox.core.mood import Mood
from tests.mpd_server import MpdServer, write_song

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SONG_S = 20.0
ALBUM = 100
"""Songs in a folder: MPD compares each song's name with all others of its folder."""
HEADER_END = "info_end\n"


class _Ready(MpdServer):
    """A server that takes its database as it is."""

    def update(self) -> None:
        """Nothing: MPD reads at idle priority, 100,000 files on a busy machine for many minutes."""


@contextlib.contextmanager
def server_of(songs: int, folder: Path) -> Iterator[MpdServer]:
    """An MPD in `folder` with `songs` songs, evenly divided among the moods, in albums of 100.

    Each mood's songs are hard links of one tone of 20 s. MPD itself reads the first of each mood;
    its database is then written on from there, in MPD's own format.
    """
    music, home = folder / "music", folder / "mpd"
    for mood in Mood:
        write_song(music / mood / _album(0) / _name(0), SONG_S)
    with MpdServer(home, music):
        pass
    each = songs // len(Mood)
    for mood in Mood:
        for number in range(1, each):
            (music / mood / _album(number)).mkdir(exist_ok=True)
            first = music / mood / _album(0) / _name(0)
            os.link(first, music / mood / _album(number) / _name(number))
    _write_database(home / "database", each)
    with _Ready(home, music) as server:
        yield server


def _album(number: int) -> str:
    return f"{number // ALBUM:03d}"


def _name(number: int) -> str:
    return f"{number % ALBUM:02d}.wav"


def _write_database(path: Path, each: int) -> None:
    """Write MPD's own database anew, with `each` songs a mood; its header is kept."""
    header, end, _ = gzip.decompress(path.read_bytes()).decode().partition(HEADER_END)
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        file.write(header + end)
        for mood in Mood:
            file.write(f"directory: {mood}\nbegin: {mood}\n")
            for start in range(0, each, ALBUM):
                _write_album(file, f"{mood}/{_album(start)}", min(ALBUM, each - start))
            file.write(f"end: {mood}\n")


def _write_album(file: TextIO, path: str, songs: int) -> None:
    file.write(f"directory: {path.rpartition('/')[2]}\nbegin: {path}\n")
    for number in range(songs):
        file.write(f"song_begin: {_name(number)}\nTime: {SONG_S:f}\nFormat: 8000:16:1\nsong_end\n")
    file.write(f"end: {path}\n")
