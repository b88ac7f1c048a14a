"""Which songs come next."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodbox.core.choice import REMEMBERED, choose, remember


def mood(size: int) -> list[str]:
    return [f"happy/{number}.flac" for number in range(size)]


def test_a_mood_without_songs_gives_none() -> None:
    assert choose([], 20, ["sad/1.flac"], random.Random(1)) == ()


def test_one_song_is_repeated() -> None:
    assert choose(["a"], 3, ["a"], random.Random(1)) == ("a", "a", "a")


@given(st.integers(2, 12), st.integers(1, 40), st.integers())
def test_no_song_follows_itself_where_there_are_two(size: int, count: int, seed: int) -> None:
    rng = random.Random(seed)
    played: tuple[str, ...] = ()
    for _ in range(3):
        played = remember(played, choose(mood(size), count, played, rng))
    assert len(played) == 3 * count
    assert all(one != next_one for one, next_one in pairwise(played))


@given(st.integers(1, 60), st.integers(1, 60), st.integers())
def test_each_song_comes_once_before_any_comes_twice(size: int, count: int, seed: int) -> None:
    chosen = choose(mood(size), count, [], random.Random(seed))
    times = Counter(chosen)
    assert len(chosen) == count
    assert max(times.values()) == -(-count // size)


@given(st.integers(4, 40), st.integers(1, 25), st.integers())
def test_no_song_comes_again_within_a_quarter_of_the_mood(size: int, count: int, seed: int) -> None:
    rng = random.Random(seed)
    played: tuple[str, ...] = ()
    while len(played) < 3 * size:
        played = remember(played, choose(mood(size), count, played, rng))
    last: dict[str, int] = {}
    for at, uri in enumerate(played):
        assert at - last.get(uri, -size) > size // 4
        last[uri] = at


def test_other_moods_songs_in_between_do_not_shorten_the_quarter() -> None:
    recent = ["happy/0.flac", *(f"sad/{number}.flac" for number in range(50))]
    for seed in range(50):
        assert "happy/0.flac" not in choose(mood(4), 3, recent, random.Random(seed))[:1]


def test_every_song_has_the_same_chance() -> None:
    times = Counter(choose(mood(10), 1, [], random.Random(seed))[0] for seed in range(5000))
    assert len(times) == 10
    assert min(times.values()) > 400
    assert max(times.values()) < 600


def test_a_heavier_song_comes_more_often_and_an_unknown_one_weighs_one() -> None:
    weights = {"happy/0.flac": 3.0, "happy/1.flac": 0.0}
    first = Counter(choose(mood(3), 1, [], random.Random(s), weights)[0] for s in range(4000))
    assert first["happy/1.flac"] == 0
    assert first["happy/0.flac"] / first["happy/2.flac"] == pytest.approx(3, rel=0.2)


def test_songs_without_weight_still_fill_a_round() -> None:
    weights = dict.fromkeys(mood(3), 0.0)
    assert sorted(choose(mood(3), 3, [], random.Random(1), weights)) == mood(3)


def test_a_song_listed_twice_counts_once() -> None:
    assert sorted(choose(["a", "b", "a", "b"], 2, [], random.Random(1))) == ["a", "b"]


def test_a_seed_reproduces_the_choice() -> None:
    assert choose(mood(50), 20, [], random.Random(7)) == choose(mood(50), 20, [], random.Random(7))


def test_the_oldest_are_forgotten() -> None:
    recent = remember((), mood(REMEMBERED + 5))
    assert len(recent) == REMEMBERED
    assert remember(recent, ["new"])[-1] == "new"
    assert recent[0] == "happy/5.flac"
