"""Draws the figures of a finished run into the model folder: the paper's, from the shipped file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt

from moodbox.adapters.classifier import Classifier
from moodbox.adapters.face import FaceFinder
from moodbox.adapters.pictures import read_gray
from moodbox.config import FaceConfig
from moodbox.core.mood import GrayImage, Mood
from moodbox.core.seeing.preprocess import crop, standardise
from training.evaluate import PORTRAIT, PREDICTIONS, from_digits
from training.export import load_float
from training.measure import reliability

mpl.use("Agg")
import matplotlib.pyplot as plt

DPI = 68
"""Keeps each figure under 150 kB."""

BLUE, GREY = "#30638e", "#b8b8b8"


def report(run: Path, folder: Path) -> list[Path]:
    """Draw all figures into `folder/figures`; return their paths."""
    out = folder / "figures"
    out.mkdir(exist_ok=True)
    predictions = json.loads((folder / PREDICTIONS).read_text(encoding="utf-8"))
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    metrics = manifest["metrics"]["int8"]
    history = json.loads((run / "history.json").read_text(encoding="utf-8"))
    drawings = {
        "curves": _curves(history),
        "accuracy_per_mood": _recalls(metrics["recall"]),
        "confusion": _confusion(np.array(metrics["confusion"])),
        "reliability": _reliability(predictions),
        "labelled_faces": _labelled(Classifier(folder), read_gray(PORTRAIT)),
        "features": _features(load_float(run), _face(read_gray(PORTRAIT))),
    }
    paths = []
    for name, figure in drawings.items():
        paths.append(out / f"{name}.png")
        # Without the software's name and version the same figures give the same bytes.
        figure.savefig(paths[-1], dpi=DPI, bbox_inches="tight", metadata={"Software": None})
        plt.close(figure)
    return paths


def _face(gray: GrayImage) -> GrayImage:
    """The largest face of a picture, as the device crops it."""
    return crop(gray, FaceFinder(FaceConfig().smallest_share).find(gray)[0])


def _curves(history: list[dict[str, float]]) -> Any:
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2))
    epochs = [row["epoch"] for row in history]
    left.plot(epochs, [row["train_loss"] for row in history], color=GREY, label="training")
    left.plot(epochs, [row["loss"] for row in history], color=BLUE, label="validation")
    left.set(xlabel="epoch", ylabel="loss")
    # The training loss is higher for its smoothed targets and varied images.
    left.set_title("loss (training: varied images, smoothed labels)", fontsize=9)
    left.legend(frameon=False)
    right.plot(epochs, [100 * row["accuracy"] for row in history], color=BLUE)
    right.set(xlabel="epoch", ylabel="%")
    right.set_title("validation accuracy, averaged weights", fontsize=9)
    return figure


def _recalls(recall: dict[str, float]) -> Any:
    figure, axes = plt.subplots(figsize=(5, 3))
    bars = axes.bar(list(recall), [100 * value for value in recall.values()], color=BLUE)
    axes.bar_label(bars, fmt="%.1f")
    axes.set(ylabel="% of its test images read as it", ylim=(0, 100))
    return figure


def _confusion(table: npt.NDArray[np.int64]) -> Any:
    shares = 100 * table / table.sum(axis=1, keepdims=True)
    figure, axes = plt.subplots(figsize=(4.4, 4))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=100)
    for row, column in np.ndindex(*shares.shape):
        colour = "white" if shares[row, column] > 50 else "black"
        text = f"{shares[row, column]:.0f}"
        axes.text(column, row, text, ha="center", va="center", color=colour)
    axes.set_xticks(range(len(Mood)), list(Mood), rotation=30)
    axes.set_yticks(range(len(Mood)), list(Mood))
    axes.set(xlabel="read as", ylabel="label", title="% of each label's test images")
    return figure


def _reliability(predictions: dict[str, Any]) -> Any:
    clean = from_digits(predictions["clean"]).astype(np.bool_)
    right = from_digits(predictions["truth"]) == from_digits(predictions["predicted"])
    confidence = np.array(predictions["confidence_permille"]) / 1000
    figure, axes = plt.subplots(figsize=(4, 4))
    filled = [row for row in reliability(confidence[clean], right[clean]) if row[0]]
    total = sum(row[0] for row in filled)
    axes.plot([0.2, 1], [0.2, 1], color=GREY, linewidth=1)
    axes.scatter(
        [row[1] for row in filled],
        [row[2] for row in filled],
        s=[8 + 900 * row[0] / total for row in filled],
        color=BLUE,
    )
    axes.set(xlabel="confidence", ylabel="share right", title="clean test images, 15 bins")
    return figure


def _labelled(classifier: Classifier, gray: GrayImage) -> Any:
    figure, axes = plt.subplots(figsize=(4, 4))
    axes.imshow(gray, cmap="gray")
    axes.axis("off")
    for box in FaceFinder(FaceConfig().smallest_share).find(gray):
        scores = classifier.predict(gray, box)
        edge = plt.Rectangle(
            (box.x_px, box.y_px), box.width_px, box.height_px, fill=False, edgecolor="white"
        )
        axes.add_patch(edge)
        text = f"{scores.mood} {scores.confidence:.0%}"
        axes.text(box.x_px, box.y_px - 8, text, color="black", backgroundcolor="white")
    return figure


def _features(model: Any, face: GrayImage) -> Any:
    """The strongest channels of each convolution stage for one face."""
    import keras

    names = [layer.name for layer in model.layers if layer.name.startswith("stage")]
    seer = keras.Model(model.inputs, [model.get_layer(name).output for name in names])
    maps = seer.predict_on_batch(standardise(face)[None, :, :, None])
    columns = min(6, *(values.shape[-1] for values in maps))
    figure, axes = plt.subplots(
        len(names), columns + 1, figsize=(columns + 1, len(names) * 1.05), squeeze=False
    )
    for row, (name, values) in enumerate(zip(names, maps, strict=True)):
        channels = np.asarray(values)[0]
        strongest = np.argsort(-channels.std(axis=(0, 1)))[:columns]
        for column in range(columns + 1):
            axes[row, column].axis("off")
            shown = channels[..., strongest[column - 1]] if column else face
            axes[row, column].imshow(shown, cmap="magma" if column else "gray")
        stage, part = name.removeprefix("stage").split("_")
        axes[row, 0].set_title(f"stage {stage}.{part}", fontsize=8)
    return figure
