"""MPD's songs and stored playlists, as the sorting needs them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import mpd

from moodbox.core.mood import Mood
from moodbox.core.ports import PlayerRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moodbox.adapters.mpd.link import Exchange, MpdLink

BATCH = 200
"""Songs asked for in one request, with their albums: MPD drops longer answers."""
_NO_PLAYLIST = (mpd.FailureResponseCode.NO_EXIST, mpd.FailureResponseCode.UNKNOWN)
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Listed:
    """A song of MPD's database."""

    uri: str
    album: str


class Playlists:
    """The moods' stored playlists and MPD's library. Raises PlayerError when MPD is away."""

    def __init__(self, link: MpdLink) -> None:
        self._link = link

    def music_directory(self) -> Path | None:
        """Where MPD's songs lie; None where it does not say (over a network) or has none."""
        with self._link.exchange() as ask:
            try:
                told = ask.ask("config")
            except mpd.CommandError:
                return None
        found = told.get("music_directory") if isinstance(told, dict) else told
        return Path(found) if found and "://" not in found else None

    def songs(self) -> Iterator[Listed]:
        """Every song of the database, in batches."""
        start = 0
        while True:
            with self._link.exchange() as ask:
                ask.ask("tagtypes", "enable", "Album")
                found = ask.ask("find", '(base "")', "window", (start, start + BATCH))
            for song in found:
                album = song.get("album", "")
                yield Listed(song["file"], album if isinstance(album, str) else album[0])
            if len(found) < BATCH:
                return
            start += BATCH

    def read(self, mood: Mood) -> tuple[str, ...] | None:
        """What a mood's playlist holds; None where there is none."""
        with self._link.exchange() as ask:
            return _read(ask, mood)

    def add(self, mood: Mood, uri: str) -> bool:
        """Add a song at the end; False where MPD does not know it."""
        with self._link.exchange() as ask:
            try:
                ask.ask("playlistadd", str(mood), uri)
            except mpd.CommandError as error:
                if error.errno is not mpd.FailureResponseCode.NO_EXIST:
                    raise
                return False
        return True

    def remove(self, mood: Mood, uri: str) -> bool:
        """Take one song out. False where it was not there any more.

        MPD takes songs out by position alone: the list is read before and after in one command
        list, and what was taken out wrongly, since a client moved songs meanwhile, is put back.
        """
        for _ in range(_TRIES):
            with self._link.exchange() as ask:
                before = _read(ask, mood) or ()
                if uri not in before:
                    return False
                position = before.index(uri)
                then, _ = ask.ask_all(
                    [("listplaylist", str(mood)), ("playlistdelete", str(mood), position)]
                )
                # Where the list differed, another song went: it is put back.
                if then[position] == uri:
                    return True
                ask.ask("playlistadd", str(mood), then[position])
        raise PlayerRefusedError(f"The playlist {mood} is being edited; it is sorted next time.")


def _read(ask: Exchange, mood: Mood) -> tuple[str, ...] | None:
    try:
        return tuple(ask.ask("listplaylist", str(mood)))
    except mpd.CommandError as error:
        if error.errno not in _NO_PLAYLIST:
            raise
        return None
