"""What the box does: `step(state, event, now_s) → (state, commands)`. Policy and authority."""

from __future__ import annotations

from dataclasses import replace

from moodbox.core.mood import BBox, Mood, Scores
from moodbox.core.music.listening import begin, go_on
from moodbox.core.music.manual_control import hand, hand_since_switch, is_own
from moodbox.core.music.ownership import foreign, recognise, songs_left, taken_out
from moodbox.core.music.tastes import Heard
from moodbox.core.music.triggers import after_a_hand, chimes, cleared, plays_chime, requested
from moodbox.core.policy.state import (
    Attempt,
    CameraLost,
    Command,
    Event,
    Forget,
    Learn,
    NoMusic,
    Paused,
    PauseMusic,
    Planned,
    PlayerGone,
    PlayerSeen,
    PlayMood,
    Policy,
    PutBack,
    Queued,
    Refused,
    Remark,
    Restored,
    SaveCamera,
    Sensed,
    State,
    SwitchOff,
    Tick,
    TopUp,
    Wanted,
)
from moodbox.core.ports import (
    ButtonHeld,
    ButtonHeldLonger,
    ButtonHolding,
    ButtonPressed,
    Message,
    PlayState,
    QueuedSong,
    Snapshot,
)
from moodbox.core.seeing import presence
from moodbox.core.seeing.presence import Presence, Tracked
from moodbox.core.seeing.reading import Reading, Why, read

__all__ = ["Policy", "State", "deadline_s", "may_pause", "step"]

LOW_WATER = 3
"""Songs of the box's still to come at which the queue is topped up."""

RETRY_S, MOST_RETRY_S = 5.0, 300.0
"""Pauses before a wanted mood is tried again, each twice the one before: where every song of a mood
is broken, or the sound card is gone, trying at once would go on for ever."""

CONFIRM_S = 30.0
"""A reading anew that sees another mood is followed by a second one after this, at the latest."""

Step = tuple[State, tuple[Command, ...]]


def step(state: State, event: Event, now_s: float, policy: Policy) -> Step:
    """Take in one event; returns the new state and what to do, in order."""
    before = state
    commands: tuple[Command, ...] = ()
    match event:
        case Sensed() | CameraLost() if state.camera_closed:
            pass  # it was seen before the camera was closed
        case Sensed():
            state = _sensed(state, event, now_s, policy)
        case CameraLost(reason):
            state = _camera_lost(state, reason, now_s, policy)
        case PlayerSeen(snapshot):
            state, commands = _player_seen(state, snapshot, now_s)
        case PlayerGone(reason):
            state = replace(state, player_fault=reason)
        case Refused(reason):
            told = state.music_fault or reason
            state, commands = _put_back(replace(state, music_fault=told))
        case Restored():
            state = _restored(state, event, now_s)
        case Planned(ownership):
            state = replace(state, ownership=ownership)
        case Queued():
            state = _queued(state, event, now_s)
        case Paused(on):
            state = _paused(state, on=on)
        case NoMusic(mood):
            wanted = state.wanted if state.wanted and state.wanted.mood is not mood else None
            state, commands = _put_back(replace(state, wanted=wanted, without_music=mood))
        case ButtonPressed():
            state, commands = _pressed(state, now_s, policy)
        case ButtonHolding(hold):
            state = replace(state, holding=hold)
        case ButtonHeld():
            state, commands = _close_camera(replace(state, holding=None))
        case ButtonHeldLonger():
            state = replace(state, holding=None, switching_off=True)
            commands = (SwitchOff(),)
        case Message(text):
            state, commands = _message(state, text, now_s, policy)
        case Tick():
            state = _waited(state, now_s, policy)
    state = _still_to_put_back(before, state)
    state = _sounding(before, state)
    state, learn = _listen(before, state, now_s, by_box=isinstance(event, Queued | Restored))
    if isinstance(event, PlayerSeen):
        learn += _unheard(before, state)
    state, answer = _answer(state, event, now_s, policy)
    state, pause = _come_and_go(before, state, policy)
    state = _begin_reading(state, now_s)
    state, play = _pursue(state, now_s)
    return state, learn + commands + answer + pause + play


