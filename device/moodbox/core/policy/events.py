"""What can happen to the box: facts of its own parts, beyond what people and MPD tell (`ports`)."""

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
    """What the policy wants of the camera."""

    OFF = "off"
    WATCH = "watch"
    READ = "read"


# ── Of the camera ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Sensed:
    """What one frame showed."""

    sight: Sight
    prediction: Scores | None = None
    """Of the person's face; None without a face, or when nobody is read."""


@dataclass(frozen=True, slots=True)
class CameraLost:
    """The camera cannot be used, and why."""

    reason: str


# ── Of the player ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Polled:
    """The player as it is now."""

    snapshot: Snapshot
    before: PlayerCommand | None = None
    """The command that is about to be carried out; None for a poll of its own."""


@dataclass(frozen=True, slots=True)
class PlanSent:
    """A plan is about to be applied: from now on it may be done, even if no answer comes."""

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
    """The player is there and refuses a command, and why."""

    command: PlayerCommand
    reason: str


@dataclass(frozen=True, slots=True)
class PutOff:
    """A command was put off, nothing of it done: somebody is at the box, and comes first."""

    command: PlayerCommand


@dataclass(frozen=True, slots=True)
class NoMusic:
    """The mood has no songs."""

    mood: Mood


@dataclass(frozen=True, slots=True)
class PlayerGone:
    """The player cannot be reached, and why."""

    reason: str


# ── Of the clock ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Tick:
    """Nothing happened; time passed."""


PlayerEvent = Polled | PlanSent | PlanDone | PlanRefused | GaveUp | PutOff | NoMusic | PlayerGone
Event = Sensed | CameraLost | PlayerEvent | Tick | ButtonEvent | Message
