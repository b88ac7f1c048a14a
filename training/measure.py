"""Figures of a classifier from its probabilities: accuracy, recall, F1, calibration, coverage."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from moodbox.core.mood import Mood

Probabilities = npt.NDArray[np.floating[Any]]
Labels = npt.NDArray[np.integer[Any]]

ECE_BINS = 15
COVERAGES = (0.2, 0.4, 0.6, 0.8, 1.0)


def accuracy(probabilities: Probabilities, labels: Labels) -> float:
    """Share of rows whose likeliest mood is the label."""
    return float((probabilities.argmax(axis=1) == labels).mean())


def confusion(predicted: Labels, labels: Labels) -> npt.NDArray[np.int64]:
    """Counts (5, 5): a row for each label, a column for each prediction."""
    table = np.zeros((len(Mood), len(Mood)), np.int64)
    np.add.at(table, (labels, predicted), 1)
    return table


def recalls(table: npt.NDArray[np.int64]) -> dict[str, float]:
    """Of each mood's images the share that is read as it; 0 for a mood without images."""
    totals = np.maximum(table.sum(axis=1), 1)
    return {mood: float(table[i, i] / totals[i]) for i, mood in enumerate(Mood)}


def macro_f1(table: npt.NDArray[np.int64]) -> float:
    """Mean over the moods of the harmonic mean of precision and recall."""
    hits = np.diag(table)
    return float(np.mean(2 * hits / np.maximum(table.sum(axis=0) + table.sum(axis=1), 1)))


def reliability(
    confidence: npt.NDArray[np.floating[Any]], right: npt.NDArray[np.bool_], bins: int = ECE_BINS
) -> list[tuple[int, float, float]]:
    """For each bin of equal width: rows, mean confidence, share right (0, 0 where empty)."""
    number = np.clip((confidence * bins).astype(int), 0, bins - 1)
    result = []
    for i in range(bins):
        inside = number == i
        rows = int(inside.sum())
        mean = float(confidence[inside].mean()) if rows else 0.0
        result.append((rows, mean, float(right[inside].mean()) if rows else 0.0))
    return result


def calibration_error(
    confidence: npt.NDArray[np.floating[Any]], right: npt.NDArray[np.bool_], bins: int = ECE_BINS
) -> float:
    """Expected calibration error: the bins' mean gap between confidence and share right."""
    rows = reliability(confidence, right, bins)
    return sum(n * abs(mean - share) for n, mean, share in rows) / max(len(right), 1)


def coverage_table(
    confidence: npt.NDArray[np.floating[Any]], right: npt.NDArray[np.bool_]
) -> dict[str, float]:
    """Share right among the surest part of the rows, for several parts."""
    order = np.argsort(-confidence, kind="stable")
    ranked = right[order]
    return {
        f"{part:.0%}": float(ranked[: max(round(part * len(ranked)), 1)].mean())
        for part in COVERAGES
    }


def summary(
    predicted: Labels,
    confidence: npt.NDArray[np.floating[Any]],
    labels: Labels,
    clean: npt.NDArray[np.bool_],
) -> dict[str, Any]:
    """All figures of one pass over the test images, rounded to four places."""
    right = predicted == labels
    table = confusion(predicted, labels)
    figures = {
        "accuracy": float(right.mean()),
        "accuracy_clean": float(right[clean].mean()),
        "macro_f1": macro_f1(table),
        "recall": recalls(table),
        "calibration_error_clean": calibration_error(confidence[clean], right[clean]),
        "coverage_clean": coverage_table(confidence[clean], right[clean]),
        "confusion": table.tolist(),
    }
    rounded: dict[str, Any] = round_all(figures)
    return rounded


def round_all(value: Any, places: int = 4) -> Any:
    """Round every float within dictionaries and lists."""
    if isinstance(value, dict):
        return {key: round_all(item, places) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [round_all(item, places) for item in value]
    return round(value, places) if isinstance(value, float) else value


FER_PLUS_MOODS = (4, 0, 3, 1, 2)
"""For the FER+ columns neutral, happiness, surprise, sadness, anger: the index in `Mood`."""


def majority(votes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The mood most FER+ annotators chose, (N,), or −1: a tie, or no mood of the box."""
    top = votes.max(axis=1)
    alone = (votes == top[:, None]).sum(axis=1) == 1
    column = votes.argmax(axis=1)
    moods = np.array([*FER_PLUS_MOODS, -1, -1, -1, -1, -1])
    return np.where(alone & (top > 0), moods[column], -1)


def agreement(predicted: Labels, votes: npt.NDArray[np.int64]) -> float:
    """Share of the rows with a FER+ majority whose prediction is that majority."""
    truth = majority(votes)
    return float((predicted == truth)[truth >= 0].mean())
