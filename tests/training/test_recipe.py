"""The recipe: teachers that never saw their rows, stages that follow each other, and a mean."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from tests.training.conftest import TINY, TINY_RECIPE, TinyRun
from training.distil import Sources
from training.export import load_float
from training.progress import Progress
from training.recipe import NO_FOLD, TEACHERS, clues, folds_of, follow, mean_of, stages
from training.settings import Recipe
from training.source import DataError
from training.targets import load, teacher_logits
from training.train import make_batch


def kernel_of(run: Path) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    kernel: np.ndarray[tuple[int, int], np.dtype[np.float32]]
    kernel = load_float(run).get_layer("logits").get_weights()[0]
    return kernel


def test_a_group_of_copies_lies_in_one_fold_and_validation_in_none() -> None:
    group = np.repeat(np.arange(100), 3)
    validation = group < 10
    fold = folds_of(group, validation, 4)
    assert (fold[validation] == NO_FOLD).all()
    assert all(len(np.unique(fold[group == name])) == 1 for name in range(100))
    sizes = np.bincount(fold[~validation], minlength=4)
    assert sizes.sum() == 270
    assert sizes.min() > 40


def test_a_teacher_is_trained_on_no_row_of_the_fold_that_it_labels(tiny_data: Path) -> None:
    with np.load(tiny_data / "train.npz") as file:
        images = file["images"]
        fold = folds_of(file["group"], file["validation"], 2)
    unseen = {image.tobytes() for image in images[fold == 1]}
    table, _ = load(tiny_data, TINY, left_out=fold == 1)
    assert len(unseen) > 50
    assert len(table.labels) > 50
    assert not any(image.tobytes() in unseen for image in table.images)


def test_every_row_gets_a_teachers_logits_and_a_student_learns_from_them(tiny_run: TinyRun) -> None:
    rows, taught = tiny_run.data / "train.npz", tiny_run.run / TEACHERS
    logits = teacher_logits(taught, rows)
    with np.load(rows) as file:
        assert logits.shape == (len(file["labels"]), 5)
    assert (np.abs(logits).sum(axis=1) > 0).all()
    (line,) = clues(rows, taught)
    assert line.startswith("translated teachers: right for ")
    student = dataclasses.replace(TINY, extra_rows=True, label_smoothing=0.0)
    table, _ = load(tiny_run.data, student, teachers=taught)
    assert (table.labels == -1).any()
    assert ((table.targets > 0) & (table.targets < 1))[:, :-1].any(axis=1).all()


def test_teachers_that_are_missing_or_of_other_data_are_told(
    tiny_data: Path, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="no teachers yet"):
        load(tiny_data, TINY, teachers=tmp_path / TEACHERS)
    np.savez(tmp_path / TEACHERS, row=np.arange(7), logits=np.zeros((7, 5), np.float32))
    with pytest.raises(DataError, match="of other data"):
        load(tiny_data, TINY, teachers=tmp_path / TEACHERS)
    with pytest.raises(DataError, match="not prepared yet"):
        follow(tmp_path / "nowhere", tmp_path / "run", TINY_RECIPE)


def test_every_stage_has_a_seed_of_its_own_and_another_seed_changes_them_all() -> None:
    first, second = ([stage.settings.seed for stage in stages(Recipe(seed=n))] for n in (1, 2))
    assert len({*first, *second}) == len(first) + len(second)


def test_the_chain_leaves_each_stage_and_the_mean_of_its_ends(tiny_run: TinyRun) -> None:
    run = tiny_run.run
    names = [stage.name for stage in stages(TINY_RECIPE)]
    assert names == [
        "teacher-1", "teacher-2", "base", "other", "distilled", "end-1", "end-2",
    ]  # fmt: skip
    one, other = kernel_of(run / "end-1"), kernel_of(run / "end-2")
    assert np.abs(one - other).max() > 0
    np.testing.assert_allclose(kernel_of(run), (one + other) / 2, atol=1e-6)
    near = np.abs(one - kernel_of(run / "distilled")).mean()
    assert near < np.abs(kernel_of(run / "distilled")).mean() / 2  # it went on from there
    history = json.loads((run / "history.json").read_text("utf-8"))
    assert [row["epoch"] for row in history] == list(range(1, 6 + 2 + 2 + 1))
    assert {"accuracy", "one_view", "refused", "passed"} < history[-1].keys()


def test_a_chain_that_is_done_is_not_trained_again_and_keeps_its_recipe(
    tiny_run: TinyRun, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = tiny_run.run / "end-1" / "averaged.weights.h5"
    trained_at = weights.stat().st_mtime_ns
    again = follow(tiny_run.data, tiny_run.run, TINY_RECIPE)
    assert weights.stat().st_mtime_ns == trained_at
    assert f"accuracy {again['accuracy']:.4g}" in capsys.readouterr().out
    with pytest.raises(ValueError, match="another recipe"):
        follow(tiny_run.data, tiny_run.run, dataclasses.replace(TINY_RECIPE, seed=9))


def test_the_mean_of_a_run_with_itself_is_that_run(tiny_run: TinyRun, tmp_path: Path) -> None:
    end = tiny_run.run / "end-1"
    for name in ("base", "distilled"):
        (tmp_path / name).symlink_to(tiny_run.run / name)
    (tmp_path / "end-1").symlink_to(end)
    mean_of(tiny_run.data, [tmp_path / "end-1"] * 2, tmp_path, TINY)
    np.testing.assert_allclose(kernel_of(tmp_path), kernel_of(end), atol=1e-6)


def test_a_network_that_is_distilled_from_answers_the_very_image_that_the_student_sees(
    tiny_run: TinyRun,
) -> None:
    table, _ = load(tiny_run.data, TINY)
    inputs, targets, _ = make_batch(table, TINY, 0, 0)
    network = load_float(tiny_run.run)
    views = (inputs, inputs[:, :, ::-1])
    logits = np.mean([np.asarray(network.predict_on_batch(view)) for view in views], axis=0)
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    blended = Sources([network], 0.25).blend(inputs, targets)
    np.testing.assert_allclose(blended, 0.75 * targets + 0.25 * chances, atol=1e-5)
    np.testing.assert_array_equal(Sources([], 0.25).blend(inputs, targets), targets)


def test_progress_weighs_epochs_by_their_work_and_forgets_the_time_before_it_began() -> None:
    now_s = [0.0]
    progress = Progress(100.0, lambda: now_s[0])
    progress.start(10.0)
    progress.skip(2)
    now_s[0] = 60.0
    assert progress.after_an_epoch() == "30% of the training, 7 min left"
    progress.start(35.0)
    now_s[0] = 60.0 + 3.5 * 60
    assert progress.after_an_epoch() == "65% of the training, 4 min left"
