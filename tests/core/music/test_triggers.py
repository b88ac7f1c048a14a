"""Trigger tracks: which are presses, and what is restored when a client cleared for one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from moodbox.core.mood import Mood
from moodbox.core.music.manual_control import user_action
from moodbox.core.music.ownership import Ownership, recognise
from moodbox.core.music.plans import after_restore, plan_restore, plan_switch
from moodbox.core.music.playback import Add, Delete, PlayState, QueuedSong, Resume, Snapshot
from moodbox.core.music.trigger_tracks import MESSAGES, PLAYLISTS
from moodbox.core.music.triggers import (
    PLAY_AFTER_CLEAR_S,
    PLAY_AFTER_LOAD_S,
    REMEMBERED_S,
    Cleared,
    Request,
    after_user_action,
    cleared,
    requested,
)
from moodbox.core.policy.appliance import Appliance
from moodbox.core.policy.commands import Plan, PlayMood, Restore, Target
from moodbox.core.policy.events import GaveUp, NoMusic, PlanDone, PlayerGone, Tick
from moodbox.core.policy.triggers import Triggers
from tests.support.evening import EMPTY, PERSON, Evening

READ = QueuedSong(500, PLAYLISTS["Read my mood"])
TO_SAD = QueuedSong(501, PLAYLISTS["Mood: sad"])
TO_ANGRY = QueuedSong(502, PLAYLISTS["Mood: angry"])
OWN = tuple(QueuedSong(number, f"happy/{number}.ogg") for number in (11, 12, 13))
THEIRS = QueuedSong(20, "albums/theirs.ogg")
OWNERSHIP = Ownership(OWN)

PLAYING = Snapshot((*OWN, THEIRS), PlayState.PLAY, 12, elapsed_s=30.0, duration_s=180.0)
NOTHING = Snapshot((), PlayState.STOP, None)
TRIGGERED = Snapshot((READ,), PlayState.PLAY, READ.id)


def gone(before: Snapshot = PLAYING, now: Snapshot = TRIGGERED, after_s: float = 4.0) -> Cleared:
    """What was cleared, `after_s` after the last poll."""
    lost = cleared(before, 100.0, now, 100.0 + after_s, OWNERSHIP, "a person paused")
    assert lost is not None
    return lost


def action(before: Snapshot | None, now: Snapshot, ownership: Ownership) -> str | None:
    """What a person did, with the ownership matched to the queue as it is now."""
    return user_action(before, now, recognise(now.queue, ownership))


def test_there_is_a_playlist_for_reading_and_for_each_mood() -> None:
    assert list(PLAYLISTS) == ["Read my mood", *(f"Mood: {mood}" for mood in Mood)]
    assert [*MESSAGES.values()] == ["detect", *(f"mood {mood}" for mood in Mood)]


def test_what_was_cleared_is_remembered_with_whose_it_was_and_where_it_stood() -> None:
    lost = gone()
    assert lost.uris == tuple(song.uri for song in PLAYING.queue)
    assert lost.own == (True, True, True, False)
    assert (lost.state, lost.at, lost.elapsed_s) == (PlayState.PLAY, 1, 34.0)
    assert lost.manual == "a person paused"


def test_time_stands_still_for_what_was_paused_and_ends_with_the_song() -> None:
    paused = replace(PLAYING, state=PlayState.PAUSE)
    assert gone(paused, after_s=900).elapsed_s == 30.0
    assert gone(after_s=900).elapsed_s == 180.0


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (PLAYING, replace(PLAYING, queue=(*OWN[1:], READ))),
        (PLAYING, PLAYING),
        (NOTHING, TRIGGERED),
        (TRIGGERED, NOTHING),
    ],
    ids=["a song is left", "nothing", "nothing was there", "a trigger track alone was there"],
)
def test_what_is_not_cleared_is_not_remembered(before: Snapshot, now: Snapshot) -> None:
    assert cleared(before, 100.0, now, 101.0, OWNERSHIP, None) is None


def test_a_trigger_track_after_a_clear_restores_what_was_there() -> None:
    press = requested(PLAYING, TRIGGERED, 104.0, gone(), "a person cleared the queue")
    assert press is not None
    assert (press.text, press.due_s) == ("detect", 104.0 + PLAY_AFTER_CLEAR_S)
    assert press.cleared == gone()
    assert press.manual == "a person paused", "the clearing was part of the press"


def test_a_trigger_track_long_after_a_clear_has_nothing_to_do_with_it() -> None:
    press = requested(NOTHING, TRIGGERED, 104.0 + REMEMBERED_S + 1, gone(), "cleared")
    assert press is not None
    assert (press.cleared, press.manual) == (None, "cleared")


@pytest.mark.parametrize(
    ("changes", "comes_back"), [(1, True), (2, False)], ids=["load", "clear and load"]
)
def test_what_was_gone_before_a_client_cleared_stays_gone(changes: int, comes_back: bool) -> None:
    before = replace(NOTHING, version=7)
    press = requested(before, replace(TRIGGERED, version=7 + changes), 104.0, gone(), "cleared")
    assert press is not None
    assert (press.cleared is not None) is comes_back


def test_a_trigger_track_that_is_added_to_the_queue_restores_nothing() -> None:
    now = replace(PLAYING, queue=(*PLAYING.queue, TO_SAD))
    press = requested(PLAYING, now, 104.0, None, None)
    assert press is not None
    assert (press.text, press.cleared) == ("mood sad", None)
    assert press.due_s == 104.0 + PLAY_AFTER_LOAD_S


def test_of_several_trigger_tracks_the_last_counts() -> None:
    now = replace(NOTHING, queue=(TO_SAD, TO_ANGRY))
    press = requested(NOTHING, now, 104.0, None, None)
    assert press is not None
    assert press.text == "mood angry"


@pytest.mark.parametrize(
    ("before", "now"),
    [
        pytest.param(
            NOTHING,
            replace(NOTHING, queue=(THEIRS, READ, TO_SAD)),
            id="swept in by adding everything",
        ),
        pytest.param(TRIGGERED, TRIGGERED, id="there before"),
        pytest.param(NOTHING, replace(TRIGGERED, restarts=1), id="left in MPD's saved queue"),
        pytest.param(PLAYING, replace(PLAYING, queue=OWN), id="none"),
    ],
)
def test_what_is_no_press(before: Snapshot, now: Snapshot) -> None:
    assert requested(before, now, 104.0, None, None) is None


def test_a_trigger_track_is_nobodys_song() -> None:
    assert recognise((*OWN, READ), OWNERSHIP).user_songs == ()


def test_a_switch_takes_the_trigger_tracks_out_with_the_old_songs() -> None:
    snapshot = Snapshot((THEIRS, OWN[0], READ), PlayState.PLAY, READ.id)
    ownership = recognise(snapshot.queue, OWNERSHIP)
    *_, delete = plan_switch(snapshot, ["sad/1.ogg"], ownership)
    assert delete == Delete((OWN[0].id, READ.id))


def test_restoring_adds_before_it_deletes() -> None:
    lost = gone()
    assert plan_restore(TRIGGERED, lost) == (
        Add(lost.uris),
        Resume(1, 34.0, PlayState.PLAY),
        Delete((READ.id,)),
    )
    assert plan_restore(replace(TRIGGERED, state=PlayState.STOP), None) == (Delete((READ.id,)),)
    assert plan_restore(NOTHING, None) == ()


def test_a_trigger_track_that_plays_alone_is_stopped_first() -> None:
    stop = Resume(0, 0.0, PlayState.STOP)
    assert plan_restore(TRIGGERED, None) == (stop, Delete((READ.id,)))


def test_what_restoring_adds_and_takes_out_counts_as_the_boxs_changes() -> None:
    added = tuple(QueuedSong(600 + at, uri) for at, uri in enumerate(gone().uris))
    triggers = replace(TRIGGERED, queue=(READ, TO_SAD), version=7)
    for before, lost, songs, version in (
        (triggers, None, (), 9),
        (replace(triggers, queue=(*OWN, READ)), None, (), 8),
        (triggers, gone(), added, 7 + len(added) + 2),
    ):
        assert after_restore(before, lost, songs).version == version


@pytest.mark.parametrize(
    ("before", "lost", "now"),
    [
        pytest.param(TRIGGERED, None, replace(NOTHING, version=1), id="the track was alone"),
        pytest.param(
            replace(TRIGGERED, queue=(*OWN, READ)), None,
            replace(PLAYING, queue=OWN, state=PlayState.STOP, current_id=None, version=1),
            id="the trigger track was at the queue's end",
        ),
        pytest.param(
            TRIGGERED, gone(), replace(PLAYING, version=5), id="what was cleared goes on"
        ),
        pytest.param(
            TRIGGERED, gone(), replace(PLAYING, state=PlayState.STOP, current_id=None, version=5),
            id="it was heard to its end",
        ),
    ],
)  # fmt: skip
def test_restoring_is_not_taken_for_a_user_action(
    before: Snapshot, lost: Cleared | None, now: Snapshot
) -> None:
    left = after_restore(before, lost, now.queue if lost else ())
    assert action(left, now, Ownership(OWN, (THEIRS,))) is None


def test_who_removes_what_they_stopped_while_it_is_restored_has_stopped_it() -> None:
    left = after_restore(TRIGGERED, gone(), PLAYING.queue)
    queue = tuple(song for song in PLAYING.queue if song.id != PLAYING.current_id)
    now = replace(PLAYING, queue=queue, state=PlayState.STOP, current_id=None, version=6)
    assert action(left, now, Ownership(OWN, (THEIRS,))) == "a person stopped the music"


def test_what_was_stopped_is_restored_stopped() -> None:
    stopped = replace(PLAYING, state=PlayState.STOP, current_id=None)
    assert plan_restore(TRIGGERED, gone(stopped))[1] == Resume(0, 30.0, PlayState.STOP)


def test_an_album_that_came_meanwhile_is_the_later_word() -> None:
    now = replace(TRIGGERED, queue=(READ, THEIRS))
    assert plan_restore(now, gone()) == (Delete((READ.id,)),)


def test_restored_songs_are_whose_they_were() -> None:
    added = tuple(QueuedSong(600 + at, uri) for at, uri in enumerate(gone().uris))
    ownership = Ownership(pending=gone().own_uris).restored(added, gone().own_uris)
    assert ownership.owned == added[:3]
    assert ownership.displaced == added[3:]
    assert ownership.pending == ()


@pytest.mark.parametrize(
    ("now", "state"),
    [
        pytest.param(TRIGGERED, PlayState.PLAY, id="nothing happened"),
        pytest.param(replace(TRIGGERED, state=PlayState.PAUSE), PlayState.PAUSE, id="paused"),
        pytest.param(replace(TRIGGERED, state=PlayState.STOP), PlayState.STOP, id="stopped"),
        pytest.param(
            replace(TRIGGERED, state=PlayState.STOP, current_id=None), PlayState.PLAY, id="its end"
        ),
        pytest.param(
            replace(TRIGGERED, state=PlayState.STOP, error="it is gone"),
            PlayState.PLAY,
            id="a fault",
        ),
        pytest.param(NOTHING, None, id="cleared"),
        pytest.param(replace(NOTHING, restarts=1), PlayState.PLAY, id="lost by a restart"),
    ],
)
def test_who_pauses_or_stops_the_trigger_track_does_so_to_what_is_restored(
    now: Snapshot, state: PlayState | None
) -> None:
    back = after_user_action(gone(), TRIGGERED, now)
    assert (back.state if back else None) is state


def test_what_was_paused_before_stays_paused_whatever_is_done_to_the_trigger_track() -> None:
    paused = gone(replace(PLAYING, state=PlayState.PAUSE))
    assert after_user_action(paused, TRIGGERED, replace(TRIGGERED, state=PlayState.STOP)) is paused


# ── In the policy ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def evening() -> Evening:
    """An evening in which happy music plays."""
    it = Evening()
    it.player()
    it.pass_by(5, PERSON)
    assert it.played == [Mood.HAPPY]
    it.player(elapsed_s=10.0, duration_s=180.0)
    it.forget()
    return it


def load(it: Evening, trigger: QueuedSong, *, clear: bool = True, play: bool = True) -> None:
    """A client clears, loads and plays; the box sees each step, a while after the other."""
    before = it.state.playing.playback
    assert before is not None
    if clear:
        it.player(queue=(), state=PlayState.STOP, current_id=None)
        it.now_s += 0.2
    left = () if clear else before.queue
    it.player(queue=(*left, trigger))
    it.now_s += 0.2
    if play:
        it.player(state=PlayState.PLAY, current_id=trigger.id)


def restored(it: Evening) -> list[Cleared | None]:
    """What the box was told to restore."""
    assert len(it.back) == len([c for c in it.commands if isinstance(c, Restore)])
    return it.back


def test_a_mood_by_playlist_needs_no_reading_and_restores_nothing(evening: Evening) -> None:
    load(evening, TO_SAD)
    assert evening.played == [Mood.SAD]
    assert restored(evening) == []
    assert (evening.state.triggers.request, evening.state.control.manual) == (None, None)


def test_a_reading_by_playlist_restores_at_once_and_then_reads(evening: Evening) -> None:
    songs = evening.state.playing.playback.queue if evening.state.playing.playback else ()
    load(evening, READ)
    (lost,) = restored(evening)
    assert lost is not None
    assert lost.uris == tuple(song.uri for song in songs)
    assert all(lost.own)
    assert evening.state.seeing.attempt is not None
    assert evening.state.seeing.attempt.asked
    assert evening.played == []


def test_the_box_waits_for_the_play_that_follows_a_load(evening: Evening) -> None:
    load(evening, TO_SAD, play=False)
    evening.feed(Tick())
    assert evening.played == []
    evening.now_s += PLAY_AFTER_CLEAR_S
    evening.feed(Tick())
    assert evening.played == [Mood.SAD]


def test_while_the_camera_is_closed_a_reading_restores_and_changes_nothing(
    evening: Evening,
) -> None:
    evening.state = replace(
        evening.state,
        appliance=Appliance(camera_closed=True),
        control=replace(evening.state.control, manual="a person paused"),
    )
    load(evening, READ)
    assert len(restored(evening)) == 1
    assert evening.state.seeing.attempt is None
    assert evening.state.control.manual == "a person paused"


@pytest.mark.parametrize(
    "answer", [NoMusic(Mood.ANGRY), GaveUp(PlayMood(Target(Mood.ANGRY, True)), "the queue is full")]
)
def test_where_the_mood_brings_no_music_what_was_cleared_comes_back(
    answer: NoMusic | GaveUp, evening: Evening
) -> None:
    press = Request("mood angry", evening.now_s, None, gone(), answered=True)
    target = Target(Mood.ANGRY, displace=True)
    evening.state = replace(
        evening.state,
        triggers=Triggers(request=press),
        playing=replace(evening.state.playing, target=target, retry_at_s=1e9),
    )
    evening.feed(answer)
    assert restored(evening) == [gone()]


def test_what_could_not_be_restored_at_first_is_restored_when_the_player_is_back(
    evening: Evening,
) -> None:
    load(evening, READ)
    evening.feed(PlayerGone("MPD stalls"))
    evening.forget()
    evening.player()
    assert len(restored(evening)) == 1
    playback = evening.state.playing.playback
    assert playback is not None
    plan = Plan(Restore(), (), playback)
    evening.feed(PlanDone(plan, (), replace(playback, queue=())))
    evening.forget()
    evening.player()
    assert restored(evening) == []


def test_a_pause_right_after_it_was_restored_is_a_user_action(evening: Evening) -> None:
    """Also over the reading that was asked for by playlist."""
    playback = evening.state.playing.playback
    assert playback is not None
    load(evening, READ)
    (lost,) = restored(evening)
    plan = Plan(Restore(), (), TRIGGERED, lost)
    evening.feed(PlanDone(plan, playback.queue, replace(playback, state=PlayState.PAUSE)))
    assert evening.state.control.manual
    evening.pass_by(6, PERSON)
    assert (evening.played, evening.state.playing.plays) == ([], False)


def test_trigger_tracks_that_are_no_press_are_just_taken_out(evening: Evening) -> None:
    playback = evening.state.playing.playback
    assert playback is not None
    evening.player(queue=(*playback.queue, THEIRS, READ, TO_SAD))
    assert restored(evening) == [None]
    assert evening.played == []
    assert evening.state.control.manual == "a person put on music"


def test_a_trigger_track_left_from_an_earlier_day_is_taken_out_at_the_first_poll() -> None:
    it = Evening()
    it.player(queue=(READ,), state=PlayState.PAUSE, current_id=READ.id)
    assert restored(it) == [None]
    it.pass_by(1, EMPTY)
    assert it.state.seeing.reading is None
