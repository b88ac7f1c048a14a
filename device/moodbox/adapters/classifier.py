"""The classifier: a verified model folder, run by TensorFlow Lite on one thread."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
import numpy.typing as npt

from moodbox.adapters.files import read_file
from moodbox.adapters.interpreter import make_interpreter
from moodbox.core.foreign import DamagedError, parse_json_object, printable, shown
from moodbox.core.mood import BBox, GrayImage, Mood, Scores
from moodbox.core.seeing.preprocess import PREPROCESS_ID, SIDE_PX, crop, quantise, standardise
from moodbox.core.seeing.reading import (
    UNREADABLE,
    OperatingPoint,
    Prediction,
    calibrate,
    to_scores,
    unreadable_chance,
)

SCHEMA = 1
INPUT = {"shape": [1, SIDE_PX, SIDE_PX, 1], "dtype": "int8", "colour": "gray"}
MOST_MANIFEST_BYTES, MOST_WEIGHTS_BYTES = 256 << 10, 64 << 20
"""Largest files that are read; a manifest has 4 kB, weights have some hundred."""
REMEDY = "Fetch the folder again, whole, or set model.folder to another one."


class ModelError(ValueError):
    """The model folder cannot be used; the message lists every fault and what to do."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `manifest.json` beside the weights says that the device needs."""

    file: Path
    sha256: str
    labels: tuple[str, ...]
    """In the network's own order: the moods, and last `UNREADABLE` where it has that output."""
    unreadable_from: float | None
    """From this probability on a face cannot be read; None where the network does not tell."""
    mirrored_look: bool
    """Whether the mirror image is classified too and the logits averaged."""
    point: OperatingPoint


def load_manifest(folder: Path) -> Manifest:
    """Read and check `folder/manifest.json` and the checksum of the file it names.

    Raises ModelError with all faults at once: missing or unreadable files, an unknown schema,
    preprocess id or input, labels that are not the five moods, a checksum that differs.
    """
    path = folder / "manifest.json"
    try:
        data = parse_json_object(read_file(path, MOST_MANIFEST_BYTES))
    except (OSError, DamagedError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ModelError(f"{path}: is no model manifest: {reason}. {REMEDY}") from error
    faults = _faults(folder, data)
    if faults:
        listed = "\n".join(f"  - {fault}" for fault in faults)
        raise ModelError(f"the model in {folder} is refused:\n{listed}\n{REMEDY}")
    reading = data["reading"]
    point = OperatingPoint(
        temperature=float(data["temperature"]),
        bias=tuple(float(data["bias"][mood]) for mood in Mood),
        reading_temperature=float(reading["temperature"]),
        sure_confidence=float(reading["sure_confidence"]),
        least_confidence=float(reading["least_confidence"]),
    )
    return Manifest(
        folder / data["file"],
        data["sha256"],
        tuple(data["labels"]),
        data.get("unreadable_from"),
        bool(data["mirrored_look"]),
        point,
    )


def _faults(folder: Path, data: dict[str, Any]) -> list[str]:
    """Everything that keeps the device from using this folder, as sentences."""
    faults = []
    if data.get("schema") != SCHEMA:
        faults.append(f"schema is {shown(data.get('schema'))}, this version reads {SCHEMA}")
    if data.get("preprocess") != PREPROCESS_ID:
        faults.append(
            f"preprocess is {shown(data.get('preprocess'))}, this version's is {PREPROCESS_ID!r}: "
            "weights and program do not belong together"
        )
    if data.get("input") != INPUT:
        faults.append(f"input is {shown(data.get('input'))}, the device feeds {INPUT!r}")
    faults += _label_faults(data)
    faults += _point_faults(data)
    name = data.get("file")
    if not isinstance(name, str) or Path(name).name != name:
        faults.append(f"file is {shown(name)}, it must name a file of this folder")
        return faults
    try:
        weights = read_file(folder / name, MOST_WEIGHTS_BYTES)
    except OSError as error:
        faults.append(f"{printable(name)} cannot be read: {error.strerror}")
    else:
        if hashlib.sha256(weights).hexdigest() != data.get("sha256"):
            faults.append(f"{name} is not the file the manifest describes (its sha256 differs)")
    return faults


def _label_faults(data: dict[str, Any]) -> list[str]:
    """Faults of the labels, and of the cutoff where there is an output that needs one."""
    labels = data.get("labels")
    moods = [label for label in labels if label != UNREADABLE] if isinstance(labels, list) else []
    if sorted(map(str, moods)) != sorted(Mood) or labels not in (moods, [*moods, UNREADABLE]):
        return [
            f"labels are {shown(labels)}, they must be {', '.join(Mood)} in any order, "
            f"and {UNREADABLE} after them or not at all"
        ]
    limit = data.get("unreadable_from")
    if labels == moods or (_is_number(limit) and limit > 0):
        return []
    return [f"unreadable_from is {shown(limit)}, it must be a number above 0"]


def _point_faults(data: dict[str, Any]) -> list[str]:
    """Faults of the operating point: numbers that are missing, no numbers, or out of range."""
    reading, bias = data.get("reading"), data.get("bias")
    reading = reading if isinstance(reading, dict) else {}
    bias = bias if isinstance(bias, dict) else {}
    positive = {
        "temperature": data.get("temperature"),
        "reading.temperature": reading.get("temperature"),
        "reading.sure_confidence": reading.get("sure_confidence"),
        "reading.least_confidence": reading.get("least_confidence"),
    }
    faults = [
        f"{key} is {shown(value)}, it must be a number above 0"
        for key, value in positive.items()
        if not (_is_number(value) and value > 0)
    ]
    faults += [
        f"bias.{mood} is {shown(bias.get(mood))}, it must be a number"
        for mood in Mood
        if not _is_number(bias.get(mood))
    ]
    if not isinstance(data.get("mirrored_look"), bool):
        faults.append(
            f"mirrored_look is {shown(data.get('mirrored_look'))}, it must be true or false"
        )
    return faults


def _is_number(value: object) -> TypeGuard[float]:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))
    )


