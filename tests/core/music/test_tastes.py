"""What is learned of songs, mood by mood."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodbox.core.mood import Mood
from moodbox.core.music.tastes import (
    FADING,
    REMEMBERED,
    Heard,
    Ratings,
    Taste,
    Tastes,
    from_record,
    learn,
    to_record,
    with_ratings,
)

SONG = "albums/one.flac"


def hear(*liked: bool | None, mood: Mood = Mood.HAPPY, tastes: Tastes | None = None) -> Tastes:
    """Tastes after the same song was heard so."""
    tastes = tastes or {}
    for each in liked:
        tastes = learn(tastes, Heard(mood, SONG, each))
    return tastes


@pytest.mark.parametrize(
    ("liked", "expected"),
    [
        ((True,), Taste(1, 0)),
        ((False,), Taste(0, 1)),
        ((None,), Taste(0, 0)),
        ((True, True), Taste(1 + FADING, 0)),
        ((True, None, False), Taste(FADING, 1)),
    ],
)
def test_each_hearing_counts_and_earlier_ones_fade(
    liked: tuple[bool | None, ...], expected: Taste
) -> None:
    assert hear(*liked)[Mood.HAPPY][SONG] == expected


def test_the_same_song_is_loved_when_happy_and_skipped_when_sad() -> None:
    tastes = hear(False, mood=Mood.SAD, tastes=hear(True))
    assert tastes[Mood.HAPPY][SONG] == Taste(1, 0)
    assert tastes[Mood.SAD][SONG] == Taste(0, 1)


@given(st.lists(st.sampled_from([True, False, None]), max_size=200))
def test_a_life_of_hearings_never_outweighs_a_change_of_mind(liked: list[bool | None]) -> None:
    tastes = hear(*liked, *[False] * 10)
    taste = tastes[Mood.HAPPY][SONG]
    assert taste.finished + taste.skipped <= 1 / (1 - FADING)
    assert taste.skipped > taste.finished


def test_the_order_is_that_of_the_last_hearing_and_the_oldest_are_forgotten() -> None:
    tastes: Tastes = {}
    for number in [*range(REMEMBERED), 0, REMEMBERED]:
        tastes = learn(tastes, Heard(Mood.SAD, str(number), None))
    order = list(tastes[Mood.SAD])
    assert len(order) == REMEMBERED
    assert order[0] == "2"
    assert order[-2:] == ["0", str(REMEMBERED)]


@pytest.mark.parametrize(
    ("ratings", "better"),
    [
        (Ratings(rating=10), True),
        (Ratings(rating=1), False),
        (Ratings(like=2), True),
        (Ratings(like=0), False),
        (Ratings(rating=10, like=2), True),
        (Ratings(rating=700), True),
    ],
)
def test_what_other_clients_say_counts(ratings: Ratings, better: bool) -> None:
    taste = with_ratings({}, {SONG: ratings})[SONG]
    assert (taste.finished > taste.skipped) is better
    assert min(taste.finished, taste.skipped) == 0


@pytest.mark.parametrize("ratings", [Ratings(), Ratings(rating=0), Ratings(like=1)])
def test_a_rating_taken_back_and_a_like_that_is_neither_say_nothing(ratings: Ratings) -> None:
    assert with_ratings({}, {SONG: ratings}) == {}


def test_a_rating_and_what_was_heard_come_together() -> None:
    assert with_ratings({SONG: Taste(2, 1)}, {SONG: Ratings(like=2)})[SONG] == Taste(6, 1)


def test_tastes_come_back_from_their_file_in_their_order() -> None:
    tastes = hear(True, False, None)
    tastes = learn(tastes, Heard(Mood.HAPPY, "वसन्त/राग.flac", True))
    tastes = learn(tastes, Heard(Mood.HAPPY, SONG, False))
    again = from_record(json.loads(json.dumps(to_record(tastes))))
    assert list(again[Mood.HAPPY]) == list(tastes[Mood.HAPPY])
    assert again[Mood.HAPPY][SONG].skipped == pytest.approx(tastes[Mood.HAPPY][SONG].skipped, 1e-3)


@pytest.mark.parametrize(
    "record",
    [
        {"sleepy": {}},
        {"happy": []},
        {"happy": {"a": 1}},
        {"happy": {"a": [1]}},
        {"happy": {"a": [1, 2, 3]}},
        {"happy": {"a": [-1, 0]}},
        {"happy": {"a": [float("nan"), 0]}},
        {"happy": {"a": [None, 0]}},
    ],
)
def test_what_is_no_taste_is_refused(record: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"tastes|hearings|sleepy"):
        from_record(record)
