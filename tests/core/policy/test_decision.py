"""What the box does, in simulated time: sittings, user actions, undecided readings, accidents."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodbox.core.mood import Mood
from moodbox.core.music.playback import PlayState, QueuedSong, Snapshot
from moodbox.core.policy.commands import (
    Command,
    Plan,
    PlayMood,
    Remark,
    SaveCamera,
    SwitchOff,
    Target,
    TopUp,
)
from moodbox.core.policy.events import (
    CameraLost,
    PlanDone,
    PlanRefused,
    PlayerGone,
    Polled,
    Sensed,
    Tick,
    Want,
)
from moodbox.core.policy.playing import Playing
from moodbox.core.policy.state import State
from moodbox.core.policy.step import step
from moodbox.core.ports import (
    ButtonHeld,
    ButtonHeldLonger,
    ButtonHolding,
    ButtonPressed,
    Hold,
    Light,
    Message,
)
from moodbox.core.report import light, status, transitions
from moodbox.core.seeing.presence import Presence
from moodbox.core.seeing.reading import Why
from tests.support.evening import (
    DARK,
    EMPTY,
    HAPPY,
    PERSON,
    POLICY,
    POSTER,
    SAD,
    UNCLEAR,
    Evening,
)

THEIRS = QueuedSong(900, "albums/theirs.ogg")


@pytest.fixture
def evening() -> Evening:
    """An evening before a player with an empty queue."""
    it = Evening()
    it.player()
    return it


def sit_down(it: Evening) -> None:
    """Somebody sits down and is read happy."""
    it.pass_by(5, PERSON)
    assert it.played == [Mood.HAPPY]


# ── A sitting ────────────────────────────────────────────────────────────────────────────────────


def test_a_sitting_is_read_once_however_long_it_is(evening: Evening) -> None:
    evening.pass_by(1800, PERSON, HAPPY)
    assert evening.played == [Mood.HAPPY]
    assert evening.state.want is Want.WATCH


def test_whoever_leaves_and_sits_down_anew_is_read_anew(evening: Evening) -> None:
    sit_down(evening)
    evening.pass_by(POLICY.sitting.leave_after_s + 2, EMPTY)
    assert evening.state.seeing.tracked.presence is Presence.NOBODY
    assert evening.state.playing.plays, "music goes on when everybody has left"
    evening.pass_by(6, PERSON, SAD)
    assert evening.played == [Mood.HAPPY, Mood.SAD]


def test_the_same_mood_again_leaves_the_song_alone(evening: Evening) -> None:
    sit_down(evening)
    evening.pass_by(POLICY.sitting.leave_after_s + 2, EMPTY)
    evening.pass_by(6, PERSON, HAPPY)
    assert evening.played == [Mood.HAPPY]


def test_a_passer_by_is_not_read(evening: Evening) -> None:
    evening.pass_by(0.5, PERSON)
    evening.pass_by(60, EMPTY)
    assert evening.state.seeing.reading is None


# ── Undecided ────────────────────────────────────────────────────────────────────────────────────


def test_undecided_and_silent_plays_neutral_at_first_and_the_last_mood_later(
    evening: Evening,
) -> None:
    evening.pass_by(8, PERSON, UNCLEAR)
    assert evening.played == [Mood.NEUTRAL]
    assert light(evening.state) is Light.NOT_SURE
    later = Evening(State(playing=Playing(mood=Mood.SAD)))
    later.player()
    later.pass_by(8, PERSON, UNCLEAR)
    assert later.played == [Mood.SAD]


def test_undecided_leaves_what_plays(evening: Evening) -> None:
    sit_down(evening)
    evening.feed(ButtonPressed())
    evening.pass_by(5, PERSON, UNCLEAR)
    assert evening.played == [Mood.HAPPY]
    assert evening.state.playing.mood is Mood.HAPPY


def test_it_reads_again_after_10_30_and_90_seconds_and_then_no_more(evening: Evening) -> None:
    began = []
    for _ in range(400):
        before = evening.state.seeing.attempt
        evening.pass_by(0.5, PERSON, UNCLEAR)
        if evening.state.seeing.attempt and not before:
            began.append(evening.now_s)
    pauses = [b - a - POLICY.reading_s for a, b in itertools.pairwise(began)]
    assert pauses == pytest.approx([10, 30, 90], abs=2)


def test_reading_again_ends_with_a_mood(evening: Evening) -> None:
    evening.pass_by(8, PERSON, UNCLEAR)
    evening.pass_by(20, PERSON, SAD)
    assert evening.played == [Mood.NEUTRAL, Mood.SAD]
    assert light(evening.state) is Light.OFF


@pytest.mark.parametrize(("sight", "why"), [(EMPTY, Why.NOBODY), (DARK, Why.DARK)])
def test_nobody_and_darkness_are_answers_of_their_own(
    sight: object, why: Why, evening: Evening
) -> None:
    evening.feed(ButtonPressed())
    evening.pass_by(5, sight)  # type: ignore[arg-type]
    assert evening.state.seeing.reading is not None
    assert (evening.state.seeing.reading.mood, evening.state.seeing.reading.why) == (None, why)
    assert evening.played == [Mood.NEUTRAL], "who presses wants music"


def test_a_reading_ends_even_when_no_frame_comes(evening: Evening) -> None:
    evening.feed(ButtonPressed())
    evening.now_s += POLICY.reading_s
    evening.feed(Tick())
    assert evening.state.seeing.attempt is None


# ── Manual control ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "action",
    [
        {"state": PlayState.PAUSE},
        {"state": PlayState.STOP},
        {"queue": (), "state": PlayState.STOP, "current_id": None},
        {"queue": (THEIRS,), "current_id": THEIRS.id},
    ],
    ids=["paused", "stopped", "cleared", "another album"],
)
def test_manual_control_lasts_through_any_sitting_until_a_press(
    action: dict[str, object], evening: Evening
) -> None:
    sit_down(evening)
    evening.player(**action)
    assert evening.state.control.manual
    for _ in range(3):
        evening.pass_by(POLICY.sitting.leave_after_s + 2, EMPTY)
        evening.pass_by(10, PERSON, SAD)
    assert evening.played == [Mood.HAPPY]
    evening.feed(ButtonPressed())
    evening.pass_by(3, PERSON, SAD)
    assert evening.played == [Mood.HAPPY, Mood.SAD]
    assert evening.state.control.manual is None


def test_songs_of_an_earlier_day_that_lie_unplayed_hold_nobody_back() -> None:
    it = Evening()
    it.feed(Polled(Snapshot((THEIRS,), PlayState.PAUSE, THEIRS.id)))
    it.pass_by(5, PERSON)
    assert it.played == [Mood.HAPPY]
    it.player(elapsed_s=5.0)
    assert it.state.control.manual is None


def test_a_press_in_the_middle_of_a_reading_starts_it_afresh(evening: Evening) -> None:
    evening.pass_by(2.5, PERSON, UNCLEAR)
    first = evening.state.seeing.attempt
    assert first is not None
    evening.feed(ButtonPressed())
    second = evening.state.seeing.attempt
    assert second is not None
    assert (second.asked, second.predictions) == (True, ())
    assert second.started_s >= first.started_s


def test_a_press_brings_new_songs_even_of_the_same_mood(evening: Evening) -> None:
    sit_down(evening)
    evening.feed(ButtonPressed())
    evening.pass_by(3, PERSON, HAPPY)
    assert evening.played == [Mood.HAPPY, Mood.HAPPY]


def test_a_user_action_during_an_asked_reading_wins(evening: Evening) -> None:
    sit_down(evening)
    evening.feed(ButtonPressed())
    evening.player(state=PlayState.PAUSE)
    evening.pass_by(6, PERSON, SAD)
    assert evening.played == [Mood.HAPPY]
    assert evening.state.control.manual


def test_a_user_action_while_the_box_puts_on_what_a_press_asked_for_wins(
    evening: Evening,
) -> None:
    """The player refuses to play over a pause; what was added is taken out, and not tried again."""
    evening.pass_by(5, PERSON)
    playing = evening.state.playing.playback
    assert playing is not None
    pressed, _ = step(evening.state, Message("mood sad"), evening.now_s, POLICY)
    plan = Plan(PlayMood(Target(Mood.SAD, displace=True)), (), playing)
    paused = PlanRefused(plan, (), replace(playing, state=PlayState.PAUSE))
    after, commands = step(pressed, paused, evening.now_s, POLICY)
    assert (after.control.manual, after.playing.target, commands) == ("a person paused", None, ())


def test_a_mood_by_message_needs_no_reading(evening: Evening) -> None:
    evening.player(queue=(THEIRS,), state=PlayState.PLAY, current_id=THEIRS.id)
    evening.feed(Message("mood angry"))
    assert evening.played == [Mood.ANGRY]


@pytest.mark.parametrize("text", ["", "mood", "mood sleepy", "dance", "camera on", "x" * 5000])
def test_a_message_that_is_none_is_told_and_changes_nothing(text: str, evening: Evening) -> None:
    before = evening.state
    evening.feed(Message(text))
    assert evening.state == before
    (remark,) = evening.commands
    assert isinstance(remark, Remark)
    assert "detect" in remark.text
    assert len(remark.text) < 300


# ── The camera closed ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("close", [ButtonHeld(), Message("camera off")])
def test_only_the_button_opens_a_closed_camera(
    close: ButtonHeld | Message, evening: Evening
) -> None:
    evening.feed(close)
    assert evening.state.want is Want.OFF
    assert evening.commands == [SaveCamera(closed=True)]
    evening.feed(Message("detect"))
    assert evening.state.seeing.attempt is None
    evening.feed(Message("mood happy"), Tick())
    assert evening.state.want is Want.OFF
    evening.feed(ButtonPressed())
    assert evening.state.seeing.attempt is not None
    assert evening.commands[-1] == SaveCamera(closed=False)


def test_closing_ends_a_reading_and_forgets_who_sat_here(evening: Evening) -> None:
    evening.pass_by(2.5, PERSON, UNCLEAR)
    evening.feed(ButtonHeld())
    assert (evening.state.seeing.attempt, evening.state.seeing.tracked.presence) == (
        None,
        Presence.NOBODY,
    )
    assert evening.state.seeing.reading is None


# ── Switched off ─────────────────────────────────────────────────────────────────────────────────


def test_whoever_holds_the_button_sees_what_letting_go_would_do(evening: Evening) -> None:
    assert light(evening.state) is Light.OFF
    evening.feed(ButtonHolding(Hold.CLOSE_CAMERA))
    assert light(evening.state) is Light.CLOSING
    evening.feed(ButtonHolding(Hold.SWITCH_OFF), Tick())
    assert light(evening.state) is Light.SWITCHING_OFF
    assert evening.commands == []


def test_a_long_press_let_go_closes_the_camera_and_the_light_goes_back(evening: Evening) -> None:
    evening.feed(ButtonHolding(Hold.CLOSE_CAMERA), ButtonHeld())
    assert light(evening.state) is Light.OFF
    assert evening.commands == [SaveCamera(closed=True)]


def test_a_very_long_press_switches_off_and_leaves_the_camera_as_it_was(evening: Evening) -> None:
    evening.feed(ButtonHolding(Hold.CLOSE_CAMERA), ButtonHolding(Hold.SWITCH_OFF))
    before = evening.state
    evening.feed(ButtonHeldLonger())
    assert evening.commands == [SwitchOff()]
    assert not evening.state.appliance.camera_closed
    assert light(evening.state) is Light.SWITCHING_OFF
    assert status(evening.state)["state"] == "switching off"
    assert transitions(before, evening.state) == ["the button was held: switching off"]


def test_a_press_after_it_finds_the_machine_on_after_all(evening: Evening) -> None:
    evening.feed(ButtonHolding(Hold.SWITCH_OFF), ButtonHeldLonger(), ButtonPressed())
    assert light(evening.state) is Light.WORKING


# ── Accidents ────────────────────────────────────────────────────────────────────────────────────


def test_a_mood_read_while_mpd_is_away_plays_when_it_is_back(evening: Evening) -> None:
    evening.feed(PlayerGone("MPD is not there"))
    evening.pass_by(10, PERSON)
    assert evening.played == []
    assert light(evening.state) is Light.TROUBLE
    evening.player()
    assert evening.played == [Mood.HAPPY]


def test_after_a_restart_of_mpd_the_mood_goes_on_in_place_of_its_renumbered_songs(
    evening: Evening,
) -> None:
    sit_down(evening)
    evening.feed(ButtonPressed())
    evening.pass_by(3, PERSON, SAD)
    before = evening.state.playing.playback
    assert before is not None
    renumbered = tuple(QueuedSong(at, song.uri) for at, song in enumerate(before.queue, 1))
    evening.feed(PlayerGone("MPD broke the connection"))
    evening.player(queue=renumbered, current_id=1, state=PlayState.PAUSE, restarts=1)
    evening.pass_by(6, EMPTY)
    assert evening.played == [Mood.HAPPY, Mood.SAD, Mood.SAD]
    assert evening.state.control.manual is None
    assert evening.state.control.ownership.displaced == (), "they were the box's own"


def test_a_restart_does_not_undo_a_persons_pause(evening: Evening) -> None:
    sit_down(evening)
    evening.player(state=PlayState.PAUSE)
    evening.feed(PlayerGone("MPD broke the connection"))
    evening.player(state=PlayState.PAUSE, restarts=1)
    evening.pass_by(60, PERSON)
    assert evening.played == [Mood.HAPPY]


def test_a_stall_is_not_a_restart_and_a_pause_in_it_is_a_user_action(evening: Evening) -> None:
    sit_down(evening)
    evening.feed(PlayerGone("MPD did not answer"))
    evening.player(state=PlayState.PAUSE)
    assert evening.state.control.manual


def test_a_mood_without_songs_leaves_the_music_and_shows_trouble(evening: Evening) -> None:
    sit_down(evening)
    evening.empty.add(Mood.SAD)
    evening.feed(ButtonPressed())
    evening.pass_by(3, PERSON, SAD)
    assert (evening.state.playing.mood, evening.state.playing.plays) == (Mood.HAPPY, True)
    assert light(evening.state) is Light.TROUBLE
    assert evening.state.playing.without_music is Mood.SAD


def test_a_camera_that_goes_during_a_reading_ends_it(evening: Evening) -> None:
    evening.pass_by(2.5, PERSON, UNCLEAR)
    evening.feed(CameraLost("the camera is busy"))
    assert evening.state.seeing.reading is not None
    assert evening.state.seeing.reading.why is Why.NO_CAMERA
    assert evening.played == [Mood.NEUTRAL]
    evening.feed(Sensed(EMPTY.first_sight))
    assert evening.state.seeing.camera_fault is None


def test_a_film_that_ends_in_mid_reading_starts_nothing(evening: Evening) -> None:
    evening.pass_by(2.5, PERSON, UNCLEAR)
    assert evening.state.seeing.attempt is not None
    evening.feed(CameraLost("the film is over", ended=True))
    after = evening.state.seeing
    assert (after.attempt, after.reading) == (None, None)
    assert evening.played == []


def test_a_reading_that_was_asked_for_is_answered_although_the_film_ends(evening: Evening) -> None:
    evening.feed(ButtonPressed(), CameraLost("the film is over", ended=True))
    assert evening.played == [Mood.NEUTRAL]


def test_a_mood_of_which_nothing_could_be_played_after_all_is_tried_again(
    evening: Evening,
) -> None:
    """MPD takes the plan, says no word, and stops with an error: its disk is away."""
    pressed, commands = step(evening.state, Message("mood sad"), evening.now_s, POLICY)
    assert commands == (PlayMood(Target(Mood.SAD, displace=True)),)
    songs = (QueuedSong(7, "sad/1.ogg"),)
    plan = Plan(*commands, (), Snapshot((), PlayState.STOP, None))
    silent = Snapshot(songs, PlayState.STOP, None, error="Failed to open sad/1.ogg")
    evening.state, commands = step(pressed, PlanDone(plan, songs, silent), evening.now_s, POLICY)
    assert commands == ()
    assert light(evening.state) is Light.TROUBLE
    evening.now_s += 300
    evening.feed(Tick())
    assert evening.played == [Mood.SAD]
    assert (evening.state.playing.plays, evening.state.playing.target) == (True, None)


def test_trouble_with_the_music_is_told_at_its_beginning_and_at_its_end(evening: Evening) -> None:
    """Every song has an error of its own, and each attempt takes the last one away."""
    sit_down(evening)
    said: list[str] = []

    def poll(**change: object) -> None:
        before = evening.state
        evening.player(**change)
        said.extend(transitions(before, evening.state))

    evening.state = replace(evening.state, playing=replace(evening.state.playing, retry_at_s=1e9))
    for number in range(5):
        poll(state=PlayState.STOP, error=f"cannot open {number}")
        poll(state=PlayState.PLAY, error=None, elapsed_s=0.0)
        poll(state=PlayState.PLAY, error=f"cannot open {number}", elapsed_s=0.0)
    assert light(evening.state) is Light.TROUBLE
    poll(state=PlayState.PLAY, error=None, elapsed_s=2.0)
    assert said == [
        "the music cannot be played: cannot open 0",
        "the music plays again: happy/0.ogg",
    ]
    assert light(evening.state) is Light.OFF


def test_a_person_who_puts_it_on_meanwhile_hears_their_song_out(evening: Evening) -> None:
    """The disk is back, and a person plays the box's own songs before it tries again."""
    sit_down(evening)
    playback = evening.state.playing.playback
    assert playback is not None
    failed = replace(playback, state=PlayState.STOP, error="Failed to open happy/0.ogg")
    evening.state, _ = step(evening.state, Message("mood happy"), evening.now_s, POLICY)
    plan = Plan(PlayMood(Target(Mood.HAPPY, displace=True)), (), playback)
    evening.feed(PlanDone(plan, (), failed))
    assert evening.state.playing.target == Target(Mood.HAPPY, displace=False)
    tried = len(evening.played)
    evening.player(state=PlayState.PLAY, error=None)
    evening.now_s += 300
    evening.feed(Tick())
    assert not evening.state.playing.target
    assert len(evening.played) == tried


