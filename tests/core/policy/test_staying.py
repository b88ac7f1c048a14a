"""Staying for hours: one reading or many, whose face is read, and music that waits for people."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodbox.core.mood import BBox, Mood
from moodbox.core.music.playback import PlayState
from moodbox.core.policy.commands import PauseMusic
from moodbox.core.policy.events import CameraLost, Sensed
from moodbox.core.ports import ButtonHeld, ButtonPressed, Message
from moodbox.core.report import transitions
from moodbox.core.seeing.presence import Presence, SeenFace, Sight
from tests.support.evening import (
    EMPTY,
    FACE,
    HAPPY,
    PERSON,
    POLICY,
    SAD,
    UNCLEAR,
    Evening,
    scores,
)
from tests.support.view import View

if TYPE_CHECKING:
    from moodbox.core.mood import Scores

REREAD_S = 120.0
AGAIN = replace(POLICY, reread_s=REREAD_S)
WAITS = replace(POLICY, pause_when_left=True)
LEFT_S = POLICY.sitting.leave_after_s + 15
ANGRY = scores(Mood.ANGRY, 0.95)


def sat_down(policy: object = POLICY, prediction: Scores = HAPPY) -> Evening:
    """Somebody sits before the box, and was read."""
    it = Evening(policy=policy)  # type: ignore[arg-type]
    it.player()
    it.pass_by(5, PERSON, prediction)
    assert len(it.played) == 1
    return it


# ── Whose face is read ───────────────────────────────────────────────────────────────────────────

OTHER = BBox(450, 80, 160, 160)


@pytest.mark.parametrize("theirs_is_lost", [False, True])
def test_a_reading_stays_with_its_face(theirs_is_lost: bool) -> None:
    """A nearer face appears; the person's own is there all the time, or turns away for good."""
    it = Evening()
    it.player()
    while not (it.state.seeing.attempt and it.state.seeing.attempt.predictions):
        it.pass_by(0.125, PERSON, UNCLEAR)
    other = SeenFace(OTHER, moved=True)
    faces = (other,) if theirs_is_lost else (other, SeenFace(FACE, moved=True))
    it.pass_by(5, View(faces, moved_near=True), UNCLEAR if not theirs_is_lost else SAD)
    assert it.state.seeing.reading is not None
    assert it.state.seeing.reading.mood is None
    assert Mood.SAD not in it.played


def test_a_face_that_moves_a_little_is_read_on() -> None:
    it = Evening()
    it.player()
    it.pass_by(2, PERSON, UNCLEAR)
    while it.state.seeing.attempt is not None:
        before = it.state.seeing.attempt
        box = replace(FACE, x_px=(before.bbox or FACE).x_px + 10)
        it.feed(Sensed(Sight(SeenFace(box, moved=True)), UNCLEAR))
        it.now_s += 0.125
        after = it.state.seeing.attempt
        assert after is None or len(after.predictions) == len(before.predictions) + 1


# ── Reading again ────────────────────────────────────────────────────────────────────────────────


def test_a_mood_that_holds_leaves_the_music_alone() -> None:
    it = sat_down(AGAIN)
    it.pass_by(3600, PERSON)
    assert it.played == [Mood.HAPPY]


def test_another_mood_is_followed_when_it_is_read_twice_in_a_row() -> None:
    it = sat_down(AGAIN)
    it.pass_by(REREAD_S + 5, PERSON, SAD)
    assert (it.played, it.state.seeing.doubt) == ([Mood.HAPPY], Mood.SAD)
    it.pass_by(40, PERSON, SAD)
    assert (it.played, it.state.seeing.doubt) == ([Mood.HAPPY, Mood.SAD], None)


def test_one_reading_of_another_mood_is_forgotten() -> None:
    it = sat_down(AGAIN)
    for _ in range(10):
        it.pass_by(REREAD_S - 60, PERSON)
        while it.state.seeing.doubt is None:
            it.pass_by(0.5, PERSON, SAD)
        it.pass_by(60, PERSON)
        assert it.state.seeing.doubt is None
    assert it.played == [Mood.HAPPY]


@pytest.mark.parametrize("prediction", [UNCLEAR, None])
def test_reading_anew_without_a_result_changes_nothing(prediction: Scores | None) -> None:
    it = sat_down(AGAIN)
    it.pass_by(5 * REREAD_S, PERSON, prediction)
    assert (it.played, it.state.seeing.unsure) == ([Mood.HAPPY], False)


def test_a_user_action_and_a_mood_by_message_end_it_until_a_press() -> None:
    for word in (Message("mood angry"), None):
        it = sat_down(AGAIN)
        if word is None:
            it.player(state=PlayState.PAUSE)
        else:
            it.feed(word)
        played = list(it.played)
        it.pass_by(5 * REREAD_S, PERSON, SAD)
        assert it.played == played
        it.feed(ButtonPressed())
        it.pass_by(5 * REREAD_S, PERSON, ANGRY)
        assert it.played[-1] == Mood.ANGRY
        it.pass_by(2 * REREAD_S, PERSON, SAD)
        assert it.played[-2:] == [Mood.ANGRY, Mood.SAD]


expressions = st.sampled_from([HAPPY, SAD, ANGRY, UNCLEAR])