def deadline_s(state: State) -> float | None:
    """When the policy has to be asked again even if nothing happens; None for never."""
    moments = [
        state.retry_at_s if state.wanted and not state.player_fault else None,
        state.again_at_s if state.may_read else None,
        state.request.due_s if state.request and not state.request.heeded else None,
        state.reread_at_s if state.may_read else None,
    ]
    return min((moment for moment in moments if moment is not None), default=None)


# Seeing ──────────────────────────────────────────────────────────────────────────────────────────


def _sensed(state: State, event: Sensed, now_s: float, policy: Policy) -> State:
    state = replace(state, dark=event.sight.dark, camera_fault=None)
    state = _present(state, presence.step(state.tracked, event.sight, now_s, policy.sitting))
    if state.attempt is not None and event.look is not None:
        state = replace(state, attempt=_with_look(state.attempt, event.look, state.tracked.box))
    return _read_on(state, now_s, policy)


def _with_look(attempt: Attempt, look: Scores, box: BBox | None) -> Attempt:
    """One more look of a reading; a face at another place is somebody else, and not read."""
    if box is None or (attempt.box and not presence.is_same(attempt.box, box)):
        return attempt
    return replace(attempt, looks=(*attempt.looks, look), box=box)


def _camera_lost(state: State, reason: str, now_s: float, policy: Policy) -> State:
    state = replace(state, camera_fault=reason, dark=False)
    state = _present(state, presence.absent(state.tracked, now_s, policy.sitting))
    if state.attempt is None:
        return state
    return _conclude(state, state.attempt, Reading(None, Why.NO_CAMERA, None, 0), now_s, policy)


def _waited(state: State, now_s: float, policy: Policy) -> State:
    """Time passed; without a camera also that counts as an absence."""
    if state.camera_fault:
        state = _present(state, presence.absent(state.tracked, now_s, policy.sitting))
    return _read_on(state, now_s, policy)


def _present(state: State, tracked: Tracked) -> State:
    """Note who is here; whoever comes next is read anew."""
    if tracked.presence is not Presence.NOBODY:
        return replace(state, tracked=tracked)
    unsure = state.unsure and state.tracked.presence is Presence.NOBODY
    return _not_again(replace(state, tracked=tracked, was_read=False, again=0, unsure=unsure))


def _not_again(state: State) -> State:
    """Nothing is read anew by itself."""
    return replace(state, again_at_s=None, reread_at_s=None, doubt=None)


def _read_on(state: State, now_s: float, policy: Policy) -> State:
    """End the reading under way if it is sure, or if its time is over, also without any frame."""
    attempt = state.attempt
    if attempt is None:
        return state
    final = now_s - attempt.started_s >= policy.reading_s
    reading = read(attempt.looks, policy.point, final=final)
    if reading is None:
        return state
    if reading.why is Why.NOBODY and state.dark:
        reading = replace(reading, why=Why.DARK)
    return _conclude(state, attempt, reading, now_s, policy)


def _begin_reading(state: State, now_s: float) -> State:
    """Start a reading where a sitting is due one, or a look again is."""
    if not state.may_read:
        return state
    if not state.was_read:
        return replace(state, attempt=Attempt(now_s, asked=False))
    if state.again_at_s is not None and now_s >= state.again_at_s:
        again = state.again + 1
        attempt = Attempt(now_s, asked=state.again_asked)
        return replace(state, attempt=attempt, again=again, again_at_s=None)
    if state.reread_at_s is not None and now_s >= state.reread_at_s:
        attempt = Attempt(now_s, asked=False, reread=True)
        return replace(state, attempt=attempt, reread_at_s=None)
    return state


