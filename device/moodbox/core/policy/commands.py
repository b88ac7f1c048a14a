"""The commands that `step` returns, and the plans by which player commands are carried out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from moodbox.core.mood import Mood
    from moodbox.core.music.playback import QueueCommand, Snapshot
    from moodbox.core.music.tastes import Heard
    from moodbox.core.music.triggers import Cleared


@dataclass(frozen=True, slots=True)
class Target:
    """A mood whose music is to be put in force."""

    mood: Mood
    displace: bool
    """A person asked for it, so it displaces music that a person put on."""


# ── To the player ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class PlayMood:
    """Put this mood's music in force, as long as it is still the target."""

    target: Target


@dataclass(frozen=True, slots=True)
class TopUp:
    """Append more of this mood's music, as long as it is in force."""

    mood: Mood


@dataclass(frozen=True, slots=True)
class PauseMusic:
    """Pause the box's own music, or (`on` False) resume it; no effect where a person acted."""

    on: bool


@dataclass(frozen=True, slots=True)
class Restore:
    """Delete the trigger tracks from the queue, and restore what a client cleared for one."""


PlayerCommand = PlayMood | TopUp | PauseMusic | Restore
"""Each is answered by the events of its plan (sent, done or refused), by `GaveUp`, by `NoMusic`, by
`PlayerGone`, or not at all, if it has become pointless."""


@dataclass(frozen=True, slots=True)
class Undo:
    """Purpose of a plan that deletes the songs that a refused plan had added."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Changes of the player that belong together, and what they are for."""

    purpose: PlayerCommand | Undo
    changes: tuple[QueueCommand, ...]
    since: Snapshot
    """The player for which it was made."""
    restoring: Cleared | None = None
    """The cleared queue that it restores; None where it restores nothing."""


# ── To everything else ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class SaveCamera:
    """Save, for restarts, whether a person closed the camera."""

    closed: bool


@dataclass(frozen=True, slots=True)
class SwitchOff:
    """Request that the machine be switched off; the daemon itself may not do it."""


@dataclass(frozen=True, slots=True)
class Learn:
    """Learn from a song that was heard."""

    heard: Heard


@dataclass(frozen=True, slots=True)
class Forget:
    """Forget what was learned of every song."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Write a line to the log."""

    text: str


Command = PlayerCommand | SaveCamera | SwitchOff | Remark | Learn | Forget
