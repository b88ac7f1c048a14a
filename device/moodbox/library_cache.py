"""The moods' music, read ahead: a press finds its songs at hand, however large the library is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from moodbox.core.mood import Mood
from moodbox.core.ports import MOST_CANDIDATES, PlayerRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from moodbox.core.music.playback import Batch
    from moodbox.core.music.tastes import Ratings
    from moodbox.core.ports import Player

ENOUGH = 200
"""Songs with which a press makes do when nothing has been read ahead; of fewer, all are read."""

MUSIC, STICKERS = frozenset({"database", "stored_playlist"}), frozenset({"sticker"})
"""Changes by which what was read may have become wrong, by MPD's names."""


@dataclass(slots=True)
class CachedSongs:
    """A mood's songs, as they were read."""

    revision: str
    songs: dict[str, None] = field(default_factory=dict)
    total: int = 0
    """Songs the mood has; more than `songs` where they were read in part."""

    def put(self, batch: Batch) -> None:
        """Add a slice."""
        self.songs.update(dict.fromkeys(batch.uris))
        self.total = max(batch.total, len(self.songs))


class LibraryCache:
    """The songs of each mood, and what other clients say of songs.

    `prefetch` reads a slice at a time, when there is nothing better to do; `get` hands out a mood's
    songs. Every call takes a few requests and raises PlayerError when the player cannot be reached.
    """

    def __init__(self, player: Player) -> None:
        self._player = player
        self._cached: dict[Mood, CachedSongs] = {}
        self._due: list[Mood] = list(Mood)
        """Moods whose songs have to be filled anew."""
        self._filling: tuple[Mood, CachedSongs, Iterator[Batch]] | None = None
        self._ratings_due = True
        self.ratings: Mapping[str, Ratings] = {}
        """By URI, as last read."""

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing left to read ahead."""
        return not (self._due or self._filling or self._ratings_due)

    def changed(self, subsystems: frozenset[str]) -> None:
        """The player told of a change; an empty set after a connection, when anything may have."""
        if not subsystems or subsystems & MUSIC:
            self._due, self._filling = list(Mood), None
            for cached in self._cached.values():
                cached.revision = ""  # MPD tells revisions apart by the second only
        if not subsystems or subsystems & STICKERS:
            self._ratings_due = True

    def prefetch(self) -> None:
        """Read one slice of what is to be read ahead."""
        if self._filling is None and self._due:
            mood = self._due.pop(0)
            cached = CachedSongs(self._player.revision(mood))
            self._filling = (mood, cached, self._player.batches(mood))
        elif self._filling is not None:
            self._fill(*self._filling)
        elif self._ratings_due:
            self._ratings_due = False
            self.ratings = self._player.ratings()

    def get(self, mood: Mood, give_way: Callable[[], None] = lambda: None) -> CachedSongs:
        """The mood's music. An edited playlist or folder counts at once, but in a large library.

        There it counts when they have been filled anew, which follows within seconds: what was
        edited is one song of thousands. `give_way` is called at each batch; what it raises ends
        the reading, which then begins anew at the next call.
        """
        revision = self._player.revision(mood)
        cached = self._cached.get(mood)
        if cached is None or (cached.revision != revision and cached.total <= MOST_CANDIDATES):
            cached = CachedSongs(revision)
            for batch in self._player.batches(mood):
                give_way()
                cached.put(batch)
                if cached.total > MOST_CANDIDATES and len(cached.songs) >= ENOUGH:
                    break
            self._cached[mood] = cached
        if (
            cached.revision != revision or cached.total > len(cached.songs)
        ) and mood not in self._due:
            self._due.append(mood)  # of a large library, other songs next time
        return cached

    def _fill(self, mood: Mood, cached: CachedSongs, batches: Iterator[Batch]) -> None:
        try:
            batch = next(batches, None)
        except PlayerRefusedError:
            batch = None  # whoever asks for the mood will hear why
        except BaseException:
            self._filling = None
            self._due.append(mood)
            raise
        if batch is not None:
            cached.put(batch)
            return
        self._filling = None
        self._cached[mood] = cached
