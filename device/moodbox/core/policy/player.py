"""What the player reports: polls and the results of plans. Plans are made here, too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from moodbox.core.music.manual_control import user_action, user_action_since_switch
from moodbox.core.music.ownership import recognise
from moodbox.core.music.plans import (
    added_uris,
    after_delete,
    after_restore,
    deleted_ids,
    plan_restore,
    plan_switch,
    plan_top_up,
)
from moodbox.core.music.playback import Add, Pause
from moodbox.core.policy import control as control_part
from moodbox.core.policy import playing as playing_part
from moodbox.core.policy import triggers as triggers_part
from moodbox.core.policy.commands import (
    PauseMusic,
    Plan,
    PlayMood,
    Remark,
    Restore,
    TopUp,
    Undo,
)
from moodbox.core.policy.control import Control
from moodbox.core.policy.state import State, drop_requests

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from moodbox.core.mood import Mood
    from moodbox.core.music.ownership import Ownership
    from moodbox.core.music.playback import QueueCommand, QueuedSong, Snapshot
    from moodbox.core.policy.commands import PlayerCommand
    from moodbox.core.policy.events import GaveUp, PlanDone, PlanRefused
    from moodbox.core.policy.state import Step

REFUSALS = {
    TopUp: "MPD refused to add more songs",
    Restore: "MPD refused to restore the queue that was cleared",
}
"""Log lines for refused commands; a refused `PlayMood` shows as a fault instead."""


def plan_for(
    state: State, command: PlayerCommand, snapshot: Snapshot, uris: Sequence[str]
) -> Plan | None:
    """The plan for a command, given the latest poll; None if the command has become pointless.

    `uris` are the songs that were chosen for it; empty for commands that add none.
    """
    playing, control, ownership = state.playing, state.control, state.control.ownership
    manual = control.manual is not None
    match command:
        case PlayMood(target) if playing.target == target:
            return _plan(command, plan_switch(snapshot, uris, ownership), snapshot)
        case TopUp(mood) if not (manual or playing.target) and mood is playing.mood:
            return _plan(command, plan_top_up(snapshot, uris, ownership), snapshot)
        case PauseMusic(on) if playing_part.may_pause(playing, ownership, on=on, manual=manual):
            return _plan(command, (Pause(on),), snapshot)
        case Restore() if triggers_part.has_to_restore(state.triggers, snapshot):
            request = state.triggers.request
            cleared = request.cleared if request else None
            changes = plan_restore(snapshot, cleared)
            adds = any(isinstance(change, Add) for change in changes)
            return Plan(command, changes, snapshot, cleared if adds else None)
        case PlayMood() | TopUp() | PauseMusic() | Restore():
            return None


def _plan(
    command: PlayerCommand, changes: tuple[QueueCommand, ...], snapshot: Snapshot
) -> Plan | None:
    return Plan(command, changes, snapshot) if changes else None


def polled(state: State, now: Snapshot, now_s: float) -> Step:
    """The player was polled: note a user action, else keep the mood's music playing."""
    before, asked = state.playing.playback, _is_asked_for(state)
    expected = playing_part.expected(state.playing, now)
    control, action = control_part.polled(state.control, before, expected, now, asked=asked)
    triggers = triggers_part.polled(
        state.triggers, before, state.playing.polled_s, now, now_s, state.control
    )
    playing = playing_part.polled(state.playing, now, now_s)
    state = replace(state, control=control, triggers=triggers, playing=playing)
    if action:
        return drop_requests(state), ()
    if playing_part.is_in_force(playing, before, control.ownership):
        playing = replace(playing, target=None)
    if control.manual or playing.target or triggers.request or playing.paused:
        return replace(state, playing=playing), ()
    playing, commands = playing_part.keep_playing(playing, before, control.ownership, now_s)
    return replace(state, playing=playing), commands


def plan_sent(state: State, plan: Plan) -> State:
    """A plan is about to be applied: its songs are the box's, even if no answer comes."""
    own_uris = plan.restoring.own_uris if plan.restoring else added_uris(plan.changes)
    ownership = state.control.ownership.expecting(own_uris)
    return replace(
        state,
        control=replace(state.control, ownership=ownership),
        playing=replace(state.playing, pausing=plan.purpose == PauseMusic(on=True)),
    )


def plan_done(state: State, event: PlanDone, now_s: float) -> Step:
    """A plan was applied: take in its effect, and note a user action that came meanwhile."""
    now, before = event.snapshot, state.playing.playback
    owned = state.control.ownership.confirmed(event.added)
    match event.plan.purpose:
        case PlayMood(target):
            return _switched(state, target.mood, owned, now, now_s), ()
        case TopUp():
            state, action = _changed(_allowed(state, TopUp), owned, before, now, now_s)
            return _after_action(state, action), ()
        case Undo():
            left = after_delete(event.plan.since, deleted_ids(event.plan.changes))
            state, action = _changed(state, state.control.ownership, left, now, now_s)
            return _after_action(state, action), ()
        case Restore():
            return _restored(_allowed(state, Restore), event, now_s), ()
        case PauseMusic(on):
            state = replace(state, playing=playing_part.paused(state.playing, on=on))
            return polled(state, now, now_s)


