"""Fits the operating point: temperature and biases of a look, temperature and cutoffs of a reading.

All on validation images through the int8 file, never on test images.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from moodbox.core.mood import Mood
from moodbox.core.seeing.reading import OperatingPoint, fuse, softmax

Logits = npt.NDArray[np.floating[Any]]
Labels = npt.NDArray[np.integer[Any]]

RIDGE = 1.0
"""Pull of the biases towards 0, a row: some 1,900 validation rows cannot tell a bias from chance.

By ten-fold cross-validation on those rows (five deals, through the shipped file) biases fitted with
0.001, 0.1 and 1 are right for 78.6, 78.7 and 79.0 % at a loss of 0.5816, 0.5806 and 0.5806.
"""

SURE_ACCURACY = 0.9
UNDECIDED_ACCURACY = 0.5
LEAST_ROWS = 30
"""Fewer readings say nothing about a cutoff."""

WINDOW = 50

MOST_REFUSED = 0.007
"""Share of the validation faces that may be called unreadable; a point of coverage is the limit on
the test faces."""

LEAST_UNREADABLE = 0.2
"""Below this probability nothing is called unreadable, however seldom it happens to real faces."""


def fit_look(
    logits: Logits, labels: Labels, ridge: float = RIDGE
) -> tuple[float, tuple[float, ...]]:
    """Temperature and biases (in the order of `Mood`) that make the likelihood greatest.

    Newton's method on (1 / temperature, biases): the problem is convex. `ridge`, above 0, is added
    to the loss a row times half the biases' squares; it also fixes the one direction that softmax
    does not see.
    """
    rows, moods = logits.shape
    truth = np.eye(moods)[labels]
    parameters = np.zeros(1 + moods)
    parameters[0] = 1.0
    for _ in range(50):
        chances = softmax(logits * parameters[0] + parameters[1:])
        # Each row's derivative of the logits by the parameters: (N, 5, 6).
        slopes = np.concatenate(
            [logits[:, :, None], np.broadcast_to(np.eye(moods), (rows, moods, moods))], axis=2
        )
        gradient = np.einsum("nk,nkp->p", chances - truth, slopes) / rows
        mean = np.einsum("nk,nkp->np", chances, slopes)
        hessian = np.einsum("nk,nkp,nkq->pq", chances, slopes, slopes) - mean.T @ mean
        hessian /= rows
        gradient[1:] += ridge * parameters[1:]
        hessian[1:, 1:] += ridge * np.eye(moods)
        step = np.linalg.solve(hessian + 1e-9 * np.eye(1 + moods), gradient)
        parameters -= step
        parameters[0] = max(parameters[0], 0.05)
        if np.abs(step).max() < 1e-7:
            break
    return float(1 / parameters[0]), tuple(float(bias) for bias in parameters[1:])


def fit_reading(sequences: npt.NDArray[np.floating[Any]], labels: Labels) -> float:
    """Temperature of a reading from calibrated probabilities (N, frames, 5) of N sequences."""

    def loss(temperature: float) -> float:
        chances = fused(sequences, temperature)
        return float(-np.log(chances[np.arange(len(labels)), labels] + 1e-12).mean())

    return golden_section(loss, 0.2, 8.0)


def fused(sequences: npt.NDArray[np.floating[Any]], temperature: float) -> npt.NDArray[np.float64]:
    """Probabilities (N, 5) of readings from (N, frames, 5), by the device's own fusion."""
    point = OperatingPoint(1.0, (0.0,) * len(Mood), temperature, 1.0, 0.0)
    return fuse(sequences, point)


def golden_section(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function with a single valley between `low` and `high` is least, to 0.001."""
    ratio = (5**0.5 - 1) / 2
    while high - low > 1e-3:
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if function(left) < function(right):
            high = right
        else:
            low = left
    return (low + high) / 2


def sure_cutoff(confidence: npt.NDArray[np.floating[Any]], right: npt.NDArray[np.bool_]) -> float:
    """Least confidence from which on readings are right `SURE_ACCURACY` of the time.

    The rule for ending a reading early: of all readings at or above it nine in ten are right.
    """
    order = np.argsort(-confidence)
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero((share >= SURE_ACCURACY) & (np.arange(len(order)) >= LEAST_ROWS))
    return float(confidence[order][enough[-1]]) if len(enough) else float(confidence.max())


def unreadable_cutoff(chances: npt.NDArray[np.floating[Any]]) -> float:
    """Least probability of "unreadable" (N,), of faces that can be read, that refuses few of them.

    Few are `MOST_REFUSED`.
    """
    return max(float(np.quantile(chances, 1 - MOST_REFUSED)), LEAST_UNREADABLE)


def least_cutoff(confidence: npt.NDArray[np.floating[Any]], right: npt.NDArray[np.bool_]) -> float:
    """Greatest confidence about which readings are wrong more often than right.

    The rule for an undecided reading: a mood is named where it is likelier right than wrong,
    judged by the `WINDOW` readings of the nearest confidence.
    """
    order = np.argsort(confidence)
    window = min(WINDOW, len(order))
    share = np.convolve(right[order], np.ones(window) / window, "valid")
    bad = np.flatnonzero(share < UNDECIDED_ACCURACY)
    return float(confidence[order][bad[-1] + window // 2] if len(bad) else confidence.min())
