"""The outside world as the policy sees it: a clock, a camera, a player and a panel.

Each port has an adapter for the real thing and a small fake in the tests; one contract suite runs
against both. Every call returns or raises within a second, so that a stop, a press and the
watchdog are always served.
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
        """Seconds since some fixed moment; never decreases."""

    def wait(self, inbox: Inbox, until_s: float) -> Event | None:
        """Wait for an event until `until_s`; None when no event came by then."""


class Inbox(Protocol):
    """A queue of events for the policy thread; a stop and the button come before all others."""

    @property
    def has_urgent(self) -> bool:
        """Whether a stop or a button event waits."""

    def put(self, event: Event) -> None:
        """Add an event, from any thread."""

    def get(self, timeout_s: float = 0.0) -> Event | None:
        """The next event; None when none came within `timeout_s`."""

    def take_dropped(self) -> int:
        """How many messages were dropped since the last call, because too many came at once."""


# ── Camera ───────────────────────────────────────────────────────────────────────────────────────


class CameraError(RuntimeError):
    """The camera cannot be used; the message says what is wrong and what to do."""


class CameraHangError(CameraError):
    """The camera is present but delivers no frame: cable, power or driver fault."""


class SourceEndedError(CameraError):
    """The source has no more frames: a film, or a folder of pictures, is over."""


class Camera(Protocol):
    """A source of gray frames, already rotated and mirrored as configured."""

    def open(self) -> None:
        """Start the camera. Raises CameraError; harmless when it is open already."""

    def read(self) -> Frame | None:
        """Take the newest frame; None when the source has ended (after a video's last frame).

        Raises CameraError when the camera is closed, gone, or delivers nothing within a second.
        """

    def close(self) -> None:
        """Release the camera. Never raises; harmless when it is closed already."""


# ── Player ───────────────────────────────────────────────────────────────────────────────────────


class PlayerError(RuntimeError):
    """The player is unreachable or stalls; its connection has been closed."""


class PlayerRefusedError(PlayerError):
    """The player refused. The connection is good; the changes may be half done."""

    added: tuple[QueuedSong, ...] = ()
    """Songs that the refused plan had added before the refusal."""


class Player(Protocol):
    """A music player with a queue. Every call raises PlayerError when it cannot be reached."""

    def snapshot(self) -> Snapshot:
        """Poll queue and playback."""

    def revision(self, mood: Mood) -> str:
        """An opaque text that changes whenever the mood's music changes; cheap to ask."""

    def batches(self, mood: Mood) -> Iterator[Batch]:
        """List a mood's music: its stored playlist and its folder; batches may repeat a song.

        Each step is one short call. A playlist or folder of more than `MOST_CANDIDATES` songs
        yields that many at random, others at each call. Empty when there is no music.
        """

    def ensure_playlists(self, playlists: Mapping[str, str]) -> None:
        """Save a stored playlist with its one song under each name that has none or an empty one.

        A song that the library does not hold is skipped.
        """

    def ratings(self) -> Mapping[str, Ratings]:
        """Other clients' ratings of songs, by URI; empty where there are none."""

    def apply(self, changes: Sequence[QueueCommand], since: Snapshot) -> tuple[QueuedSong, ...]:
        """Carry out changes in order and return the songs they added, with their ids.

        `since` is the snapshot for which they were planned. If it was polled on an earlier
        connection, its ids may mean other songs, and changes with ids are refused. `PlayAdded`,
        `Resume` and `Pause` are refused, and playback stays as the person left it, if a person has
        changed playback since (another song, paused, stopped, playing). Songs that the player does
        not know are skipped; an `Add` that could add nothing is refused. Raises PlayerRefusedError
        when a change is refused; earlier changes stay done.
        """


MOST_CANDIDATES = 2000
"""Most songs of one playlist or folder that are listed: MPD drops a connection that asks for more
than it can buffer."""


# ── Panel ────────────────────────────────────────────────────────────────────────────────────────


class Light(StrEnum):
    """What the light shows."""

    OFF = "off"
    WORKING = "working"
    """Steady: a reading is under way."""
    NOT_SURE = "not sure"
    """Slow blink: the last reading found no mood."""
    TROUBLE = "trouble"
    """Quick blink: something needs attention; `moodbox doctor` says what."""
    CLOSING = "let go to close the camera"
    """Short flashes: the button has been held long enough to close the camera."""
    SWITCHING_OFF = "let go to switch off"
    """On with short gaps: held long enough to switch off; stays so until the machine is off."""


class Panel(Protocol):
    """The light. The button's adapter puts its presses into the inbox."""

    def show(self, light: Light) -> None:
        """Switch the light to a pattern, which then repeats by itself."""

    def close(self) -> None:
        """Switch the light off and release the pins."""


# ── Events: everything that can reach the inbox ──────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class ButtonPressed:
    """A short press: a person asks to be read now."""


class Hold(StrEnum):
    """What happens when a long-held button is let go."""

    CLOSE_CAMERA = "close the camera"
    SWITCH_OFF = "switch off"


@dataclass(frozen=True, slots=True)
class ButtonHolding:
    """The button is still down; from now on, letting it go does `hold`."""

    hold: Hold


@dataclass(frozen=True, slots=True)
class ButtonHeld:
    """The button was let go after a long press: close the camera until the next press."""


@dataclass(frozen=True, slots=True)
class ButtonHeldLonger:
    """The button was let go after a very long press: switch the machine off."""


@dataclass(frozen=True, slots=True)
class PlayerChanged:
    """The player's queue, playback, options or library changed; poll it."""

    subsystems: frozenset[str] = frozenset()
    """MPD's names of what changed; empty after a new connection, when anything may have changed."""


@dataclass(frozen=True, slots=True)
class PlayerLost:
    """The listener's connection to the player broke; the listener reconnects by itself."""


@dataclass(frozen=True, slots=True)
class Message:
    """A client's text on the channel `moodbox`."""

    text: str


@dataclass(frozen=True, slots=True)
class Stop:
    """End the daemon."""


ButtonEvent = ButtonPressed | ButtonHolding | ButtonHeld | ButtonHeldLonger
Event = ButtonEvent | PlayerChanged | PlayerLost | Message | Stop
