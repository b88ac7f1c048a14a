"""The policy's events: those that the daemon's own parts report, and those of `ports`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from moodbox.core.ports import ButtonEvent, Message

if TYPE_CHECKING:
    from moodbox.core.mood import Mood, Scores
    from moodbox.core.music.playback import QueuedSong, Snapshot
    from moodbox.core.policy.commands import Plan, PlayerCommand
    from moodbox.core.seeing.presence import Sight


class Want(StrEnum):
    """What the camera should do: stay closed, watch for people, or read a face."""

    OFF = "off"
    WATCH = "watch"
    READ = "read"


# ── From the camera ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Sensed:
    """What one frame showed."""

    sight: Sight
    prediction: Scores | None = None
    """For the person's face; None without a face, or while nobody is read."""


@dataclass(frozen=True, slots=True)
class CameraLost:
    """The camera cannot be used; `reason` says why."""

    reason: str
    ended: bool = False
    """The source has no more frames (a film is over), so a reading under way has no answer."""


# ── From the player ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Polled:
    """The player was polled."""

    snapshot: Snapshot
    before: PlayerCommand | None = None
    """The command that is carried out next; None for a poll without one."""


@dataclass(frozen=True, slots=True)
class PlanSent:
    """A plan is about to be applied. It may take effect even if no answer comes."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class PlanDone:
    """A plan was applied: the songs it added, and the player as it is now."""

    plan: Plan
    added: tuple[QueuedSong, ...]
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class PlanRefused:
    """A plan was refused: the songs it had added by then, and the player as it is now."""

    plan: Plan
    added: tuple[QueuedSong, ...]
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class GaveUp:
    """The player can be reached but refuses a command; `reason` says why."""

    command: PlayerCommand
    reason: str


@dataclass(frozen=True, slots=True)
class Postponed:
    """A command was postponed and had no effect, because the button or a stop comes first."""

    command: PlayerCommand


@dataclass(frozen=True, slots=True)
class NoMusic:
    """The mood has no songs."""

    mood: Mood


@dataclass(frozen=True, slots=True)
class PlayerGone:
    """The player cannot be reached; `reason` says why."""

    reason: str


# ── From the clock ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed and nothing else happened."""


PlayerEvent = Polled | PlanSent | PlanDone | PlanRefused | GaveUp | Postponed | NoMusic | PlayerGone
Event = Sensed | CameraLost | PlayerEvent | Tick | ButtonEvent | Message
