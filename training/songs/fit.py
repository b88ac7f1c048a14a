"""Fit the ear, and try it on artists that it has not learned from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from moodbox.sorting.ear import (
    OperatingPoint,
    Weights,
    kernel,
    nearest,
    softmax,
    standardise,
    variation,
)
from moodbox.sorting.features import GROUPS, Array
from training.songs.source import Songs, folds_by_artist

if TYPE_CHECKING:
    from collections.abc import Sequence

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]


@dataclass(frozen=True)
class FitSettings:
    """What is chosen of the ear; docs/sorting.md has what else was tried."""

    gamma: float = 0.2
    """Width of the kernel."""
    ridge: float = 0.5
    """How much a song's own label is distrusted."""
    rows: str = "both"
    """What it learns from: "pieces", "songs" (their means) or "both"."""
    counts_more: tuple[str, ...] = ("shape", "harmony", "modulation")
    """Groups of features that count `more` times as much in the kernel."""
    more: float = 3.0
    group_power: float = 0.5
    """A group counts by its size to this power: 1 gives each number the same weight."""
    components: int = 40
    """Whitened directions in which songs are compared."""
    known_share: float = 0.85
    """Share of the training songs that are familiar to the others."""
    placed_share: float = 0.40
    """Share of unseen artists' songs that are placed."""
    folds: int = 10
    seeds: tuple[int, ...] = (0, 1)
    """Each splits the artists anew; the thresholds are of all."""


@dataclass(frozen=True)
class Unseen:
    """What an ear says of songs by artists that it has not learned from."""

    probability: Float
    """(N, 4), together 1."""
    votes: Float
    """(N, 4), before the gain that makes them probabilities."""
    distance: Float
    """(N,), in units of far."""


def weights_of(songs: Songs, use: Int, settings: FitSettings) -> Weights:
    """Learn from the songs `use` (indices)."""
    whole = songs.whole[use]
    mean = whole.mean(0)
    deviation = whole.std(0) + np.float32(1e-3)
    pieces = songs.pieces[use].reshape(-1, whole.shape[1])
    labels = songs.quadrant[use]
    raw, label = {
        "songs": (whole, labels),
        "pieces": (pieces, np.repeat(labels, 3)),
        "both": (np.concatenate([whole, pieces]), np.concatenate([labels, np.repeat(labels, 3)])),
    }[settings.rows]
    rows = standardise(raw, mean, deviation)
    emphasis = emphasis_of(settings)
    similar = kernel(rows * emphasis, rows * emphasis, settings.gamma).astype(np.float64)
    similar[np.diag_indices_from(similar)] += settings.ridge
    votes = np.linalg.solve(similar, np.eye(4)[label] - 0.25).astype(np.float32)
    standard = standardise(whole, mean, deviation)
    components = _whitening(standard, settings.components)
    known = standard @ components.T
    quadrant = labels.astype(np.float32)
    return Weights(mean, deviation, emphasis, rows, votes, components, known, quadrant)


def emphasis_of(settings: FitSettings) -> Array:
    """(F,): what each feature counts in the kernel, of mean square 1."""
    share = [
        size**settings.group_power * (settings.more if name in settings.counts_more else 1) / size
        for name, size in GROUPS
    ]
    each = np.repeat(share, [size for _, size in GROUPS])
    result: Array = np.sqrt(each / each.mean()).astype(np.float32)
    return result


def _whitening(standard: Array, count: int) -> Array:
    """(C, F): the strongest directions, each of variance 1 over the songs."""
    _, scale, directions = np.linalg.svd(standard - standard.mean(0), full_matrices=False)
    factor = np.sqrt(len(standard)) / scale[:count]
    result: Array = (directions[:count] * factor[:, None]).astype(np.float32)
    return result


def far_of(weights: Weights, share: float) -> float:
    """The distance within which `share` of the known songs lie of the others."""
    return float(np.quantile(nearest(weights.known, weights.known, skip=1), share))


def unseen(songs: Songs, settings: FitSettings, seed: int) -> Unseen:
    """Every song, heard by an ear that has not learned from its artist."""
    fold = folds_by_artist(songs.artist, settings.folds, seed)
    votes, distance = np.zeros((len(fold), 4)), np.zeros(len(fold))
    for number in range(settings.folds):
        test = np.flatnonzero(fold == number)
        weights = weights_of(songs, np.flatnonzero(fold != number), settings)
        standard = standardise(songs.whole[test], weights.mean, weights.deviation)
        rows = weights.rows * weights.emphasis
        votes[test] = kernel(standard * weights.emphasis, rows, settings.gamma) @ weights.votes
        sound = standard @ weights.components.T
        distance[test] = nearest(sound, weights.known) / far_of(weights, settings.known_share)
    gain = best_gain(votes, songs.quadrant)
    return Unseen(softmax((gain * votes).astype(np.float32)), votes, distance)


def best_gain(votes: Float, quadrant: Int) -> float:
    """The factor that makes probabilities of votes honest: the least log loss."""
    gains = np.geomspace(2, 20, 40)
    losses = [
        -np.log(softmax((gain * votes).astype(np.float32))[np.arange(len(votes)), quadrant]).mean()
        for gain in gains
    ]
    return float(gains[int(np.argmin(losses))])


def fit(
    songs: Songs, settings: FitSettings, runs: Sequence[Unseen]
) -> tuple[Weights, OperatingPoint]:
    """The ear that is shipped: of all songs, its thresholds from `runs` of `unseen`."""
    votes = np.concatenate([run.votes for run in runs])
    gain = best_gain(votes, np.tile(songs.quadrant, len(runs)))
    confidence = softmax((gain * votes).astype(np.float32)).max(1)
    familiar = np.concatenate([run.distance for run in runs]) <= 1
    ranked = np.sort(np.where(familiar, confidence, 0))[::-1]
    least = float(ranked[int(settings.placed_share * len(ranked))])
    weights = weights_of(songs, np.arange(len(songs.names)), settings)
    far = far_of(weights, settings.known_share)
    steadiest = 0.9 * min(map(variation, songs.whole))
    return weights, OperatingPoint(settings.gamma, gain, far, steadiest, least)