def _conclude(
    state: State, attempt: Attempt, reading: Reading, now_s: float, policy: Policy
) -> State:
    """A reading has ended: want its mood's music, or keep the evening from being silent."""
    if attempt.reread:
        return _reread(state, reading, now_s, policy)
    unsure = reading.mood is None
    state = _not_again(replace(state, attempt=None, reading=reading, unsure=unsure, was_read=True))
    if policy.reread_s > 0:
        state = replace(state, reread_at_s=now_s + policy.reread_s)
    if attempt.asked and reading.scores is not None:
        # Who asks and shows a face sits here, however short a while: once read is enough.
        here = replace(state.tracked, presence=Presence.SITTING, seen_s=now_s)
        state = replace(state, tracked=here)
    if reading.mood is not None:
        in_force = state.plays and state.mood is reading.mood and state.without_music is None
        if in_force and not attempt.asked:
            return replace(state, wanted=None)
        return _want(state, reading.mood, displace=attempt.asked)
    sits = state.tracked.presence is Presence.SITTING and state.hands_off is None
    if sits and state.again < len(policy.again_s):
        again_at_s = now_s + policy.again_s[state.again]
        state = replace(state, again_at_s=again_at_s, again_asked=attempt.asked)
    if state.plays or state.wanted:
        return state
    return _want(state, state.mood or Mood.NEUTRAL, displace=attempt.asked)


def _reread(state: State, reading: Reading, now_s: float, policy: Policy) -> State:
    """The sitting was read anew: only another mood that is read twice in a row is followed."""
    state = replace(state, attempt=None, reading=reading, reread_at_s=now_s + policy.reread_s)
    if reading.mood is None or reading.mood is state.mood:
        return replace(state, doubt=None)
    if reading.mood is not state.doubt:
        soon_s = now_s + min(CONFIRM_S, policy.reread_s)
        return replace(state, doubt=reading.mood, reread_at_s=soon_s)
    return _want(replace(state, doubt=None), reading.mood, displace=False)


def _come_and_go(before: State, state: State, policy: Policy) -> Step:
    """Pause the box's own music when everybody has left; let it go on when somebody sits again."""
    was, now = before.tracked.presence, state.tracked.presence
    if now is Presence.SITTING and was is not now and may_pause(state, on=False):
        return state, (PauseMusic(on=False),)
    left = was is Presence.SITTING and now is Presence.NOBODY
    sure = not (state.camera_closed or state.camera_fault)
    if policy.pause_when_left and left and sure and may_pause(state, on=True):
        return state, (PauseMusic(on=True),)
    return state, ()


def may_pause(state: State, *, on: bool) -> bool:
    """Whether the box may pause its music, or (`on` False) let go on what it has paused itself."""
    if on:
        return state.hands_off is None and state.wanted is None and _plays_own(state)
    return state.paused and state.playback is not None and is_own(state.playback, state.ownership)


def _paused(state: State, *, on: bool) -> State:
    """The box's own act, which the next look is to be held against."""
    playback = state.playback
    if playback is not None:
        playback = replace(playback, state=PlayState.PAUSE if on else PlayState.PLAY)
    return replace(state, paused=on, playback=playback)


def _plays_own(state: State) -> bool:
    """Whether a song that the box put in plays."""
    now = state.playback
    return now is not None and state.plays and is_own(now, state.ownership)


# Hands ───────────────────────────────────────────────────────────────────────────────────────────


def _pressed(state: State, now_s: float, policy: Policy) -> Step:
    """The box's own button: opens a closed camera, and gives the music back to the box."""
    commands = (SaveCamera(closed=False),) if state.camera_closed else ()
    # A hand that still can press: the machine is on after all.
    state = replace(state, camera_closed=False, holding=None, switching_off=False)
    return _asked(state, now_s, policy), commands


def _asked(state: State, now_s: float, policy: Policy) -> State:
    """A person asks to be read now; also in the middle of a reading, which then starts afresh."""
    state = _take_over(state)
    attempt = Attempt(now_s, asked=True)
    if state.camera_fault:
        return _conclude(state, attempt, Reading(None, Why.NO_CAMERA, None, 0), now_s, policy)
    return _not_again(replace(state, attempt=attempt, again=0))


