"""The folder of a run: what a finished one leaves, and the checkpoint that one goes on from."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from training.model import build
from training.settings import Network, Train
from training.source import DataError

WEIGHTS, HISTORY, SETTINGS = "averaged.weights.h5", "history.json", "settings.json"
"""Of a run's folder, beside the checkpoint."""


class Checkpoint:
    """Everything a run needs to go on: variables, the epoch done, the history so far."""

    def __init__(self, folder: Path, model: Any, settings: Train) -> None:
        self._path = folder / "checkpoint.npz"
        self._variables = [*model.variables, *model.optimizer.variables]
        self._settings = json.dumps(asdict(settings), sort_keys=True)

    def save(self, epochs_done: int, history: list[dict[str, float]]) -> None:
        """Write the checkpoint; a crash while writing leaves the old one."""
        values: dict[str, Any] = {f"v{i}": to_numpy(v) for i, v in enumerate(self._variables)}
        partial = self._path.with_suffix(".part.npz")
        np.savez(
            partial,
            epochs_done=epochs_done,
            history=json.dumps(history),
            settings=self._settings,
            **values,
        )
        partial.replace(self._path)

    def restore(self) -> tuple[int, list[dict[str, float]]]:
        """Put back the checkpoint's state; (0, []) where there is none.

        Raises ValueError where it belongs to a run with other settings.
        """
        if not self._path.is_file():
            return 0, []
        with np.load(self._path) as file:
            if str(file["settings"]) != self._settings:
                raise ValueError(
                    f"{self._path} belongs to a run with other settings: "
                    "choose another --run folder, or remove this one"
                )
            for i, variable in enumerate(self._variables):
                variable.assign(file[f"v{i}"])
            return int(file["epochs_done"]), json.loads(str(file["history"]))


def to_numpy(variable: Any) -> npt.NDArray[Any]:
    """A copy of a Keras variable's value."""
    return np.array(keras.ops.convert_to_numpy(variable.value))


def write_json(path: Path, value: Any) -> None:
    """Write a value so that people can read it."""
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def finished_file(run: Path, name: str) -> Path:
    """Path of the file `name` of a finished run; DataError where it is not there."""
    if not (run / name).is_file():
        raise DataError(f"{run / name}: no finished training here. Run: python -m training train")
    return run / name


def load_run(run: Path) -> Any:
    """Rebuild a run's network with its averaged weights, in the precision in force.

    Raises DataError where there are none yet.
    """
    settings = json.loads(finished_file(run, SETTINGS).read_text(encoding="utf-8"))
    model = build(Network(**settings["network"]))
    model.load_weights(finished_file(run, WEIGHTS))
    return model
