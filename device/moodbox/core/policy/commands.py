"""What the box does: the commands that `step` returns, and the plans that carry them out."""

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
    """A person asked for it, so it outranks music that a person put on."""


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
    """Pause the box's own music, or (`on` False) let it go on; nothing where a person acted."""

    on: bool


@dataclass(frozen=True, slots=True)
class Restore:
    """Take the trigger tracks out of the queue, and restore what a client cleared for one."""


PlayerCommand = PlayMood | TopUp | PauseMusic | Restore
"""Each is answered by the events of its plan (sent, done or refused), by `GaveUp`, by `PlayerGone`,
or, where it has become pointless, not at all."""


@dataclass(frozen=True, slots=True)
class Undo:
    """What a plan is for that takes out again what a refused one had added."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Changes of the player that belong together, and what they are for."""

    purpose: PlayerCommand | Undo
    changes: tuple[QueueCommand, ...]
    since: Snapshot
    """The player for which it was made."""
    restoring: Cleared | None = None
    """What a client cleared and this restores; None where it restores nothing."""


# ── To everything else ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class SaveCamera:
    """Remember across restarts whether a person closed the camera."""

    closed: bool


@dataclass(frozen=True, slots=True)
class SwitchOff:
    """Ask whoever may for the machine to be switched off."""


@dataclass(frozen=True, slots=True)
class Learn:
    """Remember what became of a song."""

    heard: Heard


@dataclass(frozen=True, slots=True)
class Forget:
    """Forget what was learned of every song."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Say something to whoever reads the log."""

    text: str


Command = PlayerCommand | SaveCamera | SwitchOff | Remark | Learn | Forget