@settings(max_examples=15)  # up to a quarter of an hour each
@given(st.lists(expressions, min_size=1, max_size=7))
def test_music_never_flaps_whatever_is_read(read: list[Scores]) -> None:
    """Two minutes of each expression: every switch has two readings in a row behind it."""
    it = sat_down(AGAIN)
    readings: list[Mood | None] = []
    for prediction in read:
        end_s = it.now_s + REREAD_S
        while it.now_s < end_s:
            before, switches = it.state.seeing.reading, len(it.played)
            it.pass_by(0.1, PERSON, prediction)
            if it.state.seeing.reading is not before and it.state.seeing.reading is not None:
                readings.append(it.state.seeing.reading.mood)
            if len(it.played) > switches:
                assert readings[-2:] == [it.played[-1]] * 2
    assert len(it.played) - 1 <= len(readings) / 2


# ── Music that waits ─────────────────────────────────────────────────────────────────────────────


def pauses(it: Evening) -> list[bool]:
    """Pauses (True) and goings-on (False) that were asked for."""
    return [command.on for command in it.commands if isinstance(command, PauseMusic)]


def test_music_waits_while_nobody_is_there_and_goes_on_where_it_was() -> None:
    it = sat_down(WAITS)
    song = it.state.playing.playback
    before = it.state
    it.pass_by(LEFT_S, EMPTY)
    assert (pauses(it), it.state.playing.plays, it.state.control.manual) == ([True], False, None)
    assert "the music is paused until somebody sits down" in transitions(before, it.state)
    it.pass_by(3600, EMPTY)
    it.pass_by(5, PERSON)
    assert (pauses(it), it.played) == ([True, False], [Mood.HAPPY])
    assert it.state.playing.playback == song


def test_whoever_comes_back_in_another_mood_hears_that() -> None:
    it = sat_down(WAITS)
    it.pass_by(LEFT_S, EMPTY)
    it.pass_by(5, PERSON, SAD)
    assert it.played == [Mood.HAPPY, Mood.SAD]


@pytest.mark.parametrize("act", ["pause", "their album", "camera off", "camera lost"])
def test_only_the_boxs_own_music_is_paused_and_only_when_it_saw_them_leave(act: str) -> None:
    it = sat_down(WAITS)
    match act:
        case "pause":
            it.player(state=PlayState.PAUSE)
        case "their album":
            it.player(queue=())
        case "camera off":
            it.feed(ButtonHeld())
        case "camera lost":
            for _ in range(300):
                it.feed(CameraLost("unplugged"))
                it.now_s += 1
        case _:
            raise AssertionError(f"{act} is not known")
    it.pass_by(LEFT_S, EMPTY)
    assert pauses(it) == []


def test_a_person_may_go_on_with_what_the_box_has_paused() -> None:
    it = sat_down(WAITS)
    it.pass_by(LEFT_S, EMPTY)
    it.player(state=PlayState.PLAY)
    it.pass_by(3600, EMPTY)
    assert (it.state.playing.plays, it.state.control.manual) == (True, None)
    # From here it is their music to pause.
    it.player(state=PlayState.PAUSE)
    assert it.state.control.manual == "a person paused"


def test_a_persons_pause_is_not_taken_for_the_boxs_own() -> None:
    """They were quicker; the box has changed nothing, and says nothing of it."""
    it = sat_down(WAITS)
    it.answers_pauses = False
    before = it.state
    it.pass_by(LEFT_S, EMPTY)
    assert pauses(it) == [True]
    it.player(state=PlayState.PAUSE)
    assert it.state.control.manual == "a person paused"
    assert "the music is paused until somebody sits down" not in transitions(before, it.state)
    it.pass_by(60, PERSON)
    assert (pauses(it), it.played) == ([True], [Mood.HAPPY])


@pytest.mark.parametrize("state", [PlayState.PAUSE, PlayState.STOP])
def test_a_user_action_right_after_the_box_let_its_music_go_on_is_seen(state: PlayState) -> None:
    it = sat_down(WAITS)
    it.pass_by(LEFT_S, EMPTY)
    it.pass_by(2, PERSON)
    assert pauses(it) == [True, False]
    it.player(state=state)
    it.pass_by(60, PERSON)
    assert it.state.control.manual
    assert it.played == [Mood.HAPPY]


def test_what_a_person_stopped_in_an_empty_room_stays_stopped() -> None:
    it = sat_down(WAITS)
    it.pass_by(LEFT_S, EMPTY)
    it.player(state=PlayState.STOP)
    it.pass_by(600, PERSON)
    assert it.played == [Mood.HAPPY]
    assert not it.state.playing.plays


visits = st.lists(
    st.tuples(
        st.sampled_from([PERSON, EMPTY]),
        st.sampled_from([0.5, 5.0, 60.0, LEFT_S, 300.0]),
        st.sampled_from([HAPPY, SAD]),
    ),
    max_size=6,
)


@settings(max_examples=15)
@given(visits)
def test_music_waits_exactly_while_nobody_sits_there(
    evening: list[tuple[View, float, Scores]],
) -> None:
    it = sat_down(WAITS)
    for sight, for_s, prediction in evening:
        it.pass_by(for_s, sight, prediction)
        sits = it.state.seeing.tracked.presence is Presence.SITTING
        assert it.state.playing.plays is sits
        assert it.state.control.manual is None