def _take_over(state: State) -> State:
    """The music is the box's again; songs that a person put there stay, and count no more."""
    queue: tuple[QueuedSong, ...] = state.playback.queue if state.playback else ()
    ownership = state.ownership.tolerating(foreign(queue, state.ownership))
    return replace(state, hands_off=None, ownership=ownership)


def _close_camera(state: State) -> Step:
    if state.camera_closed:
        return state, ()
    closed = replace(
        state,
        camera_closed=True,
        camera_fault=None,
        attempt=None,
        again=0,
        was_read=False,
        unsure=False,
        dark=False,
        tracked=Tracked(),
    )
    return _not_again(closed), (SaveCamera(closed=True),)


def _message(state: State, text: str, now_s: float, policy: Policy) -> Step:
    """A client's message: `detect`, `mood <name>`, `camera off` or `forget`."""
    match text.lower().split():
        case ["detect"]:
            if state.camera_closed:
                remark = "'detect' is ignored: only the box's own button opens a closed camera"
                return state, (Remark(remark),)
            return _asked(state, now_s, policy), ()
        case ["mood", name] if name in set(Mood):
            state = _take_over(state)
            state = _not_again(replace(state, attempt=None, was_read=True, unsure=False))
            return _want(state, Mood(name), displace=True), ()
        case ["camera", "off"]:
            return _close_camera(state)
        case ["forget"]:
            return state, (Forget(), Remark("what was learned of songs is forgotten"))
        case _:
            known = f"detect, mood {'|'.join(Mood)}, camera off, forget"
            return state, (Remark(f"message {text[:80]!r} is not understood; known are: {known}"),)


def _notice(state: State, before: Snapshot | None, hands_off: str | None, now_s: float) -> State:
    """Note a queue that was cleared, and a chime that was loaded, since the look `before`."""
    now = state.playback
    if now is None or before is None:
        return state
    request = requested(before, now, now_s, state.cleared, hands_off)
    return replace(state, request=request) if request else state


def _answer(state: State, event: Event, now_s: float, policy: Policy) -> Step:
    """Heed a chime once its client has done with it; take out those that are no press."""
    request, now = state.request, state.playback
    if now is None or state.player_fault:
        return state, ()
    if request is None or request.heeded:
        # Swept in among other songs, left from an earlier day, or not taken out at first.
        seen = isinstance(event, PlayerSeen) and not event.acting
        again = seen and state.wanted is None
        return _put_back(state) if again else (state, ())
    if now_s < request.due_s and not plays_chime(now):
        return state, ()
    state = replace(state, request=replace(request, heeded=True), hands_off=request.hands_off)
    state, commands = _message(state, request.text, now_s, policy)
    if state.wanted is not None:
        return state, commands  # its music takes the place of what was cleared
    state, back = _put_back(state)
    return state, commands + back


def _put_back(state: State) -> Step:
    """Have the chimes out and, if a chime's press brought no music, what was cleared back."""
    if state.request is None and not (state.playback and chimes(state.playback.queue)):
        return state, ()
    return state, (PutBack(),)


def _still_to_put_back(before: State, state: State) -> State:
    """Let a hand that came after a request have its way with what was cleared for it."""
    request, seen, now = state.request, before.playback, state.playback
    if request is None or request.cleared is None or request is not before.request:
        return state
    if seen is None or now is None or now is seen:
        return state
    gone = after_a_hand(request.cleared, seen, now)
    return (
        state if gone is request.cleared else replace(state, request=replace(request, cleared=gone))
    )


def _restored(state: State, event: Restored, now_s: float) -> State:
    touched = hand(event.left, event.snapshot, event.ownership)
    hands_off = state.hands_off
    state = replace(
        state,
        playback=event.snapshot,
        ownership=event.ownership,
        request=None,
        seen_s=now_s,
        hands_off=hands_off or touched,
    )
    state = _give_way(state) if touched else state
    return _notice(state, event.left, hands_off, now_s)


# Music ───────────────────────────────────────────────────────────────────────────────────────────


