"""The policy: `step(state, event, now_s, policy) → (state, commands)`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from moodbox.core.policy import appliance, learning, person, player, playing, seeing, triggers
from moodbox.core.policy.commands import PauseMusic, PlayMood, Restore, SwitchOff
from moodbox.core.policy.events import (
    CameraLost,
    GaveUp,
    NoMusic,
    PlanDone,
    PlanRefused,
    PlanSent,
    PlayerGone,
    Polled,
    Postponed,
    Sensed,
    Tick,
)
from moodbox.core.ports import (
    ButtonHeld,
    ButtonHeldLonger,
    ButtonHolding,
    ButtonPressed,
    Message,
)
from moodbox.core.seeing.presence import Presence

if TYPE_CHECKING:
    from moodbox.core.policy.events import Event
    from moodbox.core.policy.settings import Policy
    from moodbox.core.policy.state import State, Step


def step(state: State, event: Event, now_s: float, policy: Policy) -> Step:
    """Take in one event; returns the new state and the commands to carry out, in order."""
    before = state
    state, commands = _take_in(state, event, now_s, policy)
    state = _end_reading(state, now_s, policy)
    state = _respect_user_actions(before, state)
    state, learned = _learn(before, state, event, now_s)
    state, answers = _answer_request(state, event, now_s, policy)
    state, pauses = _pause_or_resume(before, state, policy)
    state = _begin_reading(state, now_s)
    state, plays = _pursue_target(state, now_s)
    return state, (*learned, *commands, *answers, *pauses, *plays)


def deadline_s(state: State) -> float | None:
    """When `step` has to be called again even without an event; None for never."""
    may_read = not state.appliance.camera_closed and state.control.manual is None
    moments = [
        playing.due_s(state.playing),
        triggers.due_s(state.triggers),
        seeing.due_s(state.seeing) if may_read else None,
    ]
    return min((moment for moment in moments if moment is not None), default=None)


def _take_in(state: State, event: Event, now_s: float, policy: Policy) -> Step:
    """Take in the event itself, before anything follows from it."""
    match event:
        case Sensed() | CameraLost() | Tick():
            return _seen(state, event, now_s, policy), ()
        case Polled(snapshot):
            return player.polled(state, snapshot, now_s)
        case PlanSent(plan):
            return player.plan_sent(state, plan), ()
        case PlanDone():
            return player.plan_done(state, event, now_s)
        case PlanRefused():
            return player.plan_refused(state, event, now_s)
        case GaveUp():
            return player.gave_up(state, event)
        case Postponed(PlayMood()):
            return replace(state, playing=playing.postponed(state.playing, now_s)), ()
        case Postponed():
            return state, ()
        case NoMusic(mood):
            return player.restore(replace(state, playing=playing.no_music(state.playing, mood)))
        case PlayerGone(reason):
            return replace(state, playing=playing.gone(state.playing, reason)), ()
        case ButtonPressed():
            return person.pressed(state, now_s)
        case ButtonHolding(hold):
            return replace(state, appliance=replace(state.appliance, holding=hold)), ()
        case ButtonHeld():
            state = replace(state, appliance=replace(state.appliance, holding=None))
            return person.close_camera(state)
        case ButtonHeldLonger():
            held = appliance.held_longer(state.appliance)
            return replace(state, appliance=held), (SwitchOff(),)
        case Message(text):
            return person.message(state, text, now_s)


def _seen(state: State, event: Sensed | CameraLost | Tick, now_s: float, policy: Policy) -> State:
    """Take in what the camera shows; ignored while the camera is closed."""
    if state.appliance.camera_closed:
        return state
    match event:
        case Sensed():
            seen = seeing.sensed(state.seeing, event, now_s, policy)
        case CameraLost():
            seen = seeing.camera_lost(state.seeing, event, now_s, policy)
        case Tick():
            seen = seeing.waited(state.seeing, now_s, policy)
    return replace(state, seeing=seen)


def _respect_user_actions(before: State, state: State) -> State:
    """Note user actions that came after a request, and whether music is heard."""
    seen, now = before.playing.playback, state.playing.playback
    manual = state.control.manual is not None
    return replace(
        state,
        triggers=triggers.follow(state.triggers, before.triggers, seen, now),
        playing=playing.sounding(state.playing, before.playing, manual=manual),
    )


def _learn(before: State, state: State, event: Event, now_s: float) -> Step:
    """Follow the song that is heard, and learn from it when it is over."""
    plan = event.plan if isinstance(event, PlanDone | PlanRefused) else None
    by_box = plan is not None and not isinstance(plan.purpose, PauseMusic)
    listening, learned = learning.listen(before, state, now_s, by_box=by_box)
    if isinstance(event, Polled) or (plan and not by_box):
        learned += learning.removed(before, state)
    return replace(state, listening=listening), learned


def _answer_request(state: State, event: Event, now_s: float, policy: Policy) -> Step:
    """Answer a request once its client has finished; delete trigger tracks that are no request."""
    request, now = state.triggers.request, state.playing.playback
    if now is None or state.playing.player_fault:
        return state, ()
    if request is None or request.answered:
        # It came with "add everything", is left from an earlier day, or could not be deleted yet.
        polled = isinstance(event, Polled) and not isinstance(event.before, Restore)
        return player.restore(state) if polled and state.playing.target is None else (state, ())
    if not triggers.is_due(request, now, now_s):
        return state, ()
    state = replace(
        state,
        triggers=replace(state.triggers, request=replace(request, answered=True)),
        control=replace(state.control, manual=request.manual),
    )
    state, commands = person.message(state, request.text, now_s)
    state = _end_reading(state, now_s, policy)
    if state.playing.target is not None:
        return state, commands  # the target's music replaces what was cleared
    state, restores = player.restore(state)
    return state, (*commands, *restores)


def _end_reading(state: State, now_s: float, policy: Policy) -> State:
    """End the reading under way if it is sure, its time is over or the camera failed; follow it."""
    manual = state.control.manual is not None
    seen, verdict = seeing.end(state.seeing, now_s, policy, state.playing.mood, manual=manual)
    if verdict is None:
        return replace(state, seeing=seen)
    return replace(state, seeing=seen, playing=playing.follow(state.playing, verdict))


def _pause_or_resume(before: State, state: State, policy: Policy) -> Step:
    """Pause the box's own music when everybody has left; resume it when somebody sits down."""
    was, now = before.seeing.tracked.presence, state.seeing.tracked.presence
    if was is now:
        return state, ()
    sits, left = now is Presence.SITTING, was is Presence.SITTING and now is Presence.NOBODY
    sure = not (state.appliance.camera_closed or state.seeing.camera_fault)
    if not (sits or (left and sure and policy.pause_when_left)):
        return state, ()
    manual = state.control.manual is not None
    may = playing.may_pause(state.playing, state.control.ownership, on=left, manual=manual)
    return state, (PauseMusic(on=left),) if may else ()


def _begin_reading(state: State, now_s: float) -> State:
    """Begin a reading if one is due, unless a person controls the music."""
    if state.appliance.camera_closed or state.control.manual:
        return state
    return replace(state, seeing=seeing.begin(state.seeing, now_s))


def _pursue_target(state: State, now_s: float) -> Step:
    """Ask for the target's music if it is due."""
    manual = state.control.manual is not None
    pursued, commands = playing.pursue(state.playing, now_s, manual=manual)
    return replace(state, playing=pursued), commands
