"""The moods' music, read ahead: a press finds its songs at hand, however large the library is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from moodbox.core.mood import Mood
from moodbox.core.ports import MOST_CANDIDATES, PlayerRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from moodbox.core.ports import Player, Slice
    from moodbox.core.tastes import Opinion

ENOUGH = 200
"""Songs with which a press makes do when nothing has been read ahead; of fewer, all are read."""

MUSIC, STICKERS = frozenset({"database", "stored_playlist"}), frozenset({"sticker"})
"""Changes by which what was read may have become wrong, by MPD's names."""


@dataclass(slots=True)
class Shelf:
    """A mood's songs, as they were read."""

    edition: str
    songs: dict[str, None] = field(default_factory=dict)
    total: int = 0
    """Songs the mood has; more than `songs` where these are a part."""

    def put(self, part: Slice) -> None:
        """Add a slice."""
        self.songs.update(dict.fromkeys(part.uris))
        self.total = max(part.total, len(self.songs))


class Shelves:
    """A shelf for each mood, and what other clients say of songs.

    `stock` reads a slice at a time, when there is nothing better to do; `take` hands out a mood's
    songs. Every call takes a few requests and raises PlayerError when the player cannot be reached.
    """

    def __init__(self, player: Player) -> None:
        self._player = player
        self._shelves: dict[Mood, Shelf] = {}
        self._due: list[Mood] = list(Mood)
        """Moods whose shelf has to be filled anew."""
        self._filling: tuple[Mood, Shelf, Iterator[Slice]] | None = None
        self._opinions_due = True
        self.opinions: Mapping[str, Opinion] = {}
        """By URI, as last read."""

    @property
    def is_stocked(self) -> bool:
        """Whether there is nothing left to read ahead."""
        return not (self._due or self._filling or self._opinions_due)

    def changed(self, subsystems: frozenset[str]) -> None:
        """The player told of a change; an empty set after a connection, when anything may have."""
        if not subsystems or subsystems & MUSIC:
            self._due, self._filling = list(Mood), None
            for shelf in self._shelves.values():
                shelf.edition = ""  # MPD tells editions apart by the second only
        if not subsystems or subsystems & STICKERS:
            self._opinions_due = True

    def stock(self) -> None:
        """Read one slice of what is to be read ahead."""
        if self._filling is None and self._due:
            mood = self._due.pop(0)
            shelf = Shelf(self._player.edition(mood))
            self._filling = (mood, shelf, self._player.slices(mood))
        elif self._filling is not None:
            self._fill(*self._filling)
        elif self._opinions_due:
            self._opinions_due = False
            self.opinions = self._player.opinions()

    def take(self, mood: Mood) -> Shelf:
        """The mood's music. An edited playlist or folder counts at once, but in a large library.

        There it counts when the shelf has been filled anew, which follows within seconds: what was
        edited is one song of thousands.
        """
        edition = self._player.edition(mood)
        shelf = self._shelves.get(mood)
        if shelf is None or (shelf.edition != edition and shelf.total <= MOST_CANDIDATES):
            shelf = Shelf(edition)
            for part in self._player.slices(mood):
                shelf.put(part)
                if shelf.total > MOST_CANDIDATES and len(shelf.songs) >= ENOUGH:
                    break
            self._shelves[mood] = shelf
        if (shelf.edition != edition or shelf.total > len(shelf.songs)) and mood not in self._due:
            self._due.append(mood)  # of a large library, other songs next time
        return shelf

    def _fill(self, mood: Mood, shelf: Shelf, slices: Iterator[Slice]) -> None:
        try:
            part = next(slices, None)
        except PlayerRefusedError:
            part = None  # whoever asks for the mood will hear why
        except BaseException:
            self._filling = None
            self._due.append(mood)
            raise
        if part is not None:
            shelf.put(part)
            return
        self._filling = None
        self._shelves[mood] = shelf