def _want(state: State, mood: Mood, *, displace: bool) -> State:
    """A person or a reading wants this mood, now."""
    wanted = Wanted(mood, displace)
    return replace(state, wanted=wanted, tries=0, retry_at_s=0.0, without_music=None)


def _pursue(state: State, now_s: float) -> Step:
    """Ask for the wanted mood's music as soon as the player is there and nobody's hand forbids."""
    wanted = state.wanted
    if wanted is None:
        return state, ()
    if state.hands_off and not wanted.displace:
        return replace(state, wanted=None), ()
    if state.player_fault or now_s < state.retry_at_s:
        return state, ()
    # No power of 2 beyond what the cap needs: a float overflows at the thousandth.
    pause_s = min(RETRY_S * 2 ** min(state.tries, 10), MOST_RETRY_S)
    state = replace(state, tries=state.tries + 1, retry_at_s=now_s + pause_s)
    return state, (PlayMood(wanted),)


def _player_seen(state: State, now: Snapshot, now_s: float) -> Step:
    before, back = state.playback, state.player_fault is not None
    first = before is None or before.restarts != now.restarts
    ownership = recognise(now.queue, state.ownership, anew=first)
    touched = hand(_expected(state, now), now, ownership)
    gone = state.cleared
    if before is not None:
        gone = cleared(before, state.seen_s, now, now_s, state.ownership, state.hands_off) or gone
    hands_off = state.hands_off
    if first and (touched is None or _asked_for(state)):
        # What lay there before holds nobody back, least of all a press that came before the look.
        ownership, touched = ownership.tolerating(foreign(now.queue, ownership)), None
    state = replace(
        state,
        playback=now,
        ownership=ownership,
        player_fault=None,
        # Music is put on at once when the player is back; not when it goes at each attempt.
        retry_at_s=0.0 if back and state.tries <= 1 else state.retry_at_s,
        hands_off=hands_off or touched,
        seen_s=now_s,
        cleared=gone,
        paused=state.paused and now.state is PlayState.PAUSE,
    )
    state = _notice(state, before, hands_off, now_s)
    if touched:
        return _give_way(state), ()
    if _is_in_force(state, before):
        state = replace(state, wanted=None)
    blocked = state.hands_off or state.wanted or state.request or state.paused
    if blocked or state.mood is None:
        return state, ()
    return _keep_playing(state, before, now, now_s)


def _give_way(state: State) -> State:
    """The later hand wins: over a press whose reading is under way, or whose music is coming."""
    attempt = state.attempt and replace(state.attempt, asked=False)
    return _not_again(replace(state, wanted=None, attempt=attempt))


def _is_in_force(state: State, before: Snapshot | None) -> bool:
    """Whether a person has set going what the box could not: its songs of the wanted mood."""
    tried = state.wanted is not None and not state.wanted.displace
    same = state.wanted is not None and state.wanted.mood is state.mood
    began = before is not None and before.state is not PlayState.PLAY
    return tried and same and began and _plays_own(state)


def _expected(state: State, now: Snapshot) -> Snapshot | None:
    """The player as it was seen last, but for what the box itself did: its own pause is no hand."""
    before = state.playback
    if before is None or not state.paused:
        return before
    # What was paused and is stopped now was stopped by somebody.
    paused = now.state is PlayState.PAUSE
    return replace(before, state=PlayState.PAUSE if paused else PlayState.PLAY)


def _asked_for(state: State) -> bool:
    """Whether a person asked for the reading under way, or for the mood that is wanted."""
    wanted, attempt = state.wanted, state.attempt
    return bool((wanted and wanted.displace) or (attempt and attempt.asked))