def test_the_queue_is_topped_up_before_it_runs_out(evening: Evening) -> None:
    sit_down(evening)
    queue = evening.state.playing.playback.queue if evening.state.playing.playback else ()
    evening.now_s += 60
    evening.player(current_id=queue[-2].id)
    assert evening.commands[-1] == TopUp(Mood.HAPPY)


def test_a_queue_that_ran_out_by_itself_is_no_user_action_and_goes_on(evening: Evening) -> None:
    sit_down(evening)
    evening.now_s += 600
    evening.player(state=PlayState.STOP, current_id=None)
    assert evening.played == [Mood.HAPPY, Mood.HAPPY]


# ── Properties over anything that may happen ─────────────────────────────────────────────────────

queues = st.sampled_from([(), (THEIRS,), (QueuedSong(3, "happy/2.ogg"), THEIRS)])
snapshots = st.builds(
    Snapshot,
    queue=queues,
    state=st.sampled_from(list(PlayState)),
    current_id=st.sampled_from([None, 3, 900]),
    error=st.sampled_from([None, "no sound card"]),
    restarts=st.integers(0, 2),
)
SIGHTS = [view.first_sight for view in (PERSON, POSTER, EMPTY, DARK)]
events = st.one_of(
    st.builds(Sensed, st.sampled_from(SIGHTS), st.just(None)),
    st.builds(Sensed, st.just(PERSON.first_sight), st.sampled_from([HAPPY, SAD, UNCLEAR])),
    st.just(CameraLost("gone")),
    st.builds(Polled, snapshots),
    st.just(PlayerGone("gone")),
    st.just(ButtonPressed()),
    st.just(ButtonHeld()),
    st.builds(ButtonHolding, st.sampled_from(list(Hold))),
    st.just(ButtonHeldLonger()),
    st.builds(Message, st.sampled_from(["detect", "mood sad", "camera off", "nonsense"])),
    st.just(Tick()),
)
evenings = st.lists(st.tuples(st.floats(0, 40), events), max_size=60)


