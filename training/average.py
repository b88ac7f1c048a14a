"""The mean of several runs' weights: one network that is a little better than each of them.

Runs that started from the same weights lie in one valley, and its floor is between them (Wortsman
et al. 2022, "Model soups"). Runs from random weights do not: their mean knows nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np

from training.model import build
from training.settings import Network, Train
from training.source import DataError
from training.targets import load
from training.train import recalibrate, to_numpy, validate


def average(data: Path, runs: list[Path], out: Path, settings: Train) -> dict[str, float]:
    """Write a run folder `out` with the mean weights of `runs`; return its validation.

    BatchNorm's statistics are taken anew on the training rows of `data/train.npz`. `settings` say
    what the training rows are and how they are varied for that. Raises DataError where a run is
    not finished, ValueError where the runs are of different networks.
    """
    described = [json.loads(finished_file(run, "settings.json").read_text("utf-8")) for run in runs]
    networks = [Network(**settings_of_run["network"]) for settings_of_run in described]
    if len(set(networks)) != 1:
        raise ValueError(
            f"runs of different networks have no mean: {', '.join(map(str, networks))}"
        )
    keras.mixed_precision.set_global_policy("float32")
    model = build(networks[0])
    for variable, mean in zip(model.variables, _means(model, runs), strict=True):
        variable.assign(mean)
    table, held_out = load(data / "train.npz", settings)
    recalibrate(model, table, settings)
    figures = validate(model, held_out)
    out.mkdir(parents=True, exist_ok=True)
    model.save_weights(out / "averaged.weights.h5")
    made = {**described[0], "mean_of": [run.name for run in runs]}
    (out / "settings.json").write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    history = json.loads(finished_file(runs[0], "history.json").read_text("utf-8"))
    (out / "history.json").write_text(json.dumps(history, indent=1) + "\n", encoding="utf-8")
    return figures


def _means(model: Any, runs: list[Path]) -> list[Any]:
    sums = [np.zeros(variable.shape, np.float64) for variable in model.variables]
    for run in runs:
        model.load_weights(finished_file(run, "averaged.weights.h5"))
        for total, variable in zip(sums, model.variables, strict=True):
            total += to_numpy(variable) / len(runs)
    return sums


def finished_file(run: Path, name: str) -> Path:
    """Path of the file `name` of a finished run; DataError where it is not there."""
    if not (run / name).is_file():
        raise DataError(f"{run / name}: no finished training here")
    return run / name
