"""`moodbox label`: the moods of faces in pictures, by the daemon's own code for a frame."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from moodbox.adapters.classifier import Classifier, ModelError
from moodbox.adapters.face import FaceFinder
from moodbox.adapters.files import is_folder
from moodbox.adapters.pictures import PictureError, picture_files, read_gray
from moodbox.compose import model_folder
from moodbox.config import ConfigError
from moodbox.core.foreign import json_text, printable
from moodbox.core.mood import BBox, GrayImage, Scores

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from moodbox.config import Config


@dataclass(frozen=True, slots=True)
class LabelledFace:
    """A face and what is read in it."""

    box: BBox
    scores: Scores


class Labeller:
    """Finds and reads faces; the same finder, crop, prediction and calibration as the daemon's."""

    def __init__(self, finder: FaceFinder, classifier: Classifier, *, cropped: bool) -> None:
        """`cropped` takes each whole picture as one face."""
        self._finder = finder
        self._classifier = classifier
        self._cropped = cropped

    def label(self, gray: GrayImage) -> list[LabelledFace]:
        """Faces of a gray picture (H, W) uint8, largest first; empty when there is none."""
        height_px, width_px = gray.shape
        whole = BBox(0, 0, width_px, height_px)
        boxes = [whole] if self._cropped else self._finder.find(gray)
        return [LabelledFace(box, self._classifier.predict(gray, box)) for box in boxes]


def main(arguments: argparse.Namespace, config: Config) -> int:
    """Label every picture; 1 when one could not be read, or no picture was found."""
    try:
        classifier = Classifier(model_folder(config))
    except ModelError as error:
        raise ConfigError(str(error)) from error
    finder = FaceFinder(config.face.smallest_share)
    labeller = Labeller(finder, classifier, cropped=arguments.cropped)
    faults = pictures = 0
    for root, path in _files(arguments.paths):
        pictures += 1
        try:
            gray = read_gray(path)
            faces = labeller.label(gray)
            if arguments.out:
                draw(gray, faces, _copy(arguments.out, root, path))
            record = to_record(path, faces)
        except (PictureError, OSError) as error:
            faults += 1
            record = {"file": str(path), "faces": [], "error": str(error)}
        print(to_json(record) if arguments.jsonl else sentence(record))
    if not pictures:
        print("moodbox: no pictures there", file=sys.stderr)
    return 1 if faults or not pictures else 0


def _files(paths: list[Path]) -> Iterator[tuple[Path, Path]]:
    """Each picture with the folder it was asked for under."""
    for path in paths:
        for file in picture_files(path):
            yield (path if is_folder(path) else path.parent), file


def to_record(path: Path, faces: list[LabelledFace]) -> dict[str, Any]:
    """What `--jsonl` prints of a picture."""
    return {
        "file": str(path),
        "faces": [
            {
                "box": [face.box.x_px, face.box.y_px, face.box.width_px, face.box.height_px],
                "scores": {mood: round(p, 6) for mood, p in face.scores.probability.items()},
                "mood": face.scores.mood,
            }
            for face in faces
        ],
    }


def to_json(record: dict[str, Any]) -> str:
    """One line of JSON, any script as it is; escaped where it would do more than show."""
    line = json_text(record)
    try:
        line.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:  # a terminal that lacks a script
        return json.dumps(record)
    return line


def sentence(record: dict[str, Any]) -> str:
    """What is printed of a picture for a person."""
    if "error" in record:
        return printable(record["error"])
    read = [f"{face['mood']} {max(face['scores'].values()):.0%}" for face in record["faces"]]
    return printable(f"{record['file']}: {', '.join(read) or 'no face'}")


def _copy(out: Path, root: Path, path: Path) -> Path:
    """Where the drawn copy goes: the same place below `out`, as PNG."""
    copy = out / path.relative_to(root)
    return copy.with_name(copy.name + ".png")


def draw(gray: GrayImage, faces: list[LabelledFace], path: Path) -> None:
    """Write a copy of the picture with boxes and labels. Raises OSError."""
    picture = cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR)
    thick = max(1, min(gray.shape) // 240)
    for face in faces:
        box, text = face.box, f"{face.scores.mood} {face.scores.confidence:.0%}"
        corner = (box.x_px + box.width_px, box.y_px + box.height_px)
        cv2.rectangle(picture, (box.x_px, box.y_px), corner, (64, 200, 255), thick)
        # Below the top edge where there is no room above it.
        y_px = box.y_px - 4 * thick if box.y_px > 24 * thick else box.y_px + 18 * thick
        place, font = (box.x_px + 2 * thick, y_px), cv2.FONT_HERSHEY_SIMPLEX
        cv2.putText(picture, text, place, font, 0.6 * thick, (0, 0, 0), 3 * thick, cv2.LINE_AA)
        cv2.putText(picture, text, place, font, 0.6 * thick, (64, 200, 255), thick, cv2.LINE_AA)
    done, data = cv2.imencode(".png", picture)
    if not done:
        raise OSError(f"{path}: the picture could not be encoded")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(np.asarray(data).tobytes())
    except OSError as error:
        raise OSError(f"{path}: the copy cannot be written: {error.strerror}") from error
