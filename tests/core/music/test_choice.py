"""Which songs come next."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodbox.core.mood import Mood
from moodbox.core.music.choice import choose, line_up
from moodbox.core.music.history import fingerprint
from moodbox.core.music.plans import KEEP_PLAYED
from moodbox.core.music.tastes import Heard, Taste, Tastes, learn
from moodbox.core.policy.settings import LOW_WATER


def mood(size: int) -> list[str]:
    return [f"happy/{number}.flac" for number in range(size)]


def test_a_mood_without_songs_gives_none() -> None:
    assert choose([], 20, ["sad/1.flac"], random.Random(1)) == ()


def test_one_song_is_repeated() -> None:
    assert choose(["a"], 3, ["a"], random.Random(1)) == ("a", "a", "a")


@given(st.integers(1, 60), st.integers(1, 25), st.integers())
def test_no_song_comes_again_within_a_quarter_of_the_mood(size: int, count: int, seed: int) -> None:
    rng = random.Random(seed)
    played: tuple[str, ...] = ()
    tastes = {uri: Taste(rng.uniform(0, 10), rng.uniform(0, 10)) for uri in mood(size)[::3]}
    while len(played) < 3 * size:
        # Each song once, in the order of its last hearing, and again those that stand in the queue.
        line = [*list(dict.fromkeys(reversed(played)))[::-1], *played[-10:]]
        played += choose(mood(size), count, line, rng, tastes)
    last: dict[str, int] = {}
    for at, uri in enumerate(played):
        assert at - last.get(uri, -size) > size // 4
        last[uri] = at
    if size > 1:
        assert all(one != following for one, following in pairwise(played))


def test_of_a_large_mood_the_whole_counts_and_not_the_part_that_was_read() -> None:
    line = [f"happy/{number}.flac" for number in range(400)]
    part = [*line[:100], "happy/new.flac"]
    for seed in range(20):
        assert choose(part, 1, line, random.Random(seed), total=1600) == ("happy/new.flac",)


def test_in_a_vast_mood_a_quarter_is_a_quarter_too() -> None:
    """Of 100,000 songs the last 25,000: most of them known by their fingerprints alone."""
    heard = [f"happy/{number}.flac" for number in range(25_001)]
    line, earlier = heard[20_001:], [*map(fingerprint, heard[:20_001])]
    for seed in range(5):
        rng = random.Random(seed)
        assert choose(heard, 1, line, rng, total=100_000, history=earlier) == (heard[0],)
        assert choose([*heard[1:], "new"], 2, line, rng, total=100_000, history=earlier) == (
            "new",
            heard[1],
        )


def test_where_all_was_heard_lately_what_waited_longest_comes_next() -> None:
    line = mood(30)
    assert choose(line[:5], 2, line, random.Random(1), total=200) == tuple(line[:2])


def test_every_song_has_the_same_chance_where_nothing_is_known() -> None:
    times = Counter(choose(mood(10), 1, [], random.Random(seed))[0] for seed in range(5000))
    assert len(times) == 10
    assert min(times.values()) > 400
    assert max(times.values()) < 600


def test_what_is_liked_comes_more_often_and_what_is_skipped_less() -> None:
    songs = mood(12)
    tastes = {songs[5]: Taste(4, 0), songs[6]: Taste(0, 4)}
    # The first has waited longest, the last three are too fresh; the others differ in taste alone.
    first = Counter(choose(songs, 1, songs, random.Random(s), tastes)[0] for s in range(3000))
    assert first[songs[5]] > 2 * first[songs[4]]
    assert first[songs[6]] < first[songs[4]] / 2


def test_half_of_what_is_chosen_is_new_while_there_is_any() -> None:
    line = mood(100)
    tastes = dict.fromkeys(line, Taste(10, 0))
    songs = [*line, *(f"happy/new {number}.flac" for number in range(100))]
    for seed in range(20):
        chosen = choose(songs, 20, line, random.Random(seed), tastes)
        assert 10 <= sum("new" in uri for uri in chosen) <= 16


def test_what_is_always_skipped_comes_now_and_then_all_the_same() -> None:
    """Once in five times as many plays as there are songs, whatever the draw says."""
    songs = mood(40)
    hated = songs[0]
    tastes: Tastes = {}
    plays: list[str] = []
    rng = random.Random(1)
    while len(plays) < 1000:
        for uri in choose(songs, 10, list(tastes.get(Mood.SAD, {})), rng, tastes.get(Mood.SAD)):
            tastes = learn(tastes, Heard(Mood.SAD, uri, uri != hated))
            plays.append(uri)
    turns = [at for at, uri in enumerate(plays) if uri == hated]
    assert max(b - a for a, b in pairwise([*turns, len(plays)])) <= 5 * len(songs) + 10
    assert len(turns) < 0.6 * 1000 / 40, "yet less often than the others"


def test_a_song_listed_twice_counts_once() -> None:
    assert sorted(choose(["a", "b", "a", "b"], 2, [], random.Random(1))) == ["a", "b"]


def test_a_seed_reproduces_the_choice() -> None:
    assert choose(mood(50), 20, [], random.Random(7)) == choose(mood(50), 20, [], random.Random(7))


def test_what_stands_in_the_queue_is_in_line_and_what_was_heard_keeps_its_place() -> None:
    assert line_up("abcd", "cd", "ef") == [*"abcd", *"ef"]
    assert line_up("abcd", "dx", "") == [*"abcd", "x"], "passed over, and may yet come"
    assert line_up(mood(100), mood(1), "e") == [*mood(100), *mood(1), "e"], "long ago"


# ── Simulated listeners ──────────────────────────────────────────────────────────────────────────


def listens(seed: int, plays: int, *, decided: bool) -> tuple[list[str], set[str]]:
    """An evening after another of somebody with fixed tastes: what was played, and what they like.

    The queue is filled up as the box does it. Of 150 songs a fifth is liked. Who is decided hears
    these to the end and skips the others; the undecided does so nine and six times in ten, and else
    leaves songs in the middle or forgets to skip.
    """
    rng = random.Random(seed)
    songs = mood(150)
    liked = set(rng.sample(songs, 30))
    tastes: Tastes = {}
    played: list[str] = []
    queue: list[str] = []
    current = 0
    while len(played) < plays:
        known = tastes.get(Mood.HAPPY, {})
        if len(queue) - 1 - current < LOW_WATER:
            line = line_up(known, queue[:current], queue[current:])
            queue += choose(songs, 20, line, rng, known)
            gone = max(0, current - KEEP_PLAYED)
            queue, current = queue[gone:], current - gone
        uri = queue[current]
        current += 1
        played.append(uri)
        chance = rng.random()
        verdict: bool | None = uri in liked
        if not decided and uri in liked and chance > 0.9:
            verdict = None
        elif not decided and uri not in liked and chance > 0.6:
            verdict = None if chance < 0.8 else True
        tastes = learn(tastes, Heard(Mood.HAPPY, uri, verdict))
    return played, liked


BY_CHANCE = 0.2


@pytest.mark.parametrize("decided", [True, False])
def test_a_listener_hears_more_of_what_they_like_and_still_every_song(decided: bool) -> None:
    shares, missed = [], []
    for seed in range(20):
        played, liked = listens(seed, 400, decided=decided)
        window = played[124:200]
        shares.append(sum(uri in liked for uri in window) / len(window))
        missed.append(150 - len(set(played[:200])))
        assert len(set(played)) == 150
    assert median(shares) >= 1.4 * BY_CHANCE
    # By the 200th play, for whoever knows what they like; for the others mostly.
    assert max(missed) == 0 if decided else median(missed) == 0


def test_what_a_listener_likes_comes_ever_more() -> None:
    played, liked = listens(1, 2000, decided=True)
    late = played[-750:]
    assert sum(uri in liked for uri in late) / len(late) >= 3 * BY_CHANCE
    assert len(set(late)) == 150
