"""What the box does: `step(state, event, now_s) → (state, commands)`. Policy and authority.

Everything the box knows is in `State`; everything that can happen is an event; everything it does
is a command. The runtime carries commands out and feeds their outcomes back as events.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from moodbox.core import presence
from moodbox.core.authority import hand
from moodbox.core.mood import Mood, Scores
from moodbox.core.ports import (
    ButtonHeld,
    ButtonPressed,
    Message,
    PlayState,
    QueuedSong,
    Snapshot,
)
from moodbox.core.presence import Presence, Sight, SittingConfig, Tracked
from moodbox.core.queue import Ownership, foreign, recognise, songs_left
from moodbox.core.reading import OperatingPoint, Reading, Why, read

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


LOW_WATER = 3
"""Songs of the box's still to come at which the queue is topped up."""

RETRY_S = 5.0
"""Pause before a wanted mood is tried again after the player refused or was lost."""


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

    attempt: Attempt | None = None
    reading: Reading | None = None
    """The last reading; None before the first of a sitting."""
    was_read: bool = False
    """This sitting has had its reading."""
    again: int = 0
    """How many times it has looked again in this sitting."""
    again_at_s: float | None = None
    again_asked: bool = False

    mood: Mood | None = None
    """The mood whose music was last put in force."""
    wanted: Wanted | None = None
    """Not in force yet; None when there is nothing to do."""
    retry_at_s: float = 0.0
    hands_off: str | None = None
    """What a person's hand did, until a press; None while the music is the box's."""
    ownership: Ownership = Ownership()
    playback: Snapshot | None = None
    """The player as last seen; None before the first look."""
    player_fault: str | None = None
    without_music: Mood | None = None
    """A wanted mood that has no songs."""

    @property
    def want(self) -> Want:
        """What the camera should do."""
        if self.camera_closed:
            return Want.OFF
        return Want.READ if self.attempt else Want.WATCH

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


@dataclass(frozen=True, slots=True)
class PlayerGone:
    """The player cannot be reached or refused, and why."""

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
    | Planned
    | Queued
    | NoMusic
    | Tick
    | ButtonPressed
    | ButtonHeld
    | Message
)


# ── Commands ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class PlayMood:
    """Put this mood's music in force; answered by `Queued`, `NoMusic` or `PlayerGone`."""

    wanted: Wanted


@dataclass(frozen=True, slots=True)
class TopUp:
    """Append more of this mood's music; answered like `PlayMood`."""

    mood: Mood


@dataclass(frozen=True, slots=True)
class SaveCamera:
    """Remember across restarts whether a person closed the camera."""

    closed: bool


@dataclass(frozen=True, slots=True)
class Remark:
    """Say something to whoever reads the log."""

    text: str


Command = PlayMood | TopUp | SaveCamera | Remark
Step = tuple[State, tuple[Command, ...]]


# ── The policy ───────────────────────────────────────────────────────────────────────────────────


def step(state: State, event: Event, now_s: float, policy: Policy) -> Step:
    """Take in one event; returns the new state and what to do, in order."""
    commands: tuple[Command, ...] = ()
    match event:
        case Sensed():
            state = _sensed(state, event, now_s, policy)
        case CameraLost(reason):
            state = _camera_lost(state, reason, now_s, policy)
        case PlayerSeen(snapshot):
            state, commands = _player_seen(state, snapshot)
        case PlayerGone(reason):
            state = replace(state, player_fault=reason, retry_at_s=now_s + RETRY_S)
        case Planned(ownership):
            state = replace(state, ownership=ownership)
        case Queued():
            state = _queued(state, event)
        case NoMusic(mood):
            state = replace(state, wanted=None, without_music=mood)
        case ButtonPressed():
            state, commands = _pressed(state, now_s, policy)
        case ButtonHeld():
            state, commands = _close_camera(state)
        case Message(text):
            state, commands = _message(state, text, now_s, policy)
        case Tick():
            pass
    state = _begin_reading(state, now_s)
    state, play = _pursue(state, now_s)
    return state, commands + play


def deadline_s(state: State) -> float | None:
    """When the policy has to be asked again even if nothing happens; None for never."""
    moments = [state.retry_at_s if state.wanted else None, state.again_at_s]
    return min((moment for moment in moments if moment is not None), default=None)


# Seeing ──────────────────────────────────────────────────────────────────────────────────────────


def _sensed(state: State, event: Sensed, now_s: float, policy: Policy) -> State:
    tracked = presence.step(state.tracked, event.sight, now_s, policy.sitting)
    state = replace(state, tracked=tracked, dark=event.sight.dark, camera_fault=None)
    if tracked.presence is Presence.NOBODY:
        state = replace(state, was_read=False, again=0, again_at_s=None)
    attempt = state.attempt
    if attempt is None:
        return state
    if event.look is not None:
        attempt = replace(attempt, looks=(*attempt.looks, event.look))
    final = now_s - attempt.started_s >= policy.reading_s
    reading = read(attempt.looks, policy.point, final=final)
    if reading is None:
        return replace(state, attempt=attempt)
    if reading.why is Why.NOBODY and event.sight.dark:
        reading = replace(reading, why=Why.DARK)
    return _conclude(state, attempt, reading, now_s, policy)


def _camera_lost(state: State, reason: str, now_s: float, policy: Policy) -> State:
    tracked = presence.absent(state.tracked, now_s, policy.sitting)
    state = replace(state, tracked=tracked, camera_fault=reason, dark=False)
    if state.attempt is None:
        return state
    return _conclude(state, state.attempt, Reading(None, Why.NO_CAMERA, None, 0), now_s, policy)


