"""What the box learns from a song that gives way to another."""

from __future__ import annotations

import pytest

from moodbox.core.mood import Mood
from moodbox.core.music.playback import PlayState, QueuedSong
from moodbox.core.music.tastes import Heard
from moodbox.core.policy.commands import Learn
from moodbox.core.policy.events import PlayerGone, Tick
from moodbox.core.policy.playing import Playing
from moodbox.core.policy.state import State
from moodbox.core.ports import ButtonPressed
from tests.support.evening import PERSON, SAD, Evening

SONG, NEXT = "happy/0.ogg", "happy/1.ogg"
THEIRS = QueuedSong(900, "albums/theirs.ogg")
LENGTH_S = 180.0


@pytest.fixture
def evening() -> Evening:
    """An evening in which the first happy song begins to play."""
    it = Evening()
    it.player()
    while not it.played:
        it.pass_by(0.1, PERSON)
    assert it.played == [Mood.HAPPY]
    it.player(duration_s=LENGTH_S, elapsed_s=0.0)
    it.commands.clear()
    return it


def learned(it: Evening) -> list[Heard]:
    """What it learned, in order."""
    return [command.heard for command in it.commands if isinstance(command, Learn)]


def go_on(it: Evening, after_s: float, **change: object) -> None:
    """After some time the player goes on to its next song."""
    it.now_s += after_s
    playback = it.state.playing.playback
    assert playback is not None
    at = [song.id for song in playback.queue].index(playback.current_id or 0)
    it.player(**{"current_id": playback.queue[at + 1].id, **change})


@pytest.mark.parametrize(
    ("after_s", "length_s", "liked"),
    [
        (180, 180, True),
        (91, 180, True),
        (89, 180, None),
        (31, 180, None),
        (29, 180, False),
        (0, 180, False),
        (241, 3600, True),
        (239, 3600, None),
        (21, 40, True),
        (19, 40, False),
        (241, None, True),
        (29, None, False),
    ],
)
def test_half_of_it_or_four_minutes_is_liked_and_thirty_seconds_are_a_skip(
    after_s: float, length_s: float | None, liked: bool | None, evening: Evening
) -> None:
    evening.player(duration_s=length_s)
    go_on(evening, after_s)
    assert learned(evening) == [Heard(Mood.HAPPY, SONG, liked)]


def test_the_next_song_is_listened_to_in_turn(evening: Evening) -> None:
    go_on(evening, 180)
    go_on(evening, 5)
    assert learned(evening) == [Heard(Mood.HAPPY, SONG, True), Heard(Mood.HAPPY, NEXT, False)]


def test_time_in_which_it_is_paused_is_not_heard(evening: Evening) -> None:
    evening.now_s += 20
    evening.player(state=PlayState.PAUSE)
    evening.now_s += 3600
    evening.player(state=PlayState.PLAY)
    go_on(evening, 5)
    assert learned(evening) == [Heard(Mood.HAPPY, SONG, False)], "skipped after 25 s"


def test_seeking_to_the_end_is_not_hearing_it(evening: Evening) -> None:
    evening.now_s += 40
    evening.player(elapsed_s=175.0)
    go_on(evening, 5)
    assert learned(evening) == [Heard(Mood.HAPPY, SONG, None)]


def test_polling_often_changes_nothing(evening: Evening) -> None:
    for _ in range(29):
        evening.now_s += 1
        evening.player()
        evening.feed(Tick())
    assert learned(evening) == []
    go_on(evening, 0.5)
    assert learned(evening) == [Heard(Mood.HAPPY, SONG, False)]


def test_a_song_that_is_taken_out_at_once_is_skipped(evening: Evening) -> None:
    playback = evening.state.playing.playback
    assert playback is not None
    go_on(evening, 10, queue=playback.queue[1:])
    assert learned(evening) == [Heard(Mood.HAPPY, SONG, False)]


