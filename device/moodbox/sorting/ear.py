"""The ear: from the pieces of a song to its place. Pure; its numbers come from a model folder.

A kernel machine: each song that it learned from votes with its weight, the more the nearer it
sounds. A second look, at the distance to the nearest of them, tells whether this kind of music was
among what it learned from: confidence alone does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from moodbox.sorting.features import MELS, Array, features
from moodbox.sorting.place import QUADRANTS, Heard, Place, Sound

if TYPE_CHECKING:
    from collections.abc import Sequence

NEIGHBOURS = 5
FARTHEST = 4.0
"""Deviations at which a number is cut off: one strange number shall not decide."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What the ear has learned; F features, S rows that it learned from, C components, N songs."""

    mean: Array
    """(F,) of the songs learned from."""
    deviation: Array
    """(F,), above 0."""
    emphasis: Array
    """(F,): what each number counts in the kernel."""
    rows: Array
    """(S, F) standardised features of pieces and of whole songs."""
    votes: Array
    """(S, 4): how each row votes for QUADRANTS."""
    components: Array
    """(C, F): standardised features to whitened components."""
    known: Array
    """(N, C): the songs learned from."""
    quadrant: Array
    """(N,): index of each into QUADRANTS."""


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """The numbers beside the weights."""

    gamma: float
    """Width of the kernel: exp(−gamma · mean squared difference)."""
    gain: float
    """From votes to logits, so that confidences are honest."""
    far: float
    """Mean distance to the NEIGHBOURS nearest known songs beyond which music is foreign."""
    least_variation: float
    """See `variation`: what is steadier than any song that the ear knows is noise or a tone."""
    least_confidence: float
    """Below it a song is left alone."""


class Ear:
    """Hears songs. One object serves any number of songs; it keeps nothing of them."""

    def __init__(self, weights: Weights, point: OperatingPoint) -> None:
        self.point = point
        self._weights = weights
        self._rows = weights.rows * weights.emphasis

    def hear(self, pieces: Sequence[Array]) -> Heard:
        """A song from its pieces, each (N,) float32 at RATE_HZ, −1…1.

        Raises ValueError for no pieces, or one that is silent or too short.
        """
        if not pieces:
            raise ValueError("a song needs a piece to be heard by")
        return self.place(np.mean([features(piece) for piece in pieces], axis=0))

    def place(self, numbers: Array) -> Heard:
        """A song from its features (F,)."""
        weights = self._weights
        standard = standardise(numbers[None], weights.mean, weights.deviation)
        similar = kernel(standard * weights.emphasis, self._rows, self.point.gamma)
        p = softmax(self.point.gain * (similar @ weights.votes))[0]
        sound: Sound = (standard @ weights.components.T)[0].astype(np.float32)
        distance = max(
            nearest(sound[None], weights.known)[0] / self.point.far,
            self.point.least_variation / max(variation(numbers), 1e-6),
        )
        a, b, c, d = (float(value) for value in p)
        return Heard(Place((a, b, c, d), float(distance)), sound)

    def neighbours(self, sound: Sound) -> str:
        """Of which moods the nearest songs are that it learned from, nearest first."""
        distance = np.linalg.norm(self._weights.known - sound, axis=1)
        found = self._weights.quadrant[np.argsort(distance)[:NEIGHBOURS]]
        return ", ".join(str(QUADRANTS[int(index)]) for index in found)

    def is_placed(self, place: Place) -> bool:
        """Whether the ear is sure enough of a song, and knows its kind, to place it."""
        return place.distance <= 1 and place.confidence >= self.point.least_confidence


def variation(numbers: Array) -> float:
    """How much the mel bands rise and fall, in logarithms: noise 0.3, songs 0.8 to 3."""
    return float(numbers[MELS : 2 * MELS].mean())


def standardise(rows: Array, mean: Array, deviation: Array) -> Array:
    """Features (S, F) in deviations from the songs learned from, cut at FARTHEST."""
    result: Array = np.clip((rows - mean) / deviation, -FARTHEST, FARTHEST).astype(np.float32)
    return result


def kernel(left: Array, right: Array, gamma: float) -> Array:
    """How alike rows (L, F) and (R, F) are: (L, R), 1 for the same, towards 0."""
    squares = (left**2).sum(1)[:, None] + (right**2).sum(1)[None] - 2 * left @ right.T
    result: Array = np.exp(-gamma / left.shape[1] * np.maximum(squares, 0))
    return result


def softmax(logits: Array) -> npt.NDArray[np.float64]:
    """Rows of logits (S, 4) as probabilities."""
    powers = np.exp(logits.astype(np.float64) - logits.max(1, keepdims=True))
    result: npt.NDArray[np.float64] = powers / powers.sum(1, keepdims=True)
    return result


def nearest(sounds: Array, known: Array, skip: int = 0) -> Array:
    """Mean distance (S,) of sounds to their NEIGHBOURS nearest known ones, after the first `skip`.

    `skip` is 1 where the sounds are themselves among the known.
    """
    squares = (sounds**2).sum(1)[:, None] + (known**2).sum(1)[None] - 2 * sounds @ known.T
    ordered = np.sort(np.sqrt(np.maximum(squares, 0)), axis=1)
    result: Array = ordered[:, skip : skip + NEIGHBOURS].mean(1)
    return result
