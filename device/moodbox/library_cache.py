"""The library cache: the moods' songs, prefetched so that a press need not wait for MPD."""

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
"""Songs that are enough for a press when a large library has not been prefetched yet."""

MUSIC, STICKERS = frozenset({"database", "stored_playlist"}), frozenset({"sticker"})
"""MPD's names of the changes after which the cached songs, or ratings, may be out of date."""


@dataclass(slots=True)
class CachedSongs:
    """A mood's songs as listed at one revision."""

    revision: str
    """Of `Player.revision`; empty once the songs may be out of date."""
    songs: dict[str, None] = field(default_factory=dict)
    """URIs, in the order in which they were listed."""
    total: int = 0
    """Number of songs the mood has; more than `songs` where only a part was listed."""

    def put(self, batch: Batch) -> None:
        """Add a batch."""
        self.songs.update(dict.fromkeys(batch.uris))
        self.total = max(batch.total, len(self.songs))


class LibraryCache:
    """The songs of each mood, and other clients' ratings.

    Call `prefetch` while the loop is idle, it lists one batch at a time; `get` returns a mood's
    songs. Every call sends few requests and raises PlayerError when the player cannot be reached.
    """

    def __init__(self, player: Player) -> None:
        self._player = player
        self._cached: dict[Mood, CachedSongs] = {}
        self._due: list[Mood] = list(Mood)
        """Moods whose songs have to be listed again."""
        self._filling: tuple[Mood, CachedSongs, Iterator[Batch]] | None = None
        self._ratings_due = True
        self.ratings: Mapping[str, Ratings] = {}
        """By URI, as last fetched."""

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing left to prefetch."""
        return not (self._due or self._filling or self._ratings_due)

    def changed(self, subsystems: frozenset[str]) -> None:
        """The player reported changes; an empty set, after a new connection, means any change."""
        if not subsystems or subsystems & MUSIC:
            self._due, self._filling = list(Mood), None
            for cached in self._cached.values():
                cached.revision = ""  # a second change in the same second leaves the revision alike
        if not subsystems or subsystems & STICKERS:
            self._ratings_due = True

    def prefetch(self) -> None:
        """Do one step of what is to be prefetched: list one batch, or fetch the ratings."""
        if self._filling is None and self._due:
            mood = self._due.pop(0)
            cached = CachedSongs(self._player.revision(mood))
            self._filling = (mood, cached, self._player.batches(mood))
        elif self._filling is not None:
            self._fill(*self._filling)
        elif self._ratings_due:
            self._ratings_due = False
            self.ratings = self._player.ratings()

    def get(self, mood: Mood, raise_if_urgent: Callable[[], None] = lambda: None) -> CachedSongs:
        """The mood's songs. A change of its playlist or folder takes effect at once.

        In a mood of more than MOST_CANDIDATES songs it takes effect when the songs have been listed
        again, within seconds. `raise_if_urgent` is called at each batch; if it raises, the listing
        ends, and begins again at the next call.
        """
        revision = self._player.revision(mood)
        cached = self._cached.get(mood)
        if cached is None or (cached.revision != revision and cached.total <= MOST_CANDIDATES):
            cached = CachedSongs(revision)
            for batch in self._player.batches(mood):
                raise_if_urgent()
                cached.put(batch)
                if cached.total > MOST_CANDIDATES and len(cached.songs) >= ENOUGH:
                    break
            self._cached[mood] = cached
        if (
            cached.revision != revision or cached.total > len(cached.songs)
        ) and mood not in self._due:
            self._due.append(mood)  # also so that a large library yields other songs next time
        return cached

    def _fill(self, mood: Mood, cached: CachedSongs, batches: Iterator[Batch]) -> None:
        try:
            batch = next(batches, None)
        except PlayerRefusedError:
            batch = None  # the next `get` raises the same refusal, and that is reported
        except BaseException:
            self._filling = None
            self._due.append(mood)
            raise
        if batch is not None:
            cached.put(batch)
            return
        self._filling = None
        self._cached[mood] = cached
