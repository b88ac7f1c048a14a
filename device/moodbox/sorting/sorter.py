"""Brings the moods' playlists up to date: what people changed is heeded first, then songs go in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from moodbox.core.mood import Mood
from moodbox.sorting.lists import Song, Stored, change, chosen, edited, is_persons
from moodbox.sorting.taste import Taste

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from moodbox.sorting.ear import Ear
    from moodbox.sorting.memory import SongMemory
    from moodbox.sorting.place import Heard, Sound
    from moodbox.sorting.taste import Correction


class StoredPlaylists(Protocol):
    """MPD's stored playlists, as `moodbox.sorting.playlists.Playlists` reaches them."""

    def read(self, mood: Mood) -> tuple[str, ...] | None:
        """What a mood's playlist holds; None where there is none."""

    def add(self, mood: Mood, uri: str) -> bool:
        """Add a song at the end; False where MPD does not know it."""

    def remove(self, mood: Mood, uri: str) -> bool:
        """Take one song out; False where it was not there any more."""


@dataclass(frozen=True, slots=True)
class LibrarySong:
    """A song of MPD's library that was heard."""

    uri: str
    heard: Heard
    album: str = ""
    hearings: float = 0.0


@dataclass(frozen=True, slots=True)
class PlaylistChange:
    """What became of one mood's playlist."""

    added: int = 0
    removed: int = 0
    total: int = 0
    """Songs in it now."""
    is_persons: bool = False
    """A person made it: nothing was done."""


class Sorter:
    """Sorts a library into playlists. Raises what its playlists and its memory raise."""

    def __init__(
        self, playlists: StoredPlaylists, memory: SongMemory, ear: Ear, *, dry_run: bool
    ) -> None:
        """`dry_run` tells what would be done, and does and keeps nothing."""
        self._playlists, self._memory, self._ear = playlists, memory, ear
        self._dry_run = dry_run

    def sort(
        self, library: Sequence[LibrarySong], add_to: frozenset[Mood] = frozenset()
    ) -> dict[Mood, PlaylistChange]:
        """Heed what people changed in all playlists, then bring each up to date."""
        sounds = {song.uri: song.heard.sound for song in library}
        said = {(told.mood, told.uri): told for told in self._memory.corrections()}
        stored = {}
        for mood in Mood:
            stored[mood], new = self._heed(mood, list(said.values()), sounds, mood in add_to)
            said |= {(told.mood, told.uri): told for told in new}
        corrections = list(said.values())
        songs = self._placed(library, corrections)
        return {mood: self._update(mood, stored[mood], songs, corrections) for mood in Mood}

    def _heed(
        self,
        mood: Mood,
        corrections: Sequence[Correction],
        sounds: Mapping[str, Sound],
        adopt: bool,
    ) -> tuple[Stored, Sequence[Correction]]:
        """A mood's playlist as it is, and what a person said by changing it."""
        uris = self._playlists.read(mood)
        stored = Stored(
            uris,
            frozenset(self._memory.written(mood)),
            adopt or self._memory.is_adopted(mood),
            frozenset(told.uri for told in corrections if told.mood is mood and told.belongs),
        )
        found = edited(mood, stored, sounds)
        if found.replaced:
            if not self._dry_run:
                self._memory.disown(mood)
            return Stored(uris, frozenset(), adopt), ()
        if not self._dry_run:
            gone = stored.written - set(uris or ())
            self._memory.correct(found.corrections)
            self._memory.note_written(mood, (), sorted(gone))
            if adopt:
                self._memory.adopt(mood)
        return stored, found.corrections

    def _placed(
        self, library: Sequence[LibrarySong], corrections: Sequence[Correction]
    ) -> list[Song]:
        taste = Taste(corrections)
        songs = []
        for song in library:
            place = taste.moved(song.heard.place, song.heard.sound)
            placed = self._ear.is_placed(place)
            songs.append(Song(song.uri, place, song.heard.sound, placed, song.album, song.hearings))
        return songs

    def _update(
        self,
        mood: Mood,
        stored: Stored,
        songs: Sequence[Song],
        corrections: Sequence[Correction],
    ) -> PlaylistChange:
        there = len(stored.uris or ())
        if is_persons(stored):
            return PlaylistChange(total=there, is_persons=True)
        wanted = change(stored, chosen(mood, songs, corrections))
        if self._dry_run:
            return PlaylistChange(
                len(wanted.add), len(wanted.remove), there + len(wanted.add) - len(wanted.remove)
            )
        added = removed = 0
        if wanted.add:
            self._memory.adopt(mood)
        for uri in wanted.add:
            if self._playlists.add(mood, uri):
                # Kept song by song: broken off here, the rest is added next time.
                self._memory.note_written(mood, (uri,), ())
                added += 1
        for uri in wanted.remove:
            removed += self._playlists.remove(mood, uri)
            self._memory.note_written(mood, (), (uri,))
        return PlaylistChange(added, removed, there + added - removed)
