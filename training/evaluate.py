"""Measures the shipped file on the test images through the device's own classifier."""

from __future__ import annotations

import hashlib
import itertools
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from moodbox.adapters.classifier import Classifier
from moodbox.adapters.face import FaceFinder
from moodbox.adapters.interpreter import make_interpreter
from moodbox.adapters.pictures import read_gray
from moodbox.config import FaceConfig
from moodbox.core.mood import BBox, Mood
from moodbox.core.seeing.preprocess import crop, standardise
from moodbox.core.seeing.reading import calibrate
from training import card
from training.export import logits_of, write_manifest
from training.measure import accuracy, agreement, round_all, summary
from training.robustness import (
    TestSet,
    elsewhere,
    face_finder,
    found_faces,
    load_test,
    refusals,
    robustness,
)
from training.settings import ROOT
from training.targets import patches

PREDICTIONS = "predictions.json"

PORTRAIT = ROOT / "device" / "moodbox" / "demo" / "astronaut.png"
"""Public domain (NASA); nothing of the data sets is kept."""


def evaluate(classifier: Classifier, test: TestSet) -> tuple[dict[str, Any], dict[str, Any]]:
    """Figures and predictions of the shipped file on all test images."""
    logits = progress_logits(classifier, test.images)
    chances = calibrate(logits, classifier.manifest.point)
    predicted, confidence = chances.argmax(axis=1), chances.max(axis=1)
    figures = summary(predicted, confidence, test.labels, test.clean)
    if test.votes is not None:
        figures["ferplus_agreement"] = round(agreement(predicted, test.votes), 4)
    predictions = {
        "sha256": classifier.manifest.sha256,
        "moods": list(Mood),
        "truth": digits(test.labels),
        "predicted": digits(predicted),
        "clean": digits(test.clean),
        "confidence_permille": [round(1000 * float(value)) for value in confidence],
        "portrait_steps": portrait_steps(classifier).tolist(),
    }
    return figures, predictions


def portrait_steps(classifier: Classifier) -> npt.NDArray[np.float64]:
    """Logits, in steps of the int8 output, of 36 crops of the portrait that the project ships.

    (36, 5), in halves where two looks are averaged. By them any runtime and processor is compared
    with the one that measured, without the data.
    """
    gray = read_gray(PORTRAIT)
    face = FaceFinder(FaceConfig().smallest_share).find(gray)[0]
    boxes = [
        BBox(face.x_px + right, face.y_px + down, face.width_px + more, face.height_px + more)
        for right, down, more in itertools.product((-12, -4, 4, 12), (-12, 0, 12), (-15, 0, 15))
    ]
    logits = np.stack([classifier.logits(crop(gray, box)) for box in boxes])
    steps: npt.NDArray[np.float64] = np.round(2 * logits.astype(np.float64) / classifier.step) / 2
    return steps


def progress_logits(
    classifier: Classifier, images: npt.NDArray[np.uint8]
) -> npt.NDArray[np.float32]:
    """Logits (N, 5), with a line of progress on a terminal."""
    parts, started_s = [], time.monotonic()
    for start in range(0, len(images), 250):
        parts.append(logits_of(classifier, images[start : start + 250]))
        done = min(start + 250, len(images))
        if sys.stderr.isatty():
            took_s = time.monotonic() - started_s
            print(f"\r{done}/{len(images)} images, {took_s:.0f} s", end="", file=sys.stderr)
    return np.concatenate(parts)


def digits(values: npt.NDArray[Any]) -> str:
    """Small numbers as one string, a digit each."""
    return "".join(str(int(value)) for value in values)


def from_digits(text: str) -> npt.NDArray[np.int64]:
    """Back from `digits`."""
    return np.array([int(letter) for letter in text], np.int64)


def summary_of(predictions: dict[str, Any]) -> dict[str, Any]:
    """The figures that kept predictions give, without data or network."""
    return summary(
        from_digits(predictions["predicted"]),
        np.array(predictions["confidence_permille"]) / 1000,
        from_digits(predictions["truth"]),
        from_digits(predictions["clean"]).astype(np.bool_),
    )