class Classifier:
    """Reads a mood's probabilities from a face in a gray frame."""

    def __init__(self, folder: Path, runtime: Any = None) -> None:
        """Load and try the model of `folder`; raises ModelError where it cannot be used.

        `runtime` is one of `moodbox.adapters.interpreter.runtimes`; None takes the first.
        """
        self.manifest = load_manifest(folder)
        try:
            # From bytes: the file may be replaced by an upgrade while it runs.
            weights = read_file(self.manifest.file, MOST_WEIGHTS_BYTES)
            self._interpreter = make_interpreter(weights, runtime)
            (self._input,) = self._interpreter.get_input_details()
            (self._output,) = self._interpreter.get_output_details()
            self._check_tensors()
            # Building alone proves nothing: a runtime with a foreign numpy dies on the first call.
            self.logits(np.zeros((SIDE_PX, SIDE_PX), np.uint8))
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelError(f"{self.manifest.file}: the runtime refuses it: {error}") from error

    @property
    def step(self) -> float:
        """One step of the int8 output, in logits."""
        return float(self._output["quantization"][0])

    def _check_tensors(self) -> None:
        """Hold the file's own tensors against what the manifest promises."""
        for role, detail, shape in (
            ("input", self._input, INPUT["shape"]),
            ("output", self._output, [1, len(self.manifest.labels)]),
        ):
            if list(detail["shape"]) != shape or detail["dtype"] is not np.int8:
                raise ValueError(
                    f"its {role} is {detail['dtype'].__name__} {list(detail['shape'])}, "
                    f"not int8 {shape}"
                )

    def predict(self, gray: GrayImage, bbox: BBox) -> Scores:
        """Calibrated probabilities of the face in `bbox` of a gray frame (H, W) uint8."""
        return self.score_crop(crop(gray, bbox))

    def score_crop(self, face: GrayImage) -> Scores:
        """Calibrated probabilities of a face that is already a (48, 48) uint8 crop."""
        return to_scores(calibrate(self.logits(face), self.manifest.point))

    def predict_crop(self, face: GrayImage) -> Prediction:
        """What the network says of a face that is already a (48, 48) uint8 crop."""
        outputs = self.outputs(face)
        scores = to_scores(calibrate(outputs[: len(Mood)], self.manifest.point))
        limit = self.manifest.unreadable_from
        return Prediction(scores, limit is None or bool(unreadable_chance(outputs) < limit))

    def logits(self, face: GrayImage) -> npt.NDArray[np.float32]:
        """Logits (5,) in the order of `Mood`, of a (48, 48) uint8 crop, uncalibrated."""
        return self.outputs(face)[: len(Mood)]

    def outputs(self, face: GrayImage) -> npt.NDArray[np.float32]:
        """Outputs (5,) or (6,) in the order of `Mood`, `UNREADABLE` after them; uncalibrated.

        The mean over the face and its mirror image where the manifest says so.
        """
        views = [face, face[:, ::-1]] if self.manifest.mirrored_look else [face]
        mean = np.mean([self._invoke(view) for view in views], axis=0)
        order = [self.manifest.labels.index(mood) for mood in Mood]
        order += range(len(Mood), len(self.manifest.labels))
        result: npt.NDArray[np.float32] = mean[order].astype(np.float32)
        return result

    def _invoke(self, face: GrayImage) -> npt.NDArray[np.float32]:
        scale, zero_point = self._input["quantization"]
        levels = quantise(standardise(face), scale, zero_point)
        self._interpreter.set_tensor(self._input["index"], levels[None, :, :, None])
        self._interpreter.invoke()
        scale, zero_point = self._output["quantization"]
        raw = self._interpreter.get_tensor(self._output["index"])[0].astype(np.float32)
        result: npt.NDArray[np.float32] = (raw - zero_point) * np.float32(scale)
        return result
