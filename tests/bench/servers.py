"""Real MPD servers with as many songs as wanted, made in seconds."""

from __future__ import annotations

import contextlib
import gzip
import os
from typing import TYPE_CHECKING, TextIO

from moodbox.core.mood import Mood
from tests.support.mpd_server import MpdServer, write_song

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SONG_S = 20.0
ALBUM = 100
"""Songs in a folder: MPD compares each song's name with all others of its folder."""
LINKS = 50_000
"""Hard links of one file: ext4 knows no more than 65,000."""
HEADER_END = "info_end\n"


class KnowingServer(MpdServer):
    """A server that knows its music without reading it, and never looks for changes.

    MPD reads its music at idle priority: beside other work, 100,000 files take many minutes, and
    each restart its time. So its database is written for it, in MPD's own format.
    """

    def __init__(self, folder: Path, music: Path, song_s: float, more_config: str = "") -> None:
        """`music` holds WAV files of 8,000 Hz alone, each `song_s` seconds long."""
        write_song(folder / "one" / "song.wav", 0.1)
        with MpdServer(folder, folder / "one"):
            pass  # for the header of the database
        database = folder / "database"
        header, end, _ = gzip.decompress(database.read_bytes()).decode().partition(HEADER_END)
        with gzip.open(database, "wt", encoding="utf-8", compresslevel=1) as file:
            file.write(header + end)
            _describe(file, music, "", f"Time: {song_s:f}\nFormat: 8000:8:1\nsong_end\n")
        super().__init__(folder, music, more_config)

    def update(self) -> None:
        """Nothing: it knows its music."""


def _describe(file: TextIO, folder: Path, uri: str, song: str) -> None:
    """Write a folder's songs and folders as MPD's database has them; `song` ends each song."""
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            inside = f"{uri}/{path.name}".lstrip("/")
            file.write(f"directory: {path.name}\nbegin: {inside}\n")
            _describe(file, path, inside, song)
            file.write(f"end: {inside}\n")
        else:
            file.write(f"song_begin: {path.name}\n{song}")


@contextlib.contextmanager
def server_of(
    songs: int, folder: Path, moods: Sequence[Mood] = tuple(Mood), more_config: str = ""
) -> Iterator[MpdServer]:
    """An MPD in `folder` with `songs` songs, evenly divided among the moods, in albums of 100.

    Each mood's songs are hard links of one tone of 20 s, or of a few.
    """
    music = folder / "music"
    for mood in moods:
        for number in range(songs // len(moods)):
            if number % LINKS == 0:
                tone = folder / f"{mood} {number}.wav"
                write_song(tone, SONG_S)
            path = music / mood / f"{number // ALBUM:03d}" / f"{number % ALBUM:02d}.wav"
            if number % ALBUM == 0:
                path.parent.mkdir(parents=True)
            os.link(tone, path)
    with KnowingServer(folder / "mpd", music, SONG_S, more_config) as server:
        yield server
