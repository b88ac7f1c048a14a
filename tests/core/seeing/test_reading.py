"""From logits to a mood, or none and why."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodbox.core.mood import Mood, Scores
from moodbox.core.seeing.reading import (
    MIN_FRAMES,
    OperatingPoint,
    Reading,
    Why,
    calibrate,
    conclude,
    fuse,
    softmax,
    to_scores,
)

POINT = OperatingPoint(
    temperature=1.0,
    bias=(0.0,) * 5,
    reading_temperature=1.0,
    sure_confidence=0.8,
    least_confidence=0.5,
)


def scores(**probability: float) -> Scores:
    """Scores with what is left shared among the others."""
    rest = (1 - sum(probability.values())) / (len(Mood) - len(probability))
    return Scores({mood: probability.get(mood.value, rest) for mood in Mood})


def test_a_reading_ends_as_soon_as_it_is_sure_and_not_before_three_predictions() -> None:
    predictions = [scores(happy=0.95)] * MIN_FRAMES
    assert conclude(predictions[:-1], POINT, final=False) is None
    reading = conclude(predictions, POINT, final=False)
    assert reading is not None
    assert (reading.mood, reading.why, reading.frames) == (Mood.HAPPY, None, MIN_FRAMES)
    assert reading.confidence == pytest.approx(0.95)


def test_at_its_end_it_needs_less_to_decide() -> None:
    predictions = [scores(sad=0.6)] * 5
    assert conclude(predictions, POINT, final=False) is None
    reading = conclude(predictions, POINT, final=True)
    assert reading is not None
    assert reading.mood is Mood.SAD


def test_undecided_tells_no_mood_and_keeps_its_scores() -> None:
    reading = conclude([scores(sad=0.4, neutral=0.35)] * 9, POINT, final=True)
    assert reading is not None
    assert (reading.mood, reading.why) == (None, Why.UNDECIDED)
    assert reading.scores is not None
    assert reading.scores.mood is Mood.SAD


def test_nobody_is_no_mood_and_no_confidence() -> None:
    assert conclude([], POINT, final=False) is None
    assert conclude([], POINT, final=True) == Reading(None, Why.NOBODY, None, 0)
    assert Reading(None, Why.NOBODY, None, 0).confidence is None


def test_predictions_that_disagree_make_it_less_sure() -> None:
    agreed = fuse(np.array([[0.7, 0.1, 0.1, 0.05, 0.05]] * 4), POINT)
    torn = fuse(np.array([[0.7, 0.1, 0.1, 0.05, 0.05], [0.1, 0.7, 0.1, 0.05, 0.05]] * 2), POINT)
    assert torn.max() < agreed.max()
    assert torn[0] == pytest.approx(torn[1])


def test_one_prediction_that_rules_a_mood_out_does_not_veto_it() -> None:
    predictions = np.array(
        [[0.9, 0.025, 0.025, 0.025, 0.025]] * 9 + [[0.0, 0.25, 0.25, 0.25, 0.25]]
    )
    assert fuse(predictions, POINT).argmax() == 0


def test_the_temperature_and_the_biases_are_in_force() -> None:
    logits = np.array([2.0, 1.0, 0.0, 0.0, 0.0])
    cool = calibrate(logits, POINT)
    warm = calibrate(logits, OperatingPoint(2.0, (0.0,) * 5, 1.0, 0.8, 0.5))
    pushed = calibrate(logits, OperatingPoint(1.0, (0.0, 3.0, 0.0, 0.0, 0.0), 1.0, 0.8, 0.5))
    assert warm.max() < cool.max()
    assert [int(cool.argmax()), int(pushed.argmax())] == [0, 1]
    assert to_scores(cool).mood is Mood.HAPPY


@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=5, max_size=5), min_size=1, max_size=9))
def test_probabilities_are_probabilities_whatever_the_logits(logits: list[list[float]]) -> None:
    predictions = softmax(np.array(logits))
    fused = fuse(predictions, POINT)
    assert np.isfinite(fused).all()
    assert (fused >= 0).all()
    assert fused.sum() == pytest.approx(1)