def float_accuracy(path: Path, classifier: Classifier, test: TestSet) -> dict[str, float]:
    """Accuracy of the float32 twin of the file with the same looks and operating point."""
    interpreter = make_interpreter(path)
    (inputs,), (outputs,) = interpreter.get_input_details(), interpreter.get_output_details()
    logits = np.zeros((len(test.images), len(Mood)), np.float32)
    flips = (False, True) if classifier.manifest.mirrored_look else (False,)
    for row, image in enumerate(test.images):
        for flip in flips:
            seen = standardise(image[:, ::-1] if flip else image)
            interpreter.set_tensor(inputs["index"], seen[None, :, :, None])
            interpreter.invoke()
            logits[row] += interpreter.get_tensor(outputs["index"])[0, : len(Mood)] / len(flips)
    chances = calibrate(logits, classifier.manifest.point)
    clean = test.clean
    result: dict[str, float] = round_all(
        {
            "accuracy": accuracy(chances, test.labels),
            "accuracy_clean": accuracy(chances[clean], test.labels[clean]),
        }
    )
    return result


def write_figures(folder: Path, figures: dict[str, Any], predictions: dict[str, Any]) -> None:
    """Keep the figures in the manifest and the card, and the predictions beside them."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if (
        predictions["sha256"]
        != hashlib.sha256((folder / manifest["file"]).read_bytes()).hexdigest()
    ):
        raise ValueError(f"{folder}: the predictions are of another file")
    manifest["metrics"] = figures
    write_manifest(folder, manifest)
    text = json.dumps(predictions, separators=(",", ":"))
    (folder / PREDICTIONS).write_text(text.replace('","', '",\n"') + "\n", encoding="utf-8")
    card.write(folder)


def disagreements(kept: Any, measured: Any, at: str = "") -> list[str]:
    """Where figures that both have differ, as sentences."""
    if isinstance(kept, dict) and isinstance(measured, dict):
        return [
            line
            for key in kept.keys() & measured.keys()
            for line in disagreements(kept[key], measured[key], f"{at}.{key}".lstrip("."))
        ]
    return [] if kept == measured else [f"{at}: kept {kept}, measured {measured}"]


def run(
    runs: Path,
    training_run: Path,
    folder: Path,
    *,
    write: bool,
    quick: bool,
    stills: Path | None = None,
) -> int:
    """Print all figures of the model in `folder`; keep them, or compare them with the kept ones.

    `stills` is a folder of pictures from elsewhere; None leaves them out. Returns 1 where the kept
    figures differ from the measured ones.
    """
    classifier = Classifier(folder)
    test = load_test(runs / "data" / "test.npz")
    print(f"{classifier.manifest.file} on {len(test.labels)} test images")
    figures, predictions = evaluate(classifier, test)
    metrics: dict[str, Any] = {
        "test_split": f"FER2013 PublicTest + PrivateTest, five moods, {len(test.labels)} images",
        "int8": figures,
    }
    if (training_run / "float.tflite").is_file() and (write or not quick):
        metrics["float"] = float_accuracy(training_run / "float.tflite", classifier, test)
    if not quick:
        metrics["disturbed"] = robustness(classifier, test)
        metrics["found_by_face_finder"] = found_faces(classifier, test, face_finder())
        metrics["unreadable"] = refusals(classifier, test, patches(runs / "data", held=True))
    if stills is not None:
        metrics["elsewhere"] = {stills.name: elsewhere(classifier, stills)}
    print(json.dumps(metrics, indent=1, ensure_ascii=False))
    if write:
        write_figures(folder, metrics, predictions)
        return 0
    return _compare(folder, metrics, predictions)


def _compare(folder: Path, metrics: dict[str, Any], predictions: dict[str, Any]) -> int:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    kept = json.loads((folder / PREDICTIONS).read_text(encoding="utf-8"))
    faults = disagreements(manifest.get("metrics"), metrics)
    if kept["predicted"] != predictions["predicted"]:
        faults.append(f"{PREDICTIONS}: the file predicts otherwise than is kept")
    for fault in faults:
        print(f"differs: {fault}", file=sys.stderr)
    print("the kept figures differ" if faults else "the kept figures are these")
    return 1 if faults else 0
