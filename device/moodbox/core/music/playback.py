"""What plays: MPD's queue and playback as values, and the commands that change them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class PlayState(StrEnum):
    """MPD's play states, by MPD's names."""

    PLAY = "play"
    PAUSE = "pause"
    STOP = "stop"


class QueuedSong(NamedTuple):
    """A song in MPD's queue.

    A named tuple: a queue holds up to 16,384 of them, and tuples are made, compared and hashed
    several times as fast as dataclasses.
    """

    id: int
    """Identifies the song in the queue; a running MPD never gives an id twice."""
    uri: str
    """Relative to the music directory, or a stream's address."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """MPD's queue and playback at one moment."""

    queue: tuple[QueuedSong, ...]
    state: PlayState
    current_id: int | None
    """Id of the current song, playing or not; None when there is none."""
    elapsed_s: float | None = None
    """Position within the current song; None when stopped."""
    duration_s: float | None = None
    """Length of the current song; None when MPD does not know it."""
    error: str | None = None
    """MPD's own error message (an output fails, a file cannot be decoded); None without one."""
    restarts: int = 0
    """How many restarts of the server were seen; earlier ids are invalid after one."""
    version: int = 0
    """MPD's count of changes to the queue since it started: each song that came or went, each
    clearing, each change of order."""
    options: frozenset[str] = frozenset()
    """MPD's options `random`, `repeat`, `single` and `consume`, those that are on."""
    connection: int = 0
    """Number of our connection that polled it; on another one its ids may mean other songs."""

    @property
    def current(self) -> QueuedSong | None:
        """The current song, playing or not; None when there is none."""
        if self.current_id is None:
            return None
        return next((song for song in self.queue if song.id == self.current_id), None)

    @property
    def plays(self) -> bool:
        """Whether music plays."""
        return self.state is PlayState.PLAY


@dataclass(frozen=True, slots=True)
class Add:
    """Append these songs to the queue."""

    uris: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlayAdded:
    """Play the first song that this plan's `Add` appended and that can be played."""


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete the songs with these ids; one that is gone already is skipped."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pause:
    """Pause what plays, or (`on` False) play what is paused; no effect while stopped."""

    on: bool


@dataclass(frozen=True, slots=True)
class Resume:
    """Resume one of the songs that this plan's `Add` appended, at a position and in a state."""

    at: int
    """Which of them, from 0 on; the last when there are fewer."""
    elapsed_s: float
    """Position within that song."""
    state: PlayState
    """Playing, paused or stopped; with stopped, `at` and `elapsed_s` have no meaning."""


QueueCommand = Add | PlayAdded | Delete | Resume | Pause


@dataclass(frozen=True, slots=True)
class Batch:
    """A part of a mood's music."""

    uris: tuple[str, ...]
    total: int
    """How many different songs the mood has, in its stored playlist and its folder together."""
