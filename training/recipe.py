"""The recipe: from random weights to the weights that ship, a chain of runs in one folder.

1. `teacher-N`: small networks over folds, each trained without one fold, which label the fold that
   they missed. No teacher knew the row, so its answer is no echo of the label; with the FER+ votes
   it says how sure to be of each row.
2. `base`: the long run, varied as the device's crops are and mostly told what the teachers and the
   votes say, which teaches it faces in general.
3. `other`: a network of another kind, from random weights too. It errs differently.
4. `distilled`: on from `base`, told what `base` and `other` answer to the very image it sees and to
   its mirror image, so that one view comes nearer to two.
5. `end-N`: short runs on from `distilled`, close to FER2013's own labels and images. Several from
   the same weights lie in one valley, and its floor is between them (Wortsman et al. 2022, "Model
   soups"): the mean of their weights, in the folder itself, is what ships.

Broken off, the same command goes on from the last whole epoch.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from moodbox.core.mood import Mood
from training.model import build, multiply_adds
from training.progress import Progress
from training.run_folder import (
    HISTORY,
    SETTINGS,
    WEIGHTS,
    finished_file,
    load_run,
    to_numpy,
    write_json,
)
from training.settings import Network, Recipe, Train
from training.source import DataError
from training.targets import (
    Floats,
    load,
    logit_features,
    teacher_logits,
    translate,
    vote_features,
)
from training.train import recalibrate, train
from training.validate import both_views, described, validate

TEACHERS = "teachers.npz"
"""The teachers' logits for every row of `train.npz`, each from teachers that never saw the row."""

NO_FOLD = -1
"""Fold of the validation rows: no teacher sees them and all of them label them."""

FOLD_SEED = 5
"""Deals the groups of near-copies out to the folds, the same for every seed of the recipe."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One run of the chain."""

    name: str
    settings: Train
    start: str | None = None
    """Stage whose weights it starts from; None for random ones."""
    distil_from: tuple[str, ...] = ()
    fold: int | None = None
    """Of a teacher: the fold that it does not see."""


def stages(recipe: Recipe) -> list[Stage]:
    """The runs of the chain in their order, each with a seed of its own."""
    chain = [Stage(f"teacher-{n + 1}", recipe.teacher, fold=n) for n in range(recipe.folds)]
    chain += [
        Stage("base", recipe.base),
        Stage("other", recipe.other),
        Stage("distilled", recipe.distilled, "base", ("base", "other")),
    ]
    chain += [Stage(f"end-{n + 1}", recipe.end, "distilled") for n in range(recipe.ends)]
    return [
        dataclasses.replace(
            stage, settings=dataclasses.replace(stage.settings, seed=1000 * recipe.seed + number)
        )
        for number, stage in enumerate(chain)
    ]


def follow(data: Path, run: Path, recipe: Recipe) -> dict[str, float]:
    """Follow the recipe in the folder `run`, from where it was broken off; return its validation.

    Raises DataError where the data is not prepared, ValueError where `run` was begun with another
    recipe.
    """
    path = data / "train.npz"
    if not path.is_file():
        raise DataError(f"{path}: not prepared yet. Run: python -m training prepare --data DIR")
    _claim(run, recipe)
    chain = stages(recipe)
    works = _works(chain)
    progress = Progress(sum(works[stage.name] * stage.settings.epochs for stage in chain))
    teachers = run / TEACHERS if recipe.folds else None
    for number, stage in enumerate(chain, 1):
        print(f"run {number} of {len(chain)}: {stage.name}", flush=True)
        if stage.name == "base" and teachers is not None and not teachers.is_file():
            _label(path, run, chain)
        progress.start(works[stage.name])
        train(
            data,
            run / stage.name,
            stage.settings,
            start=None if stage.start is None else run / stage.start,
            distil_from=[run / name for name in stage.distil_from],
            left_out=None if stage.fold is None else _folds(path, recipe.folds) == stage.fold,
            teachers=teachers if stage.fold is None else None,
            progress=progress,
        )
    ends = [stage for stage in chain if stage.name.startswith("end-")]
    return mean_of(data, [run / end.name for end in ends], run, ends[0].settings, teachers)


def _claim(run: Path, recipe: Recipe) -> None:
    """Write the recipe down in its folder; refuse a folder that holds another one's runs."""
    path, own = run / "recipe.json", dataclasses.asdict(recipe)
    if path.is_file() and json.loads(path.read_text(encoding="utf-8")) != own:
        raise ValueError(
            f"{path}: these runs have another recipe. Choose another --run, or remove {run}"
        )
    run.mkdir(parents=True, exist_ok=True)
    write_json(path, own)


