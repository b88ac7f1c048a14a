"""What the box knows, what can happen to it, and what it can do.

Everything the box knows is in `State`; everything that can happen is an event; everything it does
is a command. The runtime carries commands out and feeds their outcomes back as events.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from moodbox.core.mood import BBox, Mood, Scores
from moodbox.core.music.listening import Listening
from moodbox.core.music.ownership import Ownership
from moodbox.core.music.tastes import Heard
from moodbox.core.music.triggers import Cleared, Request
from moodbox.core.ports import ButtonEvent, Hold, Message, PlayState, Snapshot
from moodbox.core.seeing.presence import Presence, Sight, SittingConfig, Tracked
from moodbox.core.seeing.reading import OperatingPoint, Reading

# ── Configuration ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Policy:
    """The numbers that the policy goes by."""

    point: OperatingPoint
    sitting: SittingConfig = SittingConfig()
    reading_s: float = 4.0
    """A reading that is not sure by then ends undecided."""
    again_s: tuple[float, ...] = (10.0, 30.0, 90.0)
    """Pauses before it looks again after undecided readings of one sitting."""
    reread_s: float = 0.0
    """Pause between the readings of one sitting; 0: it is read once."""
    pause_when_left: bool = False
    """Whether the box's own music is paused when everybody has left."""


# ── State ────────────────────────────────────────────────────────────────────────────────────────


class Want(StrEnum):
    """What the policy wants of the camera."""

    OFF = "off"
    WATCH = "watch"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A reading under way."""

    started_s: float
    asked: bool
    """A person asked for it (button or message): it may displace a person's music."""
    looks: tuple[Scores, ...] = ()
    box: BBox | None = None
    """Where the face that is read last was; None before the first look."""
    reread: bool = False
    """The sitting has had its mood; this only looks whether it still holds."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A mood whose music is to be put in force."""

    mood: Mood
    displace: bool
    """A person asked for it, so it outranks music that a person put on."""


@dataclass(frozen=True, slots=True)
class State:
    """Everything the box knows. Times are seconds of the loop's clock."""

    tracked: Tracked = Tracked()
    dark: bool = False
    camera_closed: bool = False
    camera_fault: str | None = None
    """What is wrong with the camera; None while it works or is closed."""
    holding: Hold | None = None
    """What letting go of the button would do; None while it is up, or down for a moment only."""
    switching_off: bool = False
    """A hand asked for the machine to be switched off."""

    attempt: Attempt | None = None
    reading: Reading | None = None
    """The last reading; None before the first."""
    unsure: bool = False
    """The last reading had no mood, and whom it looked at has not left since."""
    was_read: bool = False
    """This sitting has had its reading."""
    again: int = 0
    """How many times it has looked again in this sitting."""
    again_at_s: float | None = None
    again_asked: bool = False
    reread_at_s: float | None = None
    """When the sitting is read anew; None for not at all."""
    doubt: Mood | None = None
    """The other mood that the last reading anew saw; only a second one in a row is believed."""

    mood: Mood | None = None
    """The mood whose music was last put in force."""
    wanted: Wanted | None = None
    """Not in force yet; None when there is nothing to do."""
    tries: int = 0
    """How often it was asked for since a person or a reading wanted it, or music last went on."""
    retry_at_s: float = 0.0
    top_up_at_s: float = 0.0
    """Not before this the queue is topped up again."""
    paused: bool = False
    """The box has paused its music, since everybody has left."""
    hands_off: str | None = None
    """What a person's hand did, until a press; None while the music is the box's."""
    ownership: Ownership = Ownership()
    playback: Snapshot | None = None
    """The player as last seen; None before the first look."""
    player_fault: str | None = None
    """Why the player cannot be reached; None while it can."""
    music_fault: str | None = None
    """Why the player plays no music, though it can be reached; None once some is heard again."""
    unheard: bool = False
    """The box has put on music of which nothing has been heard yet: it may prove to be broken."""
    without_music: Mood | None = None
    """A wanted mood that has no songs."""
    seen_s: float = 0.0
    """When the player was last looked at."""
    cleared: Cleared | None = None
    """The queue that a person cleared last; a chime that is loaded next may bring it back."""
    request: Request | None = None
    """A chime that a client loaded; None when the box has answered it."""
    listening: Listening | None = None
    """The box's own song that is being heard; None when none is."""

    @property
    def want(self) -> Want:
        """What the camera should do."""
        if self.camera_closed:
            return Want.OFF
        return Want.READ if self.attempt else Want.WATCH

    @property
    def may_read(self) -> bool:
        """Whether a reading that nobody asked for may begin."""
        idle = self.attempt is None and self.hands_off is None
        sees = not (self.camera_closed or self.camera_fault)
        return idle and sees and self.tracked.presence is Presence.SITTING

    @property
    def is_player_watched(self) -> bool:
        """Whether the player is to be looked at without a word from it: does it sound?"""
        silent = self.unheard or self.music_fault is not None
        return self.player_fault is not None or (silent and self.plays)

    @property
    def plays(self) -> bool:
        """Whether music plays, as far as is known."""
        return self.playback is not None and self.playback.state is PlayState.PLAY


