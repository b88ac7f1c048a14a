"""How well a network in training does on the validation rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from moodbox.core.mood import Mood
from moodbox.core.seeing.preprocess import standardise
from moodbox.core.seeing.reading import unreadable_chance
from training.targets import Floats, Table
from training.unreadable import unreadable


def predict(model: Any, images: npt.NDArray[np.uint8], batch_size: int = 256) -> Floats:
    """Float logits (N, 6) of (N, 48, 48) images."""
    parts = [
        np.asarray(model.predict_on_batch(standardise(images[i : i + batch_size])[..., None]))
        for i in range(0, len(images), batch_size)
    ]
    result: Floats = np.concatenate(parts).astype(np.float32)
    return result


def both_views(model: Any, images: npt.NDArray[np.uint8]) -> Floats:
    """Mean float logits (N, 6) of images (N, 48, 48) and their mirror images."""
    mirrored = np.ascontiguousarray(images[:, :, ::-1])
    result: Floats = (predict(model, images) + predict(model, mirrored)) / 2
    return result


def validate(model: Any, table: Table) -> dict[str, float]:
    """Accuracy, mean recall over the moods and loss on the validation table, by both views.

    `one_view` is the accuracy without the mirror image. Where there are FER+ votes also the
    agreement with their majority, and the mean of accuracy and agreement: runs are chosen by it,
    since it foretells faces from elsewhere. `refused` is the share of the faces that are called
    unreadable rather than any mood, `passed` that of the unreadable crops made from them that are
    not.
    """
    outputs = both_views(model, table.images).astype(np.float64)
    one_view = predict(model, table.images)[:, : len(Mood)].argmax(axis=1)
    logits = outputs[:, : len(Mood)]
    predicted = logits.argmax(axis=1)
    right = predicted == table.labels
    logs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    recalls = [right[table.labels == label].mean() for label in np.unique(table.labels)]
    figures = {
        "accuracy": float(right.mean()),
        "one_view": float((one_view == table.labels).mean()),
        "mean_recall": float(np.mean(recalls)),
        "loss": float(-np.take_along_axis(logs, table.labels[:, None], axis=1).mean()),
    }
    if table.majority is not None:
        named = table.majority >= 0
        figures["agreement"] = float((predicted == table.majority)[named].mean())
        figures["selection"] = (figures["accuracy"] + figures["agreement"]) / 2
    rng = np.random.default_rng(0)
    crops = np.stack([unreadable(image, table.no_faces, rng) for image in table.images[:800]])
    figures["refused"] = float((unreadable_chance(outputs) > 0.5).mean())
    figures["passed"] = float((unreadable_chance(both_views(model, crops)) <= 0.5).mean())
    return figures


def described(figures: dict[str, float]) -> str:
    """Figures on one line."""
    return "  ".join(f"{name} {value:.4g}" for name, value in figures.items())
