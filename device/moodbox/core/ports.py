"""The outside as the policy sees it: a clock, a camera, a player and a panel.

Each port has an adapter for the real thing, a small fake in the tests, and one contract suite that
holds both. Every call returns or raises within a second, so that a stop, a press and the watchdog
are always served.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from queue import SimpleQueue
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from moodbox.core.mood import Frame, Mood
    from moodbox.core.music.tastes import Ratings


# ── Clock ────────────────────────────────────────────────────────────────────────────────────────


class Clock(Protocol):
    """Time, real or simulated."""

    def now_s(self) -> float:
        """Seconds since some fixed moment; never goes backwards."""

    def wait(self, inbox: SimpleQueue[Event], until_s: float) -> Event | None:
        """Wait for an event until `until_s`; None when that moment came first."""


# ── Camera ───────────────────────────────────────────────────────────────────────────────────────


class CameraError(RuntimeError):
    """The camera cannot be used; the message says what is wrong and what to do."""


class CameraHangError(CameraError):
    """The camera is there and gives nothing: its cable, its power, or its driver hangs."""


class Camera(Protocol):
    """A source of gray frames, already rotated and mirrored as configured."""

    def open(self) -> None:
        """Start the camera. Raises CameraError; harmless when it is open already."""

    def read(self) -> Frame | None:
        """Take the newest frame; None when the source has come to its end (a video's last frame).

        Raises CameraError when the camera is closed, gone, or gives nothing within a second.
        """

    def close(self) -> None:
        """Release the camera. Never raises; harmless when it is closed already."""


# ── Player ───────────────────────────────────────────────────────────────────────────────────────


class PlayerError(RuntimeError):
    """The player is unreachable or stalls; its connection has been thrown away."""


class PlayerRefusedError(PlayerError):
    """The player answered, and said no. The connection is good; the state may be half changed."""

    added: tuple[QueuedSong, ...] = ()
    """Songs that the refused plan had added by then."""


class PlayState(StrEnum):
    """MPD's play states, by MPD's names."""

    PLAY = "play"
    PAUSE = "pause"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class QueuedSong:
    """A song in MPD's queue: its id there, and its URI relative to the music directory."""

    id: int
    uri: str


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


@dataclass(frozen=True, slots=True)
class Add:
    """Append these songs to the queue."""

    uris: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlayAdded:
    """Play the first song that this plan's `Add` appended and that can be played."""


@dataclass(frozen=True, slots=True)
class PlayId:
    """Play the queue's song with this id."""

    id: int


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


QueueCommand = Add | PlayAdded | PlayId | Delete | Resume | Pause


@dataclass(frozen=True, slots=True)
class Batch:
    """A part of a mood's music."""

    uris: tuple[str, ...]
    total: int
    """Different songs that the mood has, in its stored playlist and its folder together."""


class Player(Protocol):
    """A music player with a queue. Every call raises PlayerError when it cannot be reached."""

    def snapshot(self) -> Snapshot:
        """Read queue and playback."""

    def revision(self, mood: Mood) -> str:
        """A word that changes whenever the mood's music does; cheap to ask."""

    def batches(self, mood: Mood) -> Iterator[Batch]:
        """Read a mood's music: its stored playlist and its folder; a song may come in several.

        Each step is one short call. Of a playlist or a folder of more than `MOST_CANDIDATES`
        songs, a random part that size, another at each reading. Empty when there is no music.
        """

    def ensure_playlists(self, playlists: Mapping[str, str]) -> None:
        """Have a stored playlist of each name, with its one song, unless there is one with any.

        A song that the library does not hold is passed over.
        """

    def ratings(self) -> Mapping[str, Ratings]:
        """What other clients say of songs, by URI; empty where they keep nothing."""

    def apply(self, commands: Sequence[QueueCommand]) -> tuple[QueuedSong, ...]:
        """Carry out a plan in order and return the songs it added, with their ids.

        Songs that the player does not know are passed over; an `Add` of which nothing could be
        added is refused. A plan with ids must follow a `snapshot` on the same connection, or it
        is refused. `PlayAdded`, `Resume` and `Pause` are for what the last `snapshot` saw going on;
        where a person has changed that since (another song, paused, stopped, playing), they are
        refused and theirs goes on. Raises PlayerRefusedError when a command is refused; earlier
        ones stay done.
        """


MOST_CANDIDATES = 2000
"""Songs of one place that are read at a time: MPD drops a connection that asks for too much."""


# ── Panel ────────────────────────────────────────────────────────────────────────────────────────


class Light(StrEnum):
    """What the light says."""

    OFF = "off"
    WORKING = "working"
    """Steady: it is looking at you."""
    NOT_SURE = "not sure"
    """Slow blink: it looked and does not know."""
    TROUBLE = "trouble"
    """Quick blink: something needs a hand; `moodbox doctor` says what."""
    CLOSING = "let go to close the camera"
    """Short flashes: the button has been held long enough for that."""
    SWITCHING_OFF = "let go to switch off"
    """On with short gaps: long enough for that; and after it, until the machine is off."""


class Panel(Protocol):
    """The light. The button's adapter puts its presses into the inbox."""

    def show(self, light: Light) -> None:
        """Switch the light to a pattern; it goes on by itself."""

    def close(self) -> None:
        """Switch the light off and release the pins."""


# ── Events: everything that can reach the inbox ──────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class ButtonPressed:
    """A short press: read me again."""


class Hold(StrEnum):
    """What letting go of the button would do, once it is held for longer than a short press."""

    CLOSE_CAMERA = "close the camera"
    SWITCH_OFF = "switch off"


@dataclass(frozen=True, slots=True)
class ButtonHolding:
    """The button is still down, and letting go has just come to mean something else."""

    hold: Hold


@dataclass(frozen=True, slots=True)
class ButtonHeld:
    """A long press, let go: close the camera until the next press."""


@dataclass(frozen=True, slots=True)
class ButtonHeldLonger:
    """A very long press, let go: switch the machine off."""


@dataclass(frozen=True, slots=True)
class PlayerChanged:
    """The player's queue, playback, options or library changed; look at it anew."""

    subsystems: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PlayerLost:
    """The listener's connection to the player broke; it keeps trying by itself."""


@dataclass(frozen=True, slots=True)
class Message:
    """A client's text on the channel `moodbox`."""

    text: str


@dataclass(frozen=True, slots=True)
class Stop:
    """End the daemon."""


ButtonEvent = ButtonPressed | ButtonHolding | ButtonHeld | ButtonHeldLonger
Event = ButtonEvent | PlayerChanged | PlayerLost | Message | Stop