# ── Events beyond those of the ports ─────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Sensed:
    """A frame was looked at; `look` is the person's face read, None without a face or a reading."""

    sight: Sight
    look: Scores | None = None


@dataclass(frozen=True, slots=True)
class CameraLost:
    """The camera cannot be used, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class PlayerSeen:
    """The player, looked at."""

    snapshot: Snapshot
    acting: bool = False
    """The box looked because it is about to take chimes out: it need not be told to."""


@dataclass(frozen=True, slots=True)
class PlayerGone:
    """The player cannot be reached, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The player is there and refused the wanted mood's music, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Planned:
    """The box is about to change the queue; what it adds is its own even if no answer comes."""

    ownership: Ownership


@dataclass(frozen=True, slots=True)
class Queued:
    """The box changed the queue: songs it added, and the player as it is now.

    `switched_to` is the mood that is in force now; None when the queue was only topped up.
    """

    snapshot: Snapshot
    ownership: Ownership
    switched_to: Mood | None
    left: Snapshot | None = None
    """The player as the box left it, if it took out its own; None where it left all it saw last."""


@dataclass(frozen=True, slots=True)
class Restored:
    """The chimes are out of the queue, and what a client cleared for one is back in it."""

    snapshot: Snapshot
    ownership: Ownership
    left: Snapshot
    """The player as the box left it; what is otherwise in `snapshot` is a person's doing."""


@dataclass(frozen=True, slots=True)
class Paused:
    """The box has paused its own music, or (`on` False) let it go on."""

    on: bool


@dataclass(frozen=True, slots=True)
class NoMusic:
    """The wanted mood has no songs."""

    mood: Mood


@dataclass(frozen=True, slots=True)
class Tick:
    """Nothing happened; time passed."""


Event = (
    Sensed
    | CameraLost
    | PlayerSeen
    | PlayerGone
    | Refused
    | Planned
    | Queued
    | Restored
    | Paused
    | NoMusic
    | Tick
    | ButtonEvent
    | Message
)


# ── Commands ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class PlayMood:
    """Put this mood's music in force.

    Answered by `Queued`, `NoMusic`, `Refused` or `PlayerGone`; not at all when it is no longer
    wanted.
    """

    wanted: Wanted


@dataclass(frozen=True, slots=True)
class TopUp:
    """Append more of this mood's music; answered by `Queued`, `PlayerGone` or not at all."""

    mood: Mood


@dataclass(frozen=True, slots=True)
class PauseMusic:
    """Pause the box's own music, or let it go on.

    Answered by `Paused` or `PlayerGone`; not at all when a person's hand came in between.
    """

    on: bool


@dataclass(frozen=True, slots=True)
class PutBack:
    """Take the chimes out of the queue; put back what a client cleared for the request, if it did.

    Answered by `Restored`, `PlayerGone`, or not at all.
    """


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


Command = PlayMood | TopUp | PauseMusic | SaveCamera | SwitchOff | Remark | Learn | Forget | PutBack