def plan_refused(state: State, event: PlanRefused, now_s: float) -> Step:
    """A plan was refused, perhaps half way: the songs that it added are the box's."""
    plan, before = event.plan, state.playing.playback
    pausing = isinstance(plan.purpose, PauseMusic)
    if pausing or (isinstance(plan.purpose, Restore) and plan.restoring is None):
        return polled(state, event.snapshot, now_s)  # it adds nothing
    owned = _with_added(state.control.ownership, plan, event.added)
    state, action = _changed(state, owned, before, event.snapshot, now_s)
    return _after_action(state, action), ()


def gave_up(state: State, event: GaveUp) -> Step:
    """The player refuses a command: a fault if it is `PlayMood`, else logged once."""
    kind = type(event.command)
    if kind is PlayMood:
        fault = state.playing.music_fault or event.reason
        return restore(replace(state, playing=replace(state.playing, music_fault=fault)))
    if kind not in REFUSALS or kind in state.playing.refused:
        return state, ()
    refused = state.playing.refused | {kind}
    remark = Remark(f"{REFUSALS[kind]}: {event.reason}")
    return replace(state, playing=replace(state.playing, refused=refused)), (remark,)


def restore(state: State) -> Step:
    """Delete the trigger tracks and restore what was cleared, if there is either."""
    due = triggers_part.has_to_restore(state.triggers, state.playing.playback)
    return state, (Restore(),) if due else ()


def _switched(state: State, mood: Mood, ownership: Ownership, now: Snapshot, now_s: float) -> State:
    """The mood's music was put in force."""
    before = state.playing.playback
    state = replace(state, triggers=replace(state.triggers, request=None))
    state, _ = _changed(state, ownership, before, now, now_s, find_action=user_action_since_switch)
    manual = state.control.manual is not None
    playing = playing_part.switched(state.playing, mood, now, manual=manual)
    return replace(state, playing=playing)


def _restored(state: State, event: PlanDone, now_s: float) -> State:
    """The trigger tracks were deleted, and what a client cleared for one was restored."""
    plan = event.plan
    left = after_restore(plan.since, plan.restoring, event.added)
    ownership = _with_added(state.control.ownership, plan, event.added)
    state = replace(state, triggers=replace(state.triggers, request=None))
    state, action = _changed(state, ownership, left, event.snapshot, now_s)
    return drop_requests(state) if action else state


def _changed(
    state: State,
    ownership: Ownership,
    left: Snapshot | None,
    now: Snapshot,
    now_s: float,
    find_action: Callable[[Snapshot | None, Snapshot, Ownership], str | None] = user_action,
) -> tuple[State, str | None]:
    """Take in `now`, the player after the box's own change, and the user action since, if any.

    `left` is the player as the box's change left it: any difference in `now` is a user action (a
    pause, a cleared queue, other music) that came before this poll.
    """
    manual = state.control.manual
    anew = control_part.is_first(state.playing.playback, now)
    ownership = recognise(now.queue, ownership, anew=anew)
    action = find_action(left, now, ownership)
    return replace(
        state,
        control=Control(manual or action, ownership),
        playing=playing_part.polled(state.playing, now, now_s),
        triggers=triggers_part.loaded(state.triggers, left, now, now_s, manual),
    ), action


def _after_action(state: State, action: str | None) -> State:
    """Drop the target after a user action or under manual control."""
    if action:
        return drop_requests(state)
    if state.control.manual:
        return replace(state, playing=replace(state.playing, target=None))
    return state


def _with_added(ownership: Ownership, plan: Plan, added: tuple[QueuedSong, ...]) -> Ownership:
    """Ownership after a plan has added songs; restored songs get their earlier owners."""
    if plan.restoring:
        return ownership.restored(added, plan.restoring.own_uris)
    return ownership.confirmed(added) if added else ownership


def _allowed(state: State, kind: type[PlayerCommand]) -> State:
    """The player carried out a command of this kind: log its next refusal again."""
    refused = state.playing.refused - {kind}
    return replace(state, playing=replace(state.playing, refused=refused))


def _is_asked_for(state: State) -> bool:
    """Whether a person asked for the reading under way, or for the mood that is the target."""
    target, attempt = state.playing.target, state.seeing.attempt
    return bool((target and target.displace) or (attempt and attempt.asked))
