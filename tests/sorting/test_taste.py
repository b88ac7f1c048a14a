"""How far the box follows corrections: near them, by a bounded step, and nowhere else."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from moodbox.core.mood import Mood
from moodbox.sorting.place import QUADRANTS, Place
from moodbox.sorting.taste import ENOUGH, MOST, Correction, Taste

EVEN = Place((0.25, 0.25, 0.25, 0.25), 0.5)
Sounds = npt.NDArray[np.float32]


def sounds(count: int, center: float, seed: int = 1) -> Sounds:
    """Songs about a place in the space of sounds, forty components, as far apart as real ones."""
    rng = np.random.default_rng(seed)
    result: Sounds = (center + 0.3 * rng.standard_normal((count, 40))).astype(np.float32)
    return result


def test_a_few_corrections_move_nothing() -> None:
    told = [Correction(Mood.SAD, str(n), True, s) for n, s in enumerate(sounds(ENOUGH - 1, 0))]
    assert Taste(told).moved(EVEN, sounds(1, 0)[0]) == EVEN


def test_streams_count_for_nothing() -> None:
    told = [Correction(Mood.SAD, str(n), True, None) for n in range(50)]
    assert Taste(told).moved(EVEN, sounds(1, 0)[0]) == EVEN


@pytest.mark.parametrize("count", [ENOUGH, 500])
def test_the_step_is_bounded_and_fades_with_the_distance(count: int) -> None:
    taste = Taste([Correction(Mood.SAD, str(n), True, s) for n, s in enumerate(sounds(count, 0))])
    near = taste.moved(EVEN, sounds(1, 0, seed=2)[0])
    far = taste.moved(EVEN, sounds(1, 3, seed=2)[0])
    at_most = np.exp(MOST) / (np.exp(MOST) + 3)
    assert 0.3 < near.probability[2] <= at_most + 1e-6
    assert far.probability == pytest.approx(EVEN.probability, abs=1e-3)


def test_simulated_tastes_place_neighbours_better_and_nobody_elses_worse() -> None:
    """Somebody finds sad what the box takes for calm; in another corner they agree with it."""
    rng = np.random.default_rng(5)
    theirs, others = sounds(200, 0, seed=3), sounds(200, 2.5, seed=4)

    def heard(mood: Mood) -> Place:
        p = 0.25 + rng.uniform(0, 0.3)
        a, b, c, d = (p if other is mood else (1 - p) / 3 for other in QUADRANTS)
        return Place((a, b, c, d), 0.5)

    told = [Correction(Mood.NEUTRAL, str(n), False, s) for n, s in enumerate(theirs[:12])]
    told += [Correction(Mood.SAD, str(n), True, s) for n, s in enumerate(theirs[12:24])]
    taste = Taste(told)
    near = [(heard(Mood.NEUTRAL), s) for s in theirs[24:]]
    far = [(heard(Mood.HAPPY), s) for s in others]
    before = [place.mood is Mood.SAD for place, _ in near]
    after = [taste.moved(place, s).mood is Mood.SAD for place, s in near]
    assert sum(after) > sum(before) + len(near) // 4
    assert all(taste.moved(place, s).mood is place.mood for place, s in far)
