"""The outside as the policy sees it: a clock, a camera, a player and a panel.

Each port has an adapter for the real thing, a small fake in the tests, and one contract suite that
holds both. Every call returns or raises within a second, so that a stop, a press and the watchdog
are always served.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from moodbox.core.mood import Frame, Mood
    from moodbox.core.music.playback import Batch, QueueCommand, QueuedSong, Snapshot
    from moodbox.core.music.tastes import Ratings


# ── Clock ────────────────────────────────────────────────────────────────────────────────────────


class Clock(Protocol):
    """Time, real or simulated."""

    def now_s(self) -> float:
        """Seconds since some fixed moment; never goes backwards."""

    def wait(self, inbox: Inbox, until_s: float) -> Event | None:
        """Wait for an event until `until_s`; None when that moment came first."""


class Inbox(Protocol):
    """Where events wait for the policy thread: the button and a stop before everything else."""

    @property
    def has_urgent(self) -> bool:
        """Whether a stop or the button waits."""

    def put(self, event: Event) -> None:
        """Leave an event, from any thread."""

    def get(self, timeout_s: float = 0.0) -> Event | None:
        """The next event; None when none came within `timeout_s`."""

    def take_dropped(self) -> int:
        """How many messages were dropped since this was asked last: too many came at once."""


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

    def apply(self, changes: Sequence[QueueCommand], since: Snapshot) -> tuple[QueuedSong, ...]:
        """Carry out changes in order and return the songs they added, with their ids.

        `since` is the player for which they were made. Where its connection is gone, and its ids
        may mean other songs, changes with ids are refused. `PlayAdded`, `Resume` and `Pause` are
        for what was going on then; where a person has changed that (another song, paused, stopped,
        playing), they are refused and theirs goes on. Songs that the player does not know are
        passed over; an `Add` of which nothing could be added is refused. Raises PlayerRefusedError
        when a change is refused; earlier ones stay done.
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
