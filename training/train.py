"""One training run: batches, schedule, averaged weights, checkpoints that really resume.

The loop is Keras's `train_on_batch`, so that any backend runs it. All randomness of a batch comes
from (seed, epoch, batch), and a checkpoint holds every variable of model and optimizer: a run that
was broken off and resumed gives the weights of one that was not.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from moodbox.core.seeing.preprocess import standardise
from training.augment import augment_all
from training.model import FastBatchNorm, build
from training.revive import revive
from training.settings import Train
from training.targets import Floats, Table, load
from training.watch import Watched

AHEAD = 4
"""Batches prepared ahead of the network, on a thread: OpenCV releases the interpreter's lock."""

Batch = tuple[Floats, Floats, Floats]


def make_batch(table: Table, settings: Train, epoch: int, number: int) -> Batch:
    """Batch `number` of `epoch`: inputs (B, 48, 48, 1), targets (B, 5), weights (B,)."""
    order = np.random.default_rng([settings.seed, epoch]).permutation(len(table.labels))
    rows = order[number * settings.batch_size : (number + 1) * settings.batch_size]
    rng = np.random.default_rng([settings.seed, epoch, number])
    calm = settings.calm_epochs and epoch >= settings.epochs - settings.calm_epochs
    varied = settings.calm_augment if calm else settings.augment
    images = augment_all(table.images[rows], varied, rng)
    return standardise(images)[..., None], table.targets[rows], table.weights[rows]


def batches(table: Table, settings: Train, epoch: int, count: int) -> Iterator[Batch]:
    """The first `count` batches of `epoch`, prepared ahead on a thread."""
    with ThreadPoolExecutor(1) as pool:
        waiting: list[Future[Batch]] = []
        for number in range(count + AHEAD):
            if number < count:
                waiting.append(pool.submit(make_batch, table, settings, epoch, number))
            if number >= AHEAD or number >= count:
                if not waiting:
                    return
                yield waiting.pop(0).result()


def learning_rate(settings: Train, progress: float) -> float:
    """Rate after `progress` epochs: a linear warm-up, then a cosine to zero."""
    warmup = settings.warmup_epochs
    if progress < warmup:
        return settings.learning_rate * (progress + 1e-3) / warmup
    share = (progress - warmup) / max(settings.epochs - warmup, 1e-9)
    return settings.learning_rate * 0.5 * (1 + math.cos(math.pi * min(share, 1.0)))


def compile_model(settings: Train) -> Any:
    """Build and compile the network in the precision of the settings."""
    keras.utils.set_random_seed(settings.seed)
    policy = "mixed_bfloat16" if settings.mixed_precision else "float32"
    keras.mixed_precision.set_global_policy(policy)
    model = build(settings.network)
    optimizer = keras.optimizers.SGD(
        settings.learning_rate,
        momentum=settings.momentum,
        nesterov=True,
        weight_decay=settings.weight_decay,
        use_ema=True,
        ema_momentum=settings.average_momentum,
    )
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    optimizer.build(model.trainable_variables)
    model.compile(optimizer, loss=keras.losses.CategoricalCrossentropy(from_logits=True))
    return model


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


class averaged:  # noqa: N801 (a context manager, used like a function)
    """Within it the model has the moving average of its weights, BatchNorm taken anew for them."""

    def __init__(self, model: Any, table: Table, settings: Train) -> None:
        self._model, self._table, self._settings = model, table, settings

    def __enter__(self) -> None:
        self._kept = [to_numpy(variable) for variable in self._model.variables]
        self._model.optimizer.finalize_variable_values(self._model.trainable_variables)
        recalibrate(self._model, self._table, self._settings)

    def __exit__(self, *_: object) -> None:
        for variable, value in zip(self._model.variables, self._kept, strict=True):
            variable.assign(value)


