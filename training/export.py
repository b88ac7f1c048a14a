"""From averaged weights to the model folder: float32 rebuild, full int8, operating point, manifest.

Needs TensorFlow, whatever backend trained: the weights file is plain Keras and knows none.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from moodbox.adapters.classifier import INPUT, SCHEMA, Classifier
from moodbox.core.mood import Mood
from moodbox.core.seeing.preprocess import PREPROCESS_ID, standardise
from moodbox.core.seeing.reading import UNREADABLE, softmax, unreadable_chance
from training.augment import move
from training.calibrate import (
    fit_look,
    fit_reading,
    fused,
    least_cutoff,
    sure_cutoff,
    unreadable_cutoff,
)
from training.measure import calibration_error, coverage_table, round_all
from training.settings import ROOT, Export

TFLITE = "mood.tflite"
FRAMES = 8
"""Looks of one photo that make a sequence for the reading's temperature."""

SEQUENCES = 800
"""Validation photos that are seen so: 6,400 looks take some two minutes on one core."""


def load_float(run: Path) -> Any:
    """Rebuild the run's network in float32 with its averaged weights."""
    import keras

    from training.run_folder import load_run

    keras.mixed_precision.set_global_policy("float32")
    return load_run(run)


def convert(model: Any, images: npt.NDArray[np.uint8] | None) -> bytes:
    """Convert to TFLite: full int8 with ranges from `images`, or float32 where that is None.

    The converter folds BatchNorm into the convolutions. Outputs are logits, int8 like the inputs.
    """
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if images is not None:
        inputs = standardise(images)[:, None, :, :, None]

        def samples() -> Iterator[list[npt.NDArray[np.float32]]]:
            for one in inputs:
                yield [one]

        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = samples
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.int8
        converter.inference_output_type = tf.int8
    return bytes(converter.convert())


def export(data: Path, run: Path, folder: Path, settings: Export) -> dict[str, Any]:
    """Write the model folder from a run; return its manifest.

    Also leaves `float.tflite` in `run`, for the comparison. Reads `train.npz` alone.
    """
    model = load_float(run)
    with np.load(data / "train.npz") as file:
        mood = file["labels"] < len(Mood)
        held = file["validation"] & mood
        training, labels = file["images"][~file["validation"] & mood], file["labels"][held]
        validation = file["images"][held]
    rng = np.random.default_rng(settings.seed)
    chosen = rng.choice(len(training), min(settings.calibration_images, len(training)), False)
    folder.mkdir(parents=True, exist_ok=True)
    (run / "float.tflite").write_bytes(convert(model, None))
    (folder / TFLITE).write_bytes(convert(model, training[chosen]))
    facts = json.loads((data / "data.json").read_text(encoding="utf-8"))
    manifest = _manifest(folder / TFLITE, run, facts, settings)
    write_manifest(folder, manifest)
    manifest.update(operating_point(folder, validation, labels, settings.seed))
    write_manifest(folder, manifest)
    return manifest


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write `manifest.json`, readable for people."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")


def _manifest(tflite: Path, run: Path, facts: dict[str, Any], settings: Export) -> dict[str, Any]:
    """A manifest whose operating point is still neutral: enough for the device to load the file."""
    return {
        "schema": SCHEMA,
        "name": tflite.parent.name,
        "file": tflite.name,
        "sha256": hashlib.sha256(tflite.read_bytes()).hexdigest(),
        "labels": [*Mood, UNREADABLE],
        "unreadable_from": 1.0,
        "input": INPUT,
        "preprocess": PREPROCESS_ID,
        "mirrored_look": settings.mirrored_look,
        "temperature": 1.0,
        "bias": dict.fromkeys(Mood, 0.0),
        "reading": {"temperature": 1.0, "sure_confidence": 0.9, "least_confidence": 0.3},
        "data": {key: value for key, value in facts.items() if not key.endswith("file_sha256")},
        "git_revision": git_revision(),
        "training": json.loads((run / "recipe.json").read_text(encoding="utf-8")),
        "export": asdict(settings),
    }


def git_revision() -> str:
    """Commit that the export ran from, `+` when files differ from it; `unknown` without git."""
    try:
        command = ["git", "-C", str(ROOT), "describe", "--always", "--abbrev=12", "--dirty=+"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def logits_of(classifier: Classifier, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Logits (N, 5) of crops (N, 48, 48) through the device's own classifier."""
    return np.stack([classifier.logits(image) for image in images])


def outputs_of(classifier: Classifier, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Outputs (N, 5 or 6) of crops (N, 48, 48) through the device's own classifier."""
    return np.stack([classifier.outputs(image) for image in images])


def views(image: npt.NDArray[np.uint8], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """One photo seen `FRAMES` times through device-like jitter.

    Shift and scale of the face finder (σ 8 % and 13 %) vary less from frame to frame than from
    face to face: a half of each is the face's own and stays, a half is the frame's.
    """
    side = image.shape[0]
    own, own_scale = rng.normal(0, 0.08, 2), rng.normal(0, 0.13)
    result = []
    for _ in range(FRAMES):
        shift = (own + rng.normal(0, 0.08, 2)) / np.sqrt(2) * side
        scale = float(np.exp((own_scale + rng.normal(0, 0.13)) / np.sqrt(2)))
        seen = move(image, (float(shift[0]), float(shift[1])), scale, float(rng.normal(0, 4)))
        noisy = seen + rng.normal(0, 3, seen.shape)
        result.append(np.clip(np.rint(noisy), 0, 255).astype(np.uint8))
    return np.stack(result)


def sequences_of(
    classifier: Classifier, images: npt.NDArray[np.uint8], seed: int
) -> npt.NDArray[np.float32]:
    """Logits (N, FRAMES, 5) of each photo seen several times."""
    rng = np.random.default_rng(seed)
    return np.stack([logits_of(classifier, views(image, rng)) for image in images])


def operating_point(
    folder: Path, images: npt.NDArray[np.uint8], labels: npt.NDArray[np.int64], seed: int
) -> dict[str, Any]:
    """Temperature, biases and the reading's numbers, from validation images through the file."""
    classifier = Classifier(folder)
    outputs = outputs_of(classifier, images)
    temperature, bias = fit_look(outputs[:, : len(Mood)], labels)
    some = np.random.default_rng(seed).permutation(len(images))[:SEQUENCES]
    looks = sequences_of(classifier, images[some], seed) / temperature + np.asarray(bias)
    chances = softmax(looks)
    reading_temperature = fit_reading(chances, labels[some])
    readings = fused(chances, reading_temperature)
    confidence, right = readings.max(axis=1), readings.argmax(axis=1) == labels[some]
    sure = sure_cutoff(confidence, right)
    point: dict[str, Any] = round_all(
        {
            "temperature": temperature,
            "bias": dict(zip(Mood, bias, strict=True)),
            "unreadable_from": unreadable_cutoff(unreadable_chance(outputs)),
            "reading": {
                "temperature": reading_temperature,
                "sure_confidence": sure,
                "least_confidence": min(least_cutoff(confidence, right), sure),
                "validation": {
                    "sequences": len(some),
                    "accuracy": float(right.mean()),
                    "coverage": coverage_table(confidence, right),
                    "calibration_error": calibration_error(confidence, right),
                },
            },
        }
    )
    return point