@pytest.mark.parametrize(
    "change",
    [
        {"queue": (), "state": PlayState.STOP, "current_id": None},
        {"queue": (THEIRS,), "current_id": THEIRS.id},
        {"error": "it cannot be decoded"},
        {"restarts": 1, "state": PlayState.PAUSE},
        {"state": PlayState.STOP, "current_id": None},
    ],
    ids=["cleared", "another album", "a broken file", "MPD restarted", "the end of the queue"],
)
def test_what_is_no_skip_says_nothing(change: dict[str, object], evening: Evening) -> None:
    go_on(evening, 10, **change)
    assert learned(evening) == [Heard(Mood.HAPPY, SONG, None)]


def test_a_press_is_no_skip_and_its_songs_are_heard_in_the_new_mood(evening: Evening) -> None:
    evening.feed(ButtonPressed())
    evening.pass_by(3, PERSON, SAD)
    evening.player(duration_s=LENGTH_S)
    go_on(evening, 5)
    assert learned(evening) == [
        Heard(Mood.HAPPY, SONG, None),
        Heard(Mood.SAD, "sad/0.ogg", False),
    ]


def test_a_song_heard_when_mpd_goes_counts_if_it_was_heard_long_enough(evening: Evening) -> None:
    evening.now_s += 100
    evening.feed(PlayerGone("MPD is gone"), PlayerGone("MPD is gone"))
    assert learned(evening) == [Heard(Mood.HAPPY, SONG, True)]


def test_a_song_that_goes_on_after_a_restart_of_the_box_is_heard_from_where_it_is(
    evening: Evening,
) -> None:
    again = Evening(evening.state)
    again.state = State(playing=Playing(mood=Mood.HAPPY), control=evening.state.control)
    playback = evening.state.playing.playback
    assert playback is not None
    again.player(
        queue=playback.queue, state=PlayState.PLAY, current_id=playback.current_id,
        elapsed_s=80.0, duration_s=LENGTH_S,
    )  # fmt: skip
    go_on(again, 20)
    assert learned(again) == [Heard(Mood.HAPPY, SONG, True)]


def test_a_persons_music_is_not_learned(evening: Evening) -> None:
    album = (THEIRS, QueuedSong(901, "albums/next.ogg"))
    evening.player(queue=album, current_id=THEIRS.id)
    evening.commands.clear()
    go_on(evening, 5)
    assert learned(evening) == []


def test_who_goes_on_with_the_boxs_music_after_a_pause_still_teaches(evening: Evening) -> None:
    evening.player(state=PlayState.PAUSE)
    assert evening.state.control.manual
    evening.player(state=PlayState.PLAY)
    go_on(evening, 3)
    assert learned(evening) == [Heard(Mood.HAPPY, SONG, False)]


def test_of_what_plays_at_the_first_poll_and_is_not_the_boxs_nothing_is_learned() -> None:
    it = Evening()
    it.player(queue=(THEIRS,), state=PlayState.PLAY, current_id=THEIRS.id)
    it.feed(Tick())
    it.player(queue=(), state=PlayState.STOP, current_id=None)
    assert learned(it) == []


def test_a_song_still_to_come_that_a_person_removes_counts_as_heard(evening: Evening) -> None:
    playback = evening.state.playing.playback
    assert playback is not None
    evening.player(queue=tuple(song for song in playback.queue if song.uri != NEXT))
    assert learned(evening) == [Heard(Mood.HAPPY, NEXT, None)]
    assert evening.state.control.manual is None
    evening.player(state=PlayState.PAUSE)
    evening.player(queue=playback.queue[:1])
    assert [heard.uri for heard in learned(evening)] == [NEXT, *(s.uri for s in playback.queue[2:])]


def test_what_goes_by_a_clear_a_press_or_while_mpd_is_away_was_not_taken_out(
    evening: Evening,
) -> None:
    playback = evening.state.playing.playback
    assert playback is not None
    evening.feed(PlayerGone("away"))
    evening.player(queue=playback.queue[:3])
    evening.feed(ButtonPressed())
    evening.pass_by(2, PERSON, SAD)
    assert evening.played == [Mood.SAD]
    evening.player(queue=(), state=PlayState.STOP, current_id=None)
    assert {heard.uri for heard in learned(evening)} == {SONG, "sad/0.ogg"}, "what played alone"
