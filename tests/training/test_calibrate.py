"""The operating point promises honest confidence: fitted numbers find the truth that was put in."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from moodbox.core.seeing.reading import OperatingPoint, calibrate, softmax
from training.calibrate import (
    LEAST_UNREADABLE,
    MOST_REFUSED,
    fit_look,
    fit_reading,
    fused,
    least_cutoff,
    sure_cutoff,
    unreadable_cutoff,
)
from training.measure import (
    agreement,
    calibration_error,
    confusion,
    coverage_table,
    macro_f1,
    majority,
    recalls,
    reliability,
)


def drawn(chances: npt.NDArray[np.float64], rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """A label for each row of probabilities."""
    labels: npt.NDArray[np.int64] = (
        rng.random((len(chances), 1)) > np.cumsum(chances, axis=1)
    ).sum(axis=1)
    return labels


def test_the_fit_finds_the_temperature_and_biases_that_made_the_labels() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 4, (20_000, 5))
    bias = np.array([0.5, -0.3, 0.0, 0.2, -0.4])
    labels = drawn(softmax(logits / 2.5 + bias), rng)
    temperature, fitted = fit_look(logits, labels, ridge=1e-3)
    assert temperature == pytest.approx(2.5, rel=0.05)
    np.testing.assert_allclose(np.array(fitted) - np.mean(fitted), bias, atol=0.08)


def test_chance_among_few_rows_moves_no_bias() -> None:
    rng = np.random.default_rng(6)
    logits = rng.normal(0, 2, (1_900, 5))
    labels = drawn(softmax(logits), rng)
    _, free = fit_look(logits, labels, ridge=1e-3)
    _, held = fit_look(logits, labels)
    assert np.abs(free).max() > 0.05
    assert np.abs(held).max() < 0.02


def test_fitted_looks_are_calibrated_and_keep_their_order_of_confidence() -> None:
    rng = np.random.default_rng(2)
    logits = rng.normal(0, 2, (10_000, 5))
    labels = drawn(softmax(logits / 3), rng)
    temperature, bias = fit_look(logits, labels)
    chances = calibrate(logits, OperatingPoint(temperature, bias, 1, 1, 0.1))
    right = chances.argmax(axis=1) == labels
    assert calibration_error(chances.max(axis=1), right) < 0.02
    assert calibration_error(softmax(logits).max(axis=1), right) > 0.1


def test_a_reading_of_one_photo_is_no_surer_than_one_look() -> None:
    """Eight looks of one photo that say nothing new: the temperature must be about one."""
    rng = np.random.default_rng(3)
    one = softmax(rng.normal(0, 1.5, (4_000, 5)))
    labels = drawn(one, rng)
    sequences = np.repeat(one[:, None, :], 8, axis=1)
    assert fit_reading(sequences, labels) == pytest.approx(1.0, abs=0.1)


def test_fusing_follows_the_device() -> None:
    looks = softmax(np.random.default_rng(4).normal(0, 1, (3, 8, 5)))
    expected = softmax(np.log(looks).mean(axis=1) / 0.7)
    np.testing.assert_allclose(fused(looks, 0.7), expected, rtol=1e-9)


def test_the_cutoffs_follow_their_rules() -> None:
    rng = np.random.default_rng(5)
    confidence = rng.uniform(0.2, 1.0, 20_000)
    right = rng.random(20_000) < confidence
    sure = sure_cutoff(confidence, right)
    assert right[confidence >= sure].mean() == pytest.approx(0.9, abs=0.01)
    least = least_cutoff(confidence, right)
    assert 0.45 < least < 0.65
    assert sure_cutoff(confidence, np.zeros(20_000, np.bool_)) == confidence.max()
    assert least_cutoff(confidence, np.ones(20_000, np.bool_)) == confidence.min()


def test_few_faces_that_can_be_read_are_refused() -> None:
    chances = np.random.default_rng(8).uniform(0, 1, 10_000)
    refused = (chances >= unreadable_cutoff(chances)).mean()
    assert refused == pytest.approx(MOST_REFUSED, abs=2e-4)
    assert unreadable_cutoff(chances / 1000) == LEAST_UNREADABLE


def test_figures_of_a_small_table_are_those_counted_by_hand() -> None:
    labels = np.array([0, 0, 0, 1, 1, 2, 3, 4])
    predicted = np.array([0, 0, 1, 1, 1, 2, 4, 4])
    table = confusion(predicted, labels)
    assert table[0].tolist() == [2, 1, 0, 0, 0]
    assert recalls(table)["happy"] == pytest.approx(2 / 3)
    assert recalls(table)["surprise"] == 0.0
    assert macro_f1(table) == pytest.approx((0.8 + 0.8 + 1 + 0 + 2 / 3) / 5)


def test_calibration_error_is_the_mean_gap_of_the_bins() -> None:
    confidence = np.array([0.9, 0.9, 0.5, 0.5])
    right = np.array([True, True, True, False])
    assert calibration_error(confidence, right) == pytest.approx(0.05)
    assert sum(rows for rows, _, _ in reliability(confidence, right)) == 4


def test_coverage_keeps_the_surest_first() -> None:
    confidence = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    right = np.array([True, True, True, False, False])
    assert coverage_table(confidence, right) == {
        "20%": 1.0,
        "40%": 1.0,
        "60%": 1.0,
        "80%": 0.75,
        "100%": 0.6,
    }


def test_a_majority_of_votes_is_one_mood_or_none() -> None:
    votes = np.array(
        [
            [7, 2, 1, 0, 0, 0, 0, 0, 0, 0],
            [5, 5, 0, 0, 0, 0, 0, 0, 0, 0],
            [0, 0, 0, 8, 2, 0, 0, 0, 0, 0],
            [0, 0, 0, 0, 0, 9, 1, 0, 0, 0],
        ]
    )
    assert majority(votes).tolist() == [4, -1, 1, -1]
    assert agreement(np.array([4, 0, 0, 0]), votes) == 0.5
