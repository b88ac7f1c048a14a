"""One training run: batches, schedule, averaged weights, checkpoints that really resume.

The loop is Keras's `train_on_batch`, so that any backend runs it. All randomness of a batch comes
from (seed, epoch, batch), and a checkpoint holds every variable of model and optimizer: a run that
was broken off and resumed gives the weights of one that was not.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from moodbox.core.seeing.preprocess import standardise
from training.augment import augment_all
from training.distil import Sources
from training.model import OUTPUTS, FastBatchNorm, build
from training.progress import Progress
from training.run_folder import (
    HISTORY,
    SETTINGS,
    WEIGHTS,
    Checkpoint,
    finished_file,
    load_run,
    to_numpy,
    write_json,
)
from training.settings import Train
from training.targets import Floats, Table, load
from training.unreadable import unreadable
from training.validate import described, validate

AHEAD = 4
"""Batches prepared ahead of the network, on a thread: OpenCV releases the interpreter's lock."""

Batch = tuple[Floats, Floats, Floats]


def make_batch(table: Table, settings: Train, epoch: int, number: int) -> Batch:
    """Batch `number` of `epoch`: inputs (B, 48, 48, 1), targets (B, 6), weights (B,)."""
    order = np.random.default_rng([settings.seed, epoch]).permutation(len(table.labels))
    rows = order[number * settings.batch_size : (number + 1) * settings.batch_size]
    rng = np.random.default_rng([settings.seed, epoch, number])
    images, targets, weights = table.images[rows], table.targets[rows], table.weights[rows]
    for row in range(round(settings.unreadable_share * len(rows))):
        images[row] = unreadable(images[row], table.no_faces, rng)
        targets[row], weights[row] = np.eye(len(OUTPUTS))[-1], 1.0
    return standardise(augment_all(images, settings.augment, rng))[..., None], targets, weights


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
    # TensorFlow's bfloat16 is slower than its float32 on a processor.
    mixed = settings.mixed_precision and keras.backend.backend() == "torch"
    policy = "mixed_bfloat16" if mixed else "float32"
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


def train(
    data: Path,
    run: Path,
    settings: Train,
    *,
    start: Path | None = None,
    distil_from: Sequence[Path] = (),
    left_out: npt.NDArray[np.bool_] | None = None,
    teachers: Path | None = None,
    stop_after: int | None = None,
    progress: Progress | None = None,
) -> dict[str, float]:
    """Train on `data/train.npz`, or go on where `run` left off; return the last validation.

    `start` is a finished run whose weights it starts from, None for random ones; `distil_from` are
    finished runs whose answers are a part of the target. `left_out` (N,) are rows of the file that
    it must not see; None for none but validation's. `teachers` is the file of the teachers' logits.
    `stop_after` breaks the run off after that many epochs; None for no break.

    Leaves in `run` its checkpoint and what a finished run is: `averaged.weights.h5`,
    `history.json` and `settings.json`.
    """
    table, held_out = load(data, settings, left_out, teachers)
    run.mkdir(parents=True, exist_ok=True)
    model = compile_model(settings)
    if start is not None:
        model.load_weights(finished_file(start, WEIGHTS))
    sources = Sources([load_run(path) for path in distil_from], settings.distil_share)
    checkpoint = Checkpoint(run, model, settings)
    done, history = checkpoint.restore()
    write_json(run / SETTINGS, asdict(settings))
    count = len(table.labels) // settings.batch_size
    progress = progress or Progress(settings.epochs)
    progress.skip(done)
    for epoch in range(done, min(settings.epochs, stop_after or settings.epochs)):
        loss = _epoch(model, table, settings, epoch, count, sources)
        if (epoch + 1) % settings.validate_every == 0 or epoch + 1 == settings.epochs:
            with averaged(model, table, settings):
                figures = {"epoch": epoch + 1, "train_loss": loss, **validate(model, held_out)}
                model.save_weights(run / WEIGHTS)
            history.append(figures)
            write_json(run / HISTORY, history)
            print(described(figures), flush=True)
        checkpoint.save(epoch + 1, history)
        print(progress.after_an_epoch(), flush=True)
    return history[-1]


def _epoch(
    model: Any, table: Table, settings: Train, epoch: int, count: int, sources: Sources
) -> float:
    """Train one epoch with a progress bar; return its mean loss."""
    started_s, total = time.monotonic(), 0.0
    prepared = batches(table, settings, epoch, count)
    for number, (inputs, targets, weights) in enumerate(prepared):
        model.optimizer.learning_rate = learning_rate(settings, epoch + number / count)
        blended = sources.blend(inputs, targets)
        # On PyTorch Keras answers with the mean since the last reset, not with this batch's loss.
        model.reset_metrics()
        loss = float(np.asarray(model.train_on_batch(inputs, blended, weights)))
        total += loss
        if not math.isfinite(loss):
            raise FloatingPointError(
                f"the loss is {loss} in epoch {epoch + 1}: lower learning_rate"
            )
        if sys.stdout.isatty() or number + 1 == count:
            bar = "━" * (20 * (number + 1) // count)
            left_s = (time.monotonic() - started_s) * (count / (number + 1) - 1)
            print(
                f"\repoch {epoch + 1}/{settings.epochs} {bar:<20} {number + 1}/{count} "
                f"loss {total / (number + 1):.3f} {left_s:.0f} s left ",
                end="" if number + 1 < count else "\n",
                flush=True,
            )
    return total / count