def _keep_playing(state: State, before: Snapshot | None, now: Snapshot, now_s: float) -> Step:
    """The mood in force stays in force: put it on again, or top the queue up."""
    played = before is not None and before.state is PlayState.PLAY
    if now.state is not PlayState.PLAY:
        if not (played and state.mood):
            return state, ()
        # No hand did it: the server restarted, its queue ran out, its output failed.
        wanted = Wanted(state.mood, displace=False)
        return replace(state, wanted=wanted, without_music=None), ()
    if played and before and before.current_id != now.current_id and now.error is None:
        state = replace(state, tries=0)
    low = songs_left(now, state.ownership) < LOW_WATER and now_s >= state.top_up_at_s
    owned = any(song.id == now.current_id for song in state.ownership.owned)
    if not (low and owned and state.mood):
        return state, ()
    return replace(state, top_up_at_s=now_s + RETRY_S), (TopUp(state.mood),)


def _sounding(before: State, state: State) -> State:
    """Note when the player begins to fail at playing, and when music is heard.

    Every song that it tries in vain has its own error, and each attempt takes the last one away.
    """
    seen, now = before.playback, state.playback
    if now is None or now is seen:
        return state
    if now.error is not None and (seen is None or now.error != seen.error):
        return replace(state, music_fault=state.music_fault or now.error)
    if state.wanted is None and now.state is PlayState.PLAY and now.elapsed_s:
        return replace(state, music_fault=None, unheard=False)
    return replace(state, unheard=state.unheard and state.hands_off is None)


def _listen(before: State, after: State, now_s: float, *, by_box: bool) -> Step:
    """Follow the song that is heard; learn of it when it gives way to another."""
    now, listening = after.playback, before.listening
    if now is None or (now is before.playback and not after.player_fault):
        return after, ()
    song = None if after.player_fault else _own_song(after)
    if listening is not None and song == listening.song:
        return replace(after, listening=go_on(listening, now, now_s)), ()
    learned: tuple[Command, ...] = ()
    if listening is not None:
        # Who goes on within the box's music skips; a press, another album or a fault say nothing.
        quiet = before.playback is not None and before.playback.restarts == now.restarts
        same_hand = after.hands_off == before.hands_off and not now.error
        by_hand = song is not None and quiet and same_hand and not by_box
        learned = (Learn(listening.until(now_s).ended(by_hand=by_hand)),)
    heard = None
    # While another mood is wanted it is not known which the song belongs to.
    if song is not None and after.mood is not None and after.wanted is None:
        heard = begin(now, song, after.mood, now_s)
    return replace(after, listening=heard), learned


def _unheard(before: State, after: State) -> tuple[Command, ...]:
    """A song still to come that a person takes out waits as if it had been heard."""
    was, now = before.playback, after.playback
    if was is None or now is None or before.player_fault or after.mood is None:
        return ()  # what went while the player was away, the box itself may have taken out
    songs = taken_out(was, now, before.ownership)
    return tuple(Learn(Heard(after.mood, song.uri, None)) for song in songs)


def _own_song(state: State) -> QueuedSong | None:
    """The current song, if the box put it in; None when it is another's, or there is none."""
    current_id = state.playback.current_id if state.playback else None
    return next((song for song in state.ownership.owned if song.id == current_id), None)


def _queued(state: State, event: Queued, now_s: float) -> State:
    now, before = event.snapshot, event.left or state.playback
    switched = event.switched_to is not None
    # A person may have paused, cleared, or put on music, before the box looked.
    look = hand_since_switch if switched else hand
    fresh = look(before, now, event.ownership)
    touched = state.hands_off or fresh
    hands_off = state.hands_off
    state = replace(
        state,
        playback=now,
        ownership=event.ownership,
        player_fault=None,
        hands_off=touched,
        seen_s=now_s,
    )
    if event.switched_to is not None:
        # MPD may take a plan and find only then that it can play none of it: the disk is away.
        failed = touched is None and now.error is not None and now.state is not PlayState.PLAY
        state = replace(
            state,
            mood=event.switched_to,
            wanted=Wanted(event.switched_to, displace=False) if failed else None,
            unheard=True,
            without_music=None,
            request=None,
            paused=False,
        )
    elif touched:
        state = _give_way(state) if fresh else replace(state, wanted=None)
    return _notice(state, before, hands_off, now_s)