@given(evenings)
def test_whatever_happens_only_a_press_or_a_message_ends_manual_control(
    happenings: list[tuple[float, object]],
) -> None:
    it = Evening()
    for wait_s, event in happenings:
        it.now_s += wait_s
        before, seen = it.state, len(it.commands)
        it.feed(event)  # type: ignore[arg-type]
        asked = isinstance(event, ButtonPressed) or (
            isinstance(event, Message) and event.text in ("detect", "mood sad")
        )
        if before.control.manual and not asked:
            assert it.state.control.manual
        if before.appliance.camera_closed and not isinstance(event, ButtonPressed):
            assert it.state.want is Want.OFF
        assert_sane(it.commands[seen:], it.state)
        transitions(before, it.state)
        status(it.state)
        light(it.state)


def assert_sane(commands: list[Command], state: State) -> None:
    """No music during manual control unless a person asked for it."""
    plays = [command for command in commands if isinstance(command, PlayMood)]
    assert len(plays) <= 1
    if state.control.manual:
        assert all(play.target.displace for play in plays)
        assert not [command for command in commands if isinstance(command, TopUp)]


@given(evenings)
def test_whatever_happened_a_press_and_a_clear_face_end_in_music(
    happenings: list[tuple[float, object]],
) -> None:
    it = Evening()
    for wait_s, event in happenings:
        it.now_s += wait_s
        it.feed(event)  # type: ignore[arg-type]
    it.feed(Sensed(PERSON.first_sight), ButtonPressed())
    it.feed(Sensed(PERSON.first_sight))
    it.feed(ButtonPressed())
    it.pass_by(6, PERSON, HAPPY)
    if it.state.playing.playback is None or it.state.playing.player_fault:
        it.player()
    it.pass_by(6, PERSON, HAPPY)
    assert it.state.playing.mood is Mood.HAPPY
    assert it.state.playing.plays
