"""Teachers over folds: each row gets the logits of a network that never saw it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import numpy.typing as npt

from moodbox.core.mood import Mood
from training.export import load_float
from training.settings import Teach
from training.source import DataError
from training.targets import (
    TEACHERS,
    Floats,
    logit_features,
    teacher_logits,
    translate,
    vote_features,
)
from training.train import predict, train

NO_FOLD = -1
"""Fold of the validation rows: no teacher sees them and all of them label them."""


def folds_of(
    group: npt.NDArray[np.intp], validation: npt.NDArray[np.bool_], settings: Teach
) -> npt.NDArray[np.int64]:
    """Fold (N,) of each row, whole groups of near-copies together; `NO_FOLD` for validation."""
    names, place = np.unique(group, return_inverse=True)
    dealt = np.random.default_rng(settings.seed).permutation(len(names)) % settings.folds
    return np.where(validation, NO_FOLD, dealt[place])


def teach(data: Path, run: Path, settings: Teach) -> Path:
    """Train the teachers under `run`, one folder each, and write their logits beside `train.npz`.

    Broken off, it goes on where it was. Raises DataError where the data is not prepared.
    """
    path = data / "train.npz"
    if not path.is_file():
        raise DataError(f"{path}: not prepared yet. Run: python -m training prepare --data DIR")
    with np.load(path) as file:
        images, row = file["images"], file["row"]
        fold = folds_of(file["group"], file["validation"], settings)
    logits: Floats = np.zeros((len(images), len(Mood)), np.float32)
    for number in range(settings.folds):
        print(f"teacher {number + 1} of {settings.folds}", flush=True)
        folder = run / f"fold-{number}"
        own = dataclasses.replace(settings.train, seed=settings.train.seed + number)
        train(data, folder, own, left_out=fold == number)
        model = load_float(folder)
        unseen, held_out = fold == number, fold == NO_FOLD
        logits[unseen] = both_looks(model, images[unseen])
        logits[held_out] += both_looks(model, images[held_out]) / settings.folds
    np.savez(data / TEACHERS, row=row, logits=logits)
    return data / TEACHERS


def describe(path: Path) -> list[str]:
    """How well each clue foretells the labels of the validation rows of `path`, a line for each."""
    with np.load(path) as file:
        labels, validation, votes = file["labels"], file["validation"], file.get("votes")
    mood = labels < len(Mood)
    clues = {"teachers": logit_features(teacher_logits(path))}
    if votes is not None:
        clues["votes"] = vote_features(votes)
        clues["votes and teachers"] = np.hstack([clues["votes"], clues["teachers"]])
    lines = []
    held, truth = np.flatnonzero(mood & validation), labels[mood & validation]
    for name, inputs in clues.items():
        chances = translate(inputs, labels, fit=mood & ~validation)[held]
        right = float((chances.argmax(axis=1) == truth).mean())
        loss = -float(np.log(chances[np.arange(len(truth)), truth]).mean())
        lines.append(f"translated {name}: right for {right:.1%} of validation, loss {loss:.3f}")
    return lines


def both_looks(model: object, images: npt.NDArray[np.uint8]) -> Floats:
    """Mean float logits (N, 5) of images (N, 48, 48) and their mirror images."""
    mirrored = np.ascontiguousarray(images[:, :, ::-1])
    result: Floats = (predict(model, images) + predict(model, mirrored)) / 2
    return result