def _works(chain: list[Stage]) -> dict[str, float]:
    """Work of an epoch of each stage, in multiply-adds a row; backward is twice forward."""
    folds = sum(stage.fold is not None for stage in chain)
    forward = {stage.name: multiply_adds(build(stage.settings.network)) for stage in chain}
    return {
        stage.name: (
            3.0 * forward[stage.name] * (1 if stage.fold is None else 1 - 1 / folds)
            + 2 * sum(forward[name] for name in stage.distil_from)
        )
        for stage in chain
    }


# ── Teachers ─────────────────────────────────────────────────────────────────────────────────────


def folds_of(
    group: npt.NDArray[np.intp], validation: npt.NDArray[np.bool_], folds: int
) -> npt.NDArray[np.int64]:
    """Fold (N,) of each row, whole groups of near-copies together; `NO_FOLD` for validation."""
    names, place = np.unique(group, return_inverse=True)
    dealt = np.random.default_rng(FOLD_SEED).permutation(len(names)) % folds
    return np.where(validation, NO_FOLD, dealt[place])


def _folds(path: Path, folds: int) -> npt.NDArray[np.int64]:
    with np.load(path) as file:
        return folds_of(file["group"], file["validation"], folds)


def _label(path: Path, run: Path, chain: list[Stage]) -> None:
    """Write the teachers' logits into the folder `run`."""
    teachers = [stage for stage in chain if stage.fold is not None]
    fold = _folds(path, len(teachers))
    with np.load(path) as file:
        images, row = file["images"], file["row"]
    logits: Floats = np.zeros((len(images), len(Mood)), np.float32)
    keras.mixed_precision.set_global_policy("float32")
    for stage in teachers:
        model = load_run(run / stage.name)
        unseen, held_out = fold == stage.fold, fold == NO_FOLD
        logits[unseen] = both_views(model, images[unseen])[:, : len(Mood)]
        logits[held_out] += both_views(model, images[held_out])[:, : len(Mood)] / len(teachers)
    np.savez(run / TEACHERS, row=row, logits=logits)
    print("\n".join(clues(path, run / TEACHERS)), flush=True)


def clues(path: Path, teachers: Path) -> Iterator[str]:
    """How well each clue foretells the labels of the validation rows of `path`, a line for each."""
    with np.load(path) as file:
        labels, validation, votes = file["labels"], file["validation"], file.get("votes")
    mood = labels < len(Mood)
    inputs = {"teachers": logit_features(teacher_logits(teachers, path))}
    if votes is not None:
        inputs["votes"] = vote_features(votes)
        inputs["votes and teachers"] = np.hstack([inputs["votes"], inputs["teachers"]])
    held, truth = np.flatnonzero(mood & validation), labels[mood & validation]
    for name, features in inputs.items():
        chances = translate(features, labels, fit=mood & ~validation)[held]
        right = float((chances.argmax(axis=1) == truth).mean())
        loss = -float(np.log(chances[np.arange(len(truth)), truth]).mean())
        yield f"translated {name}: right for {right:.1%} of validation, loss {loss:.3f}"


# ── The mean of the ends ─────────────────────────────────────────────────────────────────────────


def mean_of(
    data: Path, runs: list[Path], out: Path, settings: Train, teachers: Path | None = None
) -> dict[str, float]:
    """Write a run folder `out` with the mean weights of `runs`; return its validation.

    BatchNorm's statistics are taken anew on the training rows, varied as `settings` say. The
    history is the first run's, after those of the stages before it.
    """
    keras.mixed_precision.set_global_policy("float32")
    model = build(Network(**_settings_of(runs[0])["network"]))
    sums = [np.zeros(variable.shape, np.float64) for variable in model.variables]
    for run in runs:
        model.load_weights(finished_file(run, WEIGHTS))
        for total, variable in zip(sums, model.variables, strict=True):
            total += to_numpy(variable) / len(runs)
    for variable, mean in zip(model.variables, sums, strict=True):
        variable.assign(mean)
    table, held_out = load(data, settings, teachers=teachers)
    recalibrate(model, table, settings)
    figures = validate(model, held_out)
    model.save_weights(out / WEIGHTS)
    write_json(out / SETTINGS, _settings_of(runs[0]))
    write_json(out / HISTORY, [*_joined(out, ("base", "distilled", runs[0].name))])
    print(f"the mean of {len(runs)} ends: {described(figures)}", flush=True)
    return figures


def _settings_of(run: Path) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(finished_file(run, SETTINGS).read_text("utf-8"))
    return settings


def _joined(run: Path, names: tuple[str, ...]) -> Iterator[dict[str, float]]:
    """The histories of these stages one after the other, the epochs counted on."""
    before = 0.0
    for name in names:
        history = json.loads(finished_file(run / name, HISTORY).read_text("utf-8"))
        yield from ({**row, "epoch": before + row["epoch"]} for row in history)
        before += history[-1]["epoch"]
