"""What the network is trained to say: soft targets and weights for each training row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from moodbox.core.mood import Mood
from training.measure import majority
from training.settings import Train
from training.source import DataError

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Table:
    """Images with their targets."""

    images: npt.NDArray[np.uint8]
    """(N, 48, 48)."""
    labels: npt.NDArray[np.int64]
    """(N,) indices into `Mood`; −1 for rows that are no mood."""
    targets: Floats
    """(N, 5), each row sums to 1."""
    weights: Floats
    """(N,) with mean 1."""
    majority: npt.NDArray[np.int64] | None = None
    """(N,) the mood that most FER+ annotators chose, −1 for none; None without FER+."""


def load(path: Path, settings: Train) -> tuple[Table, Table]:
    """Read `train.npz` and return the training and the validation table.

    Raises DataError where the file is missing or the settings need columns that it lacks.
    """
    if not path.is_file():
        raise DataError(f"{path}: not prepared yet. Run: python -m training prepare --data DIR")
    with np.load(path) as file:
        images, labels = file["images"], file["labels"]
        validation = file["validation"]
        votes = file.get("votes")
    mood = labels < len(Mood)
    targets: npt.NDArray[np.float32] = np.full((len(labels), len(Mood)), 1 / len(Mood), np.float32)
    targets[mood] = np.eye(len(Mood), dtype=np.float32)[labels[mood]]
    if votes is not None and (settings.votes_share or settings.extra_rows):
        translated = translate(votes, labels, fit=mood & ~validation)
        targets = mix(targets, translated, settings.votes_share, extra=~mood)
    elif settings.extra_rows:
        raise DataError("extra_rows needs FER+ votes, and the data came without ferplus.csv")
    elif settings.votes_share:
        print("no ferplus.csv came with the data: the targets are the labels alone")
    train = ~validation & (mood | settings.extra_rows)
    held_out = validation & mood
    smooth = settings.label_smoothing
    smoothed = targets * (1 - smooth) + smooth / len(Mood)
    weights = class_weights(labels[train & mood], settings.class_weight_power)
    row_weights = (targets @ weights).astype(np.float32)
    codes = np.where(mood, labels, -1)
    return (
        Table(images[train], codes[train], smoothed[train], row_weights[train]),
        Table(
            images[held_out],
            codes[held_out],
            targets[held_out],
            row_weights[held_out],
            None if votes is None else majority(votes[held_out]),
        ),
    )


def class_weights(labels: npt.NDArray[np.int64], power: float) -> Floats:
    """Weights (5,), frequency ** −power, scaled so that the rows' mean weight is 1."""
    counts = np.bincount(labels, minlength=len(Mood)).astype(np.float64)
    if not counts.all():
        missing = ", ".join(mood for mood, n in zip(Mood, counts, strict=True) if not n)
        raise DataError(f"no training image shows: {missing}. Every mood needs some.")
    weights = (counts / counts.sum()) ** -power
    result: Floats = (weights / (weights @ counts / counts.sum())).astype(np.float32)
    return result


def mix(
    targets: Floats, translated: Floats, share: float, *, extra: npt.NDArray[np.bool_]
) -> Floats:
    """Blend labels with translated votes; `extra` rows have no label and take the votes alone."""
    shares = np.where(extra, 1.0, share).astype(np.float32)[:, None]
    result: Floats = (1 - shares) * targets + shares * translated
    return result


def translate(
    votes: npt.NDArray[np.int64], labels: npt.NDArray[np.int64], *, fit: npt.NDArray[np.bool_]
) -> Floats:
    """Probability (N, 5) of the FER2013 label given the ten FER+ votes.

    FER+ draws its borders elsewhere than FER2013 does (raw votes pull a network to FER+'s), so the
    votes are translated: a small network is fitted from votes to labels on the rows `fit` of the
    training split, and its answer is the target. NumPy alone; the seed is fixed.
    """
    inputs = vote_features(votes)
    rng = np.random.default_rng(0)
    first = rng.normal(0, 0.3, (inputs.shape[1], 32)).astype(np.float32)
    second = np.zeros((32, len(Mood)), np.float32)
    straight = np.zeros((inputs.shape[1], len(Mood)), np.float32)
    parts = [first, second, straight]
    squares = [np.zeros_like(part) for part in parts]
    means = [np.zeros_like(part) for part in parts]
    chosen = np.flatnonzero(fit)
    truth = np.eye(len(Mood), dtype=np.float32)
    for step in range(1, 3001):  # Adam
        batch = rng.choice(chosen, 512)
        x = inputs[batch]
        hidden = np.maximum(x @ first, 0)
        error = _softmax(hidden @ second + x @ straight) - truth[labels[batch]]
        back = (error @ second.T) * (hidden > 0)
        gradients = [x.T @ back, hidden.T @ error, x.T @ error]
        rate = 0.01 * (1 - step / 3001)
        for part, gradient, mean, square in zip(parts, gradients, means, squares, strict=True):
            gradient = gradient / len(batch) + 1e-4 * part
            mean += 0.1 * (gradient - mean)
            square += 0.01 * (gradient**2 - square)
            correction = np.sqrt(1 - 0.99**step) / (1 - 0.9**step)
            part -= rate * correction * mean / (np.sqrt(square) + 1e-8)
    return _softmax(np.maximum(inputs @ first, 0) @ second + inputs @ straight)


def vote_features(votes: npt.NDArray[np.int64]) -> Floats:
    """Shares, their squares and a constant: (N, 21)."""
    shares = (votes / np.maximum(votes.sum(axis=1, keepdims=True), 1)).astype(np.float32)
    return np.hstack([shares, shares**2, np.ones((len(votes), 1), np.float32)])


def _softmax(logits: Floats) -> Floats:
    exponential = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Floats = exponential / exponential.sum(axis=1, keepdims=True)
    return result