def recalibrate(model: Any, table: Table, settings: Train) -> None:
    """Take BatchNorm's running statistics anew: the plain mean over some varied batches."""
    layers = [layer for layer in model.layers if isinstance(layer, FastBatchNorm)]
    kept = [layer.momentum for layer in layers]
    count = min(settings.recalibration_batches, len(table.labels) // settings.batch_size)
    for number, (inputs, _, _) in enumerate(batches(table, settings, 10**6, max(count, 1))):
        for layer in layers:
            layer.momentum = number / (number + 1)
        _forward(model, inputs)
    for layer, momentum in zip(layers, kept, strict=True):
        layer.momentum = momentum


def _forward(model: Any, inputs: Floats) -> None:
    """Run the model in training mode, for its side effect on BatchNorm."""
    if keras.backend.backend() == "torch":
        import torch

        with torch.no_grad():
            model(inputs, training=True)
    else:
        model(inputs, training=True)


def predict(model: Any, images: npt.NDArray[np.uint8], batch_size: int = 256) -> Floats:
    """Float logits (N, 5) of (N, 48, 48) images."""
    parts = [
        np.asarray(model.predict_on_batch(standardise(images[i : i + batch_size])[..., None]))
        for i in range(0, len(images), batch_size)
    ]
    result: Floats = np.concatenate(parts).astype(np.float32)
    return result


def validate(model: Any, table: Table) -> dict[str, float]:
    """Accuracy, mean recall over the moods and loss on the validation table.

    Where there are FER+ votes also the agreement with their majority, and the mean of accuracy and
    agreement: runs are chosen by it, since it foretells faces from elsewhere.
    """
    logits = predict(model, table.images).astype(np.float64)
    predicted = logits.argmax(axis=1)
    right = predicted == table.labels
    logs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    recalls = [right[table.labels == label].mean() for label in np.unique(table.labels)]
    figures = {
        "accuracy": float(right.mean()),
        "mean_recall": float(np.mean(recalls)),
        "loss": float(-np.take_along_axis(logs, table.labels[:, None], axis=1).mean()),
    }
    if table.majority is not None:
        named = table.majority >= 0
        figures["agreement"] = float((predicted == table.majority)[named].mean())
        figures["selection"] = (figures["accuracy"] + figures["agreement"]) / 2
    return figures


def train(
    data: Path,
    run: Path,
    settings: Train,
    stop_after: int | None = None,
    left_out: npt.NDArray[np.bool_] | None = None,
) -> dict[str, float]:
    """Train on `data/train.npz`, or go on where `run` left off; return the last validation.

    `stop_after` breaks the run off after that many epochs, to go on another day; None for no break.
    `left_out` (N,) are rows of the file that it must not see; None for none but validation's.
    Leaves in `run`: `averaged.weights.h5`, `history.json`, `settings.json`, `checkpoint.npz`.
    """
    table, held_out = load(data / "train.npz", settings, left_out)
    run.mkdir(parents=True, exist_ok=True)
    model = compile_model(settings)
    if settings.start_from:
        start(model, Path(settings.start_from), table, settings)
    watched = Watched(settings, table.images[:2048])
    checkpoint = Checkpoint(run, model, settings)
    done, history = checkpoint.restore()
    (run / "settings.json").write_text(json.dumps(asdict(settings), indent=2) + "\n")
    count = len(table.labels) // settings.batch_size
    for epoch in range(done, min(settings.epochs, stop_after or settings.epochs)):
        loss = _epoch(model, table, settings, epoch, count, watched)
        if (epoch + 1) % settings.validate_every and epoch + 1 < settings.epochs:
            checkpoint.save(epoch + 1, history)
            continue
        with averaged(model, table, settings):
            figures = {"epoch": epoch + 1, "train_loss": loss, **validate(model, held_out)}
            model.save_weights(run / "averaged.weights.h5")
        history.append(figures)
        checkpoint.save(epoch + 1, history)
        (run / "history.json").write_text(json.dumps(history, indent=1) + "\n")
        named = "  ".join(f"{name} {value:.4f}" for name, value in figures.items())
        print(f"\r{named}", flush=True)
    return history[-1]


def start(model: Any, path: Path, table: Table, settings: Train) -> None:
    """Give `model` the weights of a Keras weights file, or of a shipped `.tflite`."""
    if path.suffix == ".tflite":
        model.set_weights(revive(path, settings.network, table.images[:2048]))
    else:
        model.load_weights(path)


def _epoch(
    model: Any, table: Table, settings: Train, epoch: int, count: int, watched: Watched
) -> float:
    """Train one epoch with a progress bar; return its mean loss."""
    started_s, total = time.monotonic(), 0.0
    prepared = batches(table, settings, epoch, count)
    for number, (inputs, targets, weights) in enumerate(prepared):
        model.optimizer.learning_rate = learning_rate(settings, epoch + number / count)
        blended = watched.blend(inputs, targets)
        # On PyTorch Keras answers with the mean since the last reset, not with this batch's loss.
        model.reset_metrics()
        loss = float(np.asarray(model.train_on_batch(inputs, blended, weights)))
        total += loss
        if not math.isfinite(loss):
            raise FloatingPointError(
                f"the loss is {loss} in epoch {epoch + 1}: lower learning_rate"
            )
        if sys.stdout.isatty() or (number + 1) % 40 == 0:
            bar = "━" * (20 * (number + 1) // count)
            left_s = (time.monotonic() - started_s) * (count / (number + 1) - 1)
            end = "" if sys.stdout.isatty() else "\n"
            print(
                f"\repoch {epoch + 1}/{settings.epochs} {bar:<20} {number + 1}/{count} "
                f"loss {total / (number + 1):.3f} {left_s:.0f} s left ",
                end=end,
                flush=True,
            )
    return total / count
