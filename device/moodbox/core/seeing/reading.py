"""From logits to a reading: calibrate each prediction, fuse several, decide on a mood.

One frame's logits become probabilities by the model's temperature and class biases. Several
predictions of one person are fused by the mean of their calibrated log-probabilities, divided by a
second temperature: frames of one face are not independent, so their sum would be far too sure
(Guo et al. 2017, "On Calibration of Modern Neural Networks", for the temperature).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from moodbox.core.mood import Mood, Scores

if TYPE_CHECKING:
    from collections.abc import Sequence

Logits = npt.NDArray[np.float32]
"""(5,) float32 in the order of `Mood`."""

PROBABILITY_FLOOR = 1e-4
"""Least probability that enters the mean of logarithms, so that no single frame can veto a mood."""


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """Ships with the weights: how their logits become probabilities, and when to decide."""

    temperature: float
    """Divides the logits of one prediction."""
    bias: tuple[float, ...]
    """Added after the division, one per mood in the order of `Mood`."""
    reading_temperature: float
    """Divides the mean log-probabilities of a reading."""
    sure_confidence: float
    """A reading of at least `MIN_FRAMES` frames ends early when it reaches this confidence."""
    least_confidence: float
    """A reading that ends below this confidence is undecided."""


UNREADABLE = "unreadable"
"""A manifest's name for the output after those of the moods: an unreadable face, or no face."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """The result of one inference for one face."""

    scores: Scores
    """Calibrated, on the assumption that the face is readable."""
    readable: bool
    """False if the face is covered, smeared or dark, or not a face: then `scores` mean nothing."""


class Why(StrEnum):
    """Why a reading has no mood."""

    UNDECIDED = "undecided"
    NOBODY = "nobody"
    DARK = "dark"
    NO_CAMERA = "no camera"


@dataclass(frozen=True, slots=True)
class Reading:
    """Several predictions of one person, fused: a mood with its confidence, or none and why.

    Exactly one of `mood` and `why` is None; `scores` is None when no face was seen.
    """

    mood: Mood | None
    why: Why | None
    scores: Scores | None
    frames: int

    @property
    def confidence(self) -> float | None:
        """Probability of the most probable mood, decided or not; None when no face was seen."""
        return None if self.scores is None else self.scores.confidence


MIN_FRAMES = 3
"""Frames before a reading may end early: a blink or a spoken word changes one frame."""


def softmax(logits: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
    """Probabilities along the last axis, in float64."""
    shifted = np.asarray(logits, np.float64) - np.max(logits, axis=-1, keepdims=True)
    exponential = np.exp(shifted)
    result: npt.NDArray[np.float64] = exponential / exponential.sum(axis=-1, keepdims=True)
    return result


def calibrate(
    logits: npt.NDArray[np.floating[Any]], point: OperatingPoint
) -> npt.NDArray[np.float64]:
    """Calibrated probabilities (…, 5) of logits (…, 5), both in the order of `Mood`."""
    return softmax(logits / point.temperature + np.asarray(point.bias))


def unreadable_chance(outputs: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
    """Probability (…) that the face is unreadable, from a network's six outputs (…, 6).

    The last output is "unreadable"; the order of the moods before it does not matter.
    """
    result: npt.NDArray[np.float64] = softmax(outputs)[..., -1]
    return result


def fuse(
    probabilities: npt.NDArray[np.floating[Any]], point: OperatingPoint
) -> npt.NDArray[np.float64]:
    """Fuse predictions (frames, 5) of one person into probabilities (5,)."""
    logs = np.log(np.maximum(probabilities, PROBABILITY_FLOOR))
    return softmax(logs.mean(axis=-2) / point.reading_temperature)


def to_scores(probabilities: npt.NDArray[np.floating[Any]]) -> Scores:
    """Scores from probabilities (5,) in the order of `Mood`."""
    return Scores({mood: float(p) for mood, p in zip(Mood, probabilities, strict=True)})


def conclude(
    predictions: Sequence[Scores], point: OperatingPoint, *, final: bool
) -> Reading | None:
    """The reading of the predictions so far; None while it is unsure and more may come.

    `final`: no more predictions will come. Then the result is never None: `UNDECIDED` below
    `least_confidence`, `NOBODY` without any prediction.
    """
    if not predictions:
        return Reading(None, Why.NOBODY, None, 0) if final else None
    table = np.array([[each.probability[mood] for mood in Mood] for each in predictions])
    scores = to_scores(fuse(table, point))
    enough = len(predictions) >= MIN_FRAMES and scores.confidence >= point.sure_confidence
    if not (enough or final):
        return None
    if scores.confidence < point.least_confidence:
        return Reading(None, Why.UNDECIDED, scores, len(predictions))
    return Reading(scores.mood, None, scores, len(predictions))
