"""Teachers: no row is labelled by a network that saw it, nor by one that saw its copy."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.training.conftest import TINY
from training.settings import Teach
from training.source import DataError
from training.targets import TEACHERS, load, teacher_logits
from training.teach import NO_FOLD, describe, folds_of, teach
from training.train import make_batch

ONE_EPOCH = Teach(folds=2, train=dataclasses.replace(TINY, epochs=1))


@pytest.fixture
def data(tiny_data: Path, tmp_path: Path) -> Path:
    """A folder of its own with the prepared made-up data."""
    return Path(shutil.copytree(tiny_data, tmp_path / "data"))


def test_a_group_of_copies_lies_in_one_fold_and_validation_in_none() -> None:
    group = np.repeat(np.arange(100), 3)
    validation = group < 10
    fold = folds_of(group, validation, Teach(folds=4))
    assert (fold[validation] == NO_FOLD).all()
    assert all(len(np.unique(fold[group == name])) == 1 for name in range(100))
    sizes = np.bincount(fold[~validation], minlength=4)
    assert sizes.sum() == 270
    assert sizes.min() > 40


def test_a_teacher_is_trained_on_no_row_of_the_fold_that_it_labels(data: Path) -> None:
    with np.load(data / "train.npz") as file:
        images = file["images"]
        fold = folds_of(file["group"], file["validation"], ONE_EPOCH)
    unseen = {image.tobytes() for image in images[fold == 1]}
    table, _ = load(data / "train.npz", TINY, left_out=fold == 1)
    assert len(unseen) > 50
    assert len(table.labels) > 50
    assert not any(image.tobytes() in unseen for image in table.images)


def test_every_row_gets_logits_and_a_student_learns_from_them(data: Path) -> None:
    assert teach(data, data / "teachers", ONE_EPOCH) == data / TEACHERS
    logits = teacher_logits(data / "train.npz")
    with np.load(data / "train.npz") as file:
        assert logits.shape == (len(file["labels"]), 5)
    assert (np.abs(logits).sum(axis=1) > 0).all()
    (line,) = describe(data / "train.npz")
    assert line.startswith("translated teachers: right for ")
    student = dataclasses.replace(TINY, teachers=True, extra_rows=True, label_smoothing=0.0)
    table, _ = load(data / "train.npz", student)
    assert (table.labels == -1).any()
    assert ((table.targets > 0) & (table.targets < 1)).any(axis=1).all()
    assert make_batch(table, student, 0, 0)[1].shape == (32, 5)


def test_teachers_that_are_missing_or_of_other_data_are_told(data: Path, tmp_path: Path) -> None:
    student = dataclasses.replace(TINY, teachers=True)
    with pytest.raises(DataError, match=f"{TEACHERS}: no teachers yet"):
        load(data / "train.npz", student)
    np.savez(data / TEACHERS, row=np.arange(7), logits=np.zeros((7, 5), np.float32))
    with pytest.raises(DataError, match="of other data"):
        load(data / "train.npz", student)
    with pytest.raises(DataError, match="not prepared yet"):
        teach(tmp_path / "nowhere", tmp_path / "run", ONE_EPOCH)
