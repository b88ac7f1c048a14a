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
    """Its number in the queue; a running MPD never gives one twice."""
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
    """What MPD itself says is wrong (an output that fails, a file it cannot decode)."""
    restarts: int = 0
    """How often the server was seen to have restarted; after a restart its ids mean nothing."""
    version: int = 0
    """Counts the queue's changes until a restart: each song that came or went, each clearing, each
    change of order."""
    options: frozenset[str] = frozenset()
    """Those that are on of MPD's options `random`, `repeat`, `single` and `consume`."""
    connection: int = 0
    """Which of our connections it was read on; on another one its ids may mean other songs."""

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
    """Delete the songs with these ids; one that is gone already is no fault."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pause:
    """Pause what plays, or (`on` False) let it go on; nothing happens where music is stopped."""

    on: bool


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on with one of the songs that this plan's `Add` appended, as if nothing had been."""

    at: int
    """Which of them, from 0 on; the last when there are fewer."""
    elapsed_s: float
    state: PlayState
    """Playing, paused, or stopped, where position and time mean nothing."""


QueueCommand = Add | PlayAdded | Delete | Resume | Pause


@dataclass(frozen=True, slots=True)
class Batch:
    """A part of a mood's music."""

    uris: tuple[str, ...]
    total: int
    """Different songs that the mood has, in its stored playlist and its folder together."""
