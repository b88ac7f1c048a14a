"""Which songs belong into which playlist, and what a person's changes say. Pure."""

from __future__ import annotations

import numpy as np

from moodbox.core.mood import Mood
from moodbox.sorting.lists import (
    MOST_OF_ALBUM,
    MOST_SONGS,
    Change,
    Song,
    Stored,
    change,
    chosen,
    edited,
    is_persons,
    small_moods,
)
from moodbox.sorting.place import QUADRANTS, Place
from moodbox.sorting.taste import Correction


def song(uri: str, mood: Mood = Mood.HAPPY, p: float = 0.9, **more: object) -> Song:
    rest = (1 - p) / 3
    a, b, c, d = (p if other is mood else rest for other in QUADRANTS)
    sound = np.full(4, float(sum(uri.encode())), np.float32)
    return Song(uri, Place((a, b, c, d), 0.5), sound, **{"placed": True, **more})  # type: ignore[arg-type]


def test_the_best_come_first_and_those_left_alone_do_not_come() -> None:
    songs = [song("a", p=0.7), song("b", p=0.9), song("c", p=0.8, placed=False)]
    assert chosen(Mood.HAPPY, songs, []) == ["b", "a"]
    assert chosen(Mood.SAD, songs, []) == []


def test_three_of_an_album_and_three_hundred_of_all() -> None:
    album = [song(f"x/{n}", album="One") for n in range(5)]
    assert len(chosen(Mood.HAPPY, album, [])) == MOST_OF_ALBUM
    same_name = [song(f"y/{n}", album="One") for n in range(2)]
    assert len(chosen(Mood.HAPPY, album + same_name, [])) == MOST_OF_ALBUM + 2
    many = [song(f"{n:04}") for n in range(400)]
    assert len(chosen(Mood.HAPPY, many, [])) == MOST_SONGS


def test_surprise_is_what_was_played_least() -> None:
    played = [song("often", hearings=5), song("never"), song("once", hearings=1)]
    songs = [*played, song("sad", Mood.SAD)]
    assert chosen(Mood.SURPRISE, songs, []) == ["never", "once", "often"]


def test_what_a_person_took_out_stays_out_also_under_a_new_name() -> None:
    out = Correction(Mood.HAPPY, "old name", False, song("a").sound)
    assert chosen(Mood.HAPPY, [song("a"), song("bb")], [out]) == ["bb"]
    assert chosen(Mood.SURPRISE, [song("a")], [out]) == ["a"]


def test_what_a_person_placed_is_not_placed_elsewhere() -> None:
    placed = Correction(Mood.SAD, "a", True, None)
    assert chosen(Mood.HAPPY, [song("a")], [placed]) == []


def test_a_persons_changes_are_read() -> None:
    stored = Stored(("a", "new"), frozenset({"a", "gone"}), True, frozenset({"withdrawn"}))
    found = edited(Mood.SAD, stored, {"gone": song("gone").sound})
    assert {(told.uri, told.belongs) for told in found.corrections} == {
        ("gone", False), ("withdrawn", False), ("new", True),
    }  # fmt: skip
    assert [told.sound is not None for told in found.corrections if told.uri == "gone"] == [True]


def test_a_playlist_that_was_deleted_says_nothing() -> None:
    for uris in (None, ()):
        stored = Stored(uris, frozenset({"a", "b"}), True)
        assert edited(Mood.SAD, stored, {}).corrections == ()
        assert change(stored, ["a"]).add == ("a",)


def test_another_list_saved_by_that_name_is_theirs() -> None:
    stored = Stored(("x", "y"), frozenset({"a", "b", "c"}), True)
    assert edited(Mood.SAD, stored, {}).replaced


def test_a_persons_playlist_is_left_alone_until_they_say_so() -> None:
    theirs = Stored(("mine",), frozenset(), False)
    assert is_persons(theirs)
    assert change(theirs, ["a"]) == Change()
    adopted = Stored(("mine",), frozenset(), True)
    assert change(adopted, ["a"]) == Change(("a",), ())


def test_only_the_boxs_own_songs_are_taken_out() -> None:
    stored = Stored(("mine", "old", "kept"), frozenset({"old", "kept"}), True)
    assert change(stored, ["kept", "new"]) == Change(("new",), ("old",))


def test_a_persons_songs_count_among_the_three_hundred() -> None:
    mine = tuple(f"mine{n}" for n in range(MOST_SONGS - 1))
    stored = Stored(mine, frozenset(), True)
    assert change(stored, ["a", "b"]).add == ("a",)


def test_a_mood_with_few_songs_is_told() -> None:
    told = small_moods({Mood.ANGRY: 12, Mood.SAD: 80})
    assert len(told) == 1
    assert told[0].startswith("angry: 12 songs")