def _begin_reading(state: State, now_s: float) -> State:
    """Start a reading where a sitting is due one, or a look again is."""
    idle = state.attempt is None and state.hands_off is None and not state.camera_closed
    if not idle or state.camera_fault or state.tracked.presence is not Presence.SITTING:
        return state
    if not state.was_read:
        return replace(state, attempt=Attempt(now_s, asked=False))
    if state.again_at_s is not None and now_s >= state.again_at_s:
        again = state.again + 1
        attempt = Attempt(now_s, asked=state.again_asked)
        return replace(state, attempt=attempt, again=again, again_at_s=None)
    return state


def _conclude(
    state: State, attempt: Attempt, reading: Reading, now_s: float, policy: Policy
) -> State:
    """A reading has ended: want its mood's music, or keep the evening from being silent."""
    state = replace(state, attempt=None, reading=reading, was_read=True, again_at_s=None)
    if reading.mood is not None:
        in_force = state.plays and state.mood is reading.mood and state.without_music is None
        if in_force and not attempt.asked:
            return replace(state, wanted=None)
        return _want(state, reading.mood, displace=attempt.asked)
    if state.again < len(policy.again_s) and reading.why is Why.UNDECIDED:
        again_at_s = now_s + policy.again_s[state.again]
        state = replace(state, again_at_s=again_at_s, again_asked=attempt.asked)
    if state.plays or state.wanted:
        return state
    return _want(state, state.mood or Mood.NEUTRAL, displace=attempt.asked)


# Hands ───────────────────────────────────────────────────────────────────────────────────────────


def _pressed(state: State, now_s: float, policy: Policy) -> Step:
    """The box's own button: opens a closed camera, and gives the music back to the box."""
    commands = (SaveCamera(closed=False),) if state.camera_closed else ()
    return _asked(replace(state, camera_closed=False), now_s, policy), commands


def _asked(state: State, now_s: float, policy: Policy) -> State:
    """A person asks to be read now; also in the middle of a reading, which then starts afresh."""
    state = _take_over(state)
    attempt = Attempt(now_s, asked=True)
    if state.camera_fault:
        return _conclude(state, attempt, Reading(None, Why.NO_CAMERA, None, 0), now_s, policy)
    return replace(state, attempt=attempt, again=0, again_at_s=None)


def _take_over(state: State) -> State:
    """The music is the box's again; songs that a person put there stay, and count no more."""
    queue: tuple[QueuedSong, ...] = state.playback.queue if state.playback else ()
    ownership = state.ownership.tolerating(foreign(queue, state.ownership))
    return replace(state, hands_off=None, ownership=ownership)


def _close_camera(state: State) -> Step:
    closed = replace(
        state,
        camera_closed=True,
        camera_fault=None,
        attempt=None,
        again_at_s=None,
        was_read=False,
        dark=False,
        tracked=Tracked(),
    )
    return closed, (SaveCamera(closed=True),)


def _message(state: State, text: str, now_s: float, policy: Policy) -> Step:
    """A client's message: `detect`, `mood <name>` or `camera off`."""
    match text.lower().split():
        case ["detect"]:
            if state.camera_closed:
                remark = "'detect' is ignored: only the box's own button opens a closed camera"
                return state, (Remark(remark),)
            return _asked(state, now_s, policy), ()
        case ["mood", name] if name in set(Mood):
            state = replace(_take_over(state), attempt=None, was_read=True, again_at_s=None)
            return _want(state, Mood(name), displace=True), ()
        case ["camera", "off"]:
            return _close_camera(state)
        case _:
            known = f"detect, mood {'|'.join(Mood)}, camera off"
            return state, (Remark(f"message {text[:80]!r} is not understood; known are: {known}"),)


# Music ───────────────────────────────────────────────────────────────────────────────────────────


def _want(state: State, mood: Mood, *, displace: bool) -> State:
    return replace(state, wanted=Wanted(mood, displace), retry_at_s=0.0, without_music=None)


def _pursue(state: State, now_s: float) -> Step:
    """Ask for the wanted mood's music as soon as the player is there and nobody's hand forbids."""
    wanted = state.wanted
    if wanted is None:
        return state, ()
    if state.hands_off and not wanted.displace:
        return replace(state, wanted=None), ()
    if now_s < state.retry_at_s:
        return state, ()
    return replace(state, retry_at_s=now_s + RETRY_S), (PlayMood(wanted),)


def _player_seen(state: State, now: Snapshot) -> Step:
    before = state.playback
    ownership = recognise(now.queue, state.ownership)
    touched = hand(before, now, ownership)
    if before is None and touched is None:
        ownership = ownership.tolerating(foreign(now.queue, ownership))
    back = state.player_fault is not None
    state = replace(
        state,
        playback=now,
        ownership=ownership,
        player_fault=None,
        retry_at_s=0.0 if back else state.retry_at_s,
        hands_off=state.hands_off or touched,
    )
    if touched and before is not None:
        # The later hand wins: also over a press whose reading is still under way.
        attempt = state.attempt and replace(state.attempt, asked=False)
        return replace(state, wanted=None, attempt=attempt), ()
    if state.hands_off or state.mood is None or state.wanted:
        return state, ()
    if before is not None and before.state is PlayState.PLAY and now.state is not PlayState.PLAY:
        # No hand did it: the server restarted, or its queue ran out. The music goes on.
        return _want(state, state.mood, displace=False), ()
    low = now.state is PlayState.PLAY and songs_left(now, ownership) < LOW_WATER
    owned = any(song.id == now.current_id for song in ownership.owned)
    return state, ((TopUp(state.mood),) if low and owned else ())


def _queued(state: State, event: Queued) -> State:
    state = replace(state, playback=event.snapshot, ownership=event.ownership, player_fault=None)
    if event.switched_to is None:
        return state
    return replace(state, mood=event.switched_to, wanted=None, without_music=None)
