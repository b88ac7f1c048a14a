"""What the network is trained to say: soft targets and weights for each training row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from moodbox.core.mood import Mood
from moodbox.core.seeing.preprocess import SIDE_PX
from training.measure import majority
from training.settings import Train
from training.source import DataError

Floats = npt.NDArray[np.float32]

TEACHERS = "teachers.npz"
"""Beside `train.npz`, row by row: the logits of teachers that never saw the row."""


NO_FACES = "no-faces.npz"
"""Beside them: patches of pictures without people."""


@dataclass(frozen=True, slots=True)
class Table:
    """Images with their targets."""

    images: npt.NDArray[np.uint8]
    """(N, 48, 48)."""
    labels: npt.NDArray[np.int64]
    """(N,) indices into `Mood`; −1 for rows that are no mood."""
    targets: Floats
    """(N, 6), each row sums to 1; the sixth, of what cannot be read, is 0."""
    weights: Floats
    """(N,) with mean 1."""
    no_faces: npt.NDArray[np.uint8]
    """(M, 48, 48) patches of pictures without people; M may be 0."""
    majority: npt.NDArray[np.int64] | None = None
    """(N,) the mood that most FER+ annotators chose, −1 for none; None without FER+."""


def load(
    data: Path,
    settings: Train,
    left_out: npt.NDArray[np.bool_] | None = None,
    teachers: Path | None = None,
) -> tuple[Table, Table]:
    """Read `train.npz` of `data` and return the training and the validation table.

    Rows in `left_out` (N,) are not trained on either; None leaves out the validation rows alone.
    `teachers` is the file of the teachers' logits (`recipe.py`), None where there are none.
    Raises DataError where a file is missing or the settings need columns that it lacks.
    """
    path = data / "train.npz"
    if not path.is_file():
        raise DataError(f"{path}: not prepared yet. Run: python -m training prepare --data DIR")
    with np.load(path) as file:
        images, labels = file["images"], file["labels"]
        validation = file["validation"]
        votes = file.get("votes")
    mood = labels < len(Mood)
    fitted = mood & ~validation
    if left_out is not None:
        fitted &= ~left_out
    targets: npt.NDArray[np.float32] = np.full((len(labels), len(Mood)), 1 / len(Mood), np.float32)
    targets[mood] = np.eye(len(Mood), dtype=np.float32)[labels[mood]]
    taught = None if teachers is None else teacher_logits(teachers, path)
    clues = _clues(votes, taught, settings)
    if clues is not None:
        translated = translate(clues, labels, fit=fitted)
        targets = mix(targets, translated, settings.translated_share, extra=~mood)
    train = fitted | (~mood & ~validation & settings.extra_rows)
    held_out = validation & mood
    smooth = settings.label_smoothing
    smoothed = targets * (1 - smooth) + smooth / len(Mood)
    weights = class_weights(labels[train & mood], settings.class_weight_power)
    row_weights = (targets @ weights).astype(np.float32)
    readable = np.zeros((len(labels), 1), np.float32)
    codes = np.where(mood, labels, -1)

    def table(rows: npt.NDArray[np.bool_], said: Floats, *, held: bool) -> Table:
        return Table(
            images[rows],
            codes[rows],
            np.hstack([said, readable])[rows],
            row_weights[rows],
            patches(data, held=held),
            None if votes is None else majority(votes[rows]),
        )

    return table(train, smoothed, held=False), table(held_out, targets, held=True)


def patches(data: Path, *, held: bool) -> npt.NDArray[np.uint8]:
    """Patches (M, 48, 48) of pictures without people; `held` are those that no training sees.

    None where none were prepared.
    """
    if not (data / NO_FACES).is_file():
        return np.zeros((0, SIDE_PX, SIDE_PX), np.uint8)
    with np.load(data / NO_FACES) as file:
        result: npt.NDArray[np.uint8] = file["patches"][file["held"] == held]
    return result


def _clues(
    votes: npt.NDArray[np.int64] | None, taught: Floats | None, settings: Train
) -> Floats | None:
    """What tells of a row's label beside the label itself, (N, D); None for nothing."""
    if not (settings.translated_share or settings.extra_rows):
        return None
    clues = []
    if votes is not None:
        clues.append(vote_features(votes))
    if taught is not None:
        clues.append(logit_features(taught))
    if not clues and settings.extra_rows:
        raise DataError(
            "extra_rows needs FER+ votes or teachers: the data came without ferplus.csv, and "
            "there are no teachers"
        )
    if not clues:
        print("no ferplus.csv came with the data: the targets are the labels alone")
    return np.hstack(clues) if clues else None


def teacher_logits(teachers: Path, path: Path) -> Floats:
    """The logits (N, 5) in the file `teachers` for the rows of `path`, a `train.npz`.

    Raises DataError where they are missing or belong to another `train.npz`.
    """
    if not teachers.is_file():
        raise DataError(f"{teachers}: no teachers yet. Run: python -m training train")
    with np.load(path) as rows, np.load(teachers) as taught:
        if not np.array_equal(rows["row"], taught["row"]):
            raise DataError(f"{teachers}: of other data. Remove it and its folder")
        logits: Floats = taught["logits"]
    return logits


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
    inputs: Floats, labels: npt.NDArray[np.int64], *, fit: npt.NDArray[np.bool_]
) -> Floats:
    """Probability (N, 5) of the FER2013 label given the clues `inputs` (N, D).

    FER+ draws its borders elsewhere than FER2013 does (raw votes pull a network to FER+'s), and a
    teacher errs in ways of its own, so both are translated: a small network is fitted from clues to
    labels on the rows `fit` of the training split, and its answer is the target. A row's own label
    is no clue. NumPy alone; the seed is fixed.
    """
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


def logit_features(logits: Floats) -> Floats:
    """Log-probabilities, a little flattened, and probabilities: (N, 10)."""
    logs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return np.hstack([np.maximum(logs, -8) / 2, np.exp(logs)]).astype(np.float32)


def _softmax(logits: Floats) -> Floats:
    exponential = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Floats = exponential / exponential.sum(axis=1, keepdims=True)
    return result
