"""Beyond the test images as they are: disturbed, as the device's own finder crops them, unreadable,
and from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from moodbox.adapters.classifier import Classifier
from moodbox.adapters.pictures import read_gray
from moodbox.core.mood import BBox, GrayImage, Mood
from moodbox.core.seeing.preprocess import SIDE_PX, crop
from moodbox.core.seeing.reading import calibrate
from training.augment import blur, gamma, move, noise
from training.export import logits_of
from training.measure import accuracy, calibration_error, confusion, recalls, round_all
from training.source import DataError
from training.unreadable import KINDS, far, motion

SAMPLE = 2000
"""Test images, a fixed choice, for these tables: all 6,043 would take ten minutes and more. The
difference of two rows is then good to about 0.7 point."""

SHIFT_PX = 4.8
"""10 % of the side."""

Finder = Callable[[GrayImage], BBox | None]


@dataclass(frozen=True, slots=True)
class TestSet:
    """The test images of the five moods."""

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]
    clean: npt.NDArray[np.bool_]
    """No exact copy in the Training split."""
    votes: npt.NDArray[np.int64] | None


def load_test(path: Path) -> TestSet:
    """Read `test.npz`."""
    with np.load(path) as file:
        votes = file.get("votes")
        return TestSet(file["images"], file["labels"], file["clean"], votes)


def sample(test: TestSet) -> npt.NDArray[np.int64]:
    """The rows that these tables are made of, always the same."""
    return np.random.default_rng(3).permutation(len(test.labels))[:SAMPLE]


def disturbances() -> dict[str, list[Callable[[GrayImage], GrayImage]]]:
    """The card's disturbances; where one name has several, their mean accuracy counts."""
    rng = np.random.default_rng(5)
    ring = [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)]

    def moved(shift: tuple[float, float], scale: float, roll: float) -> Callable[..., GrayImage]:
        return lambda image: move(image, shift, scale, roll)

    return {
        "none": [lambda image: image],
        "shift of 10 %, mean of 8 directions": [
            moved((x * SHIFT_PX, y * SHIFT_PX), 1, 0) for x, y in ring
        ],
        "scale 0.87": [moved((0, 0), 0.87, 0)],
        "scale 1.15": [moved((0, 0), 1.15, 0)],
        "roll −15°": [moved((0, 0), 1, -15)],
        "roll +15°": [moved((0, 0), 1, 15)],
        "brightness × 0.5": [lambda image: (image // 2).astype(np.uint8)],
        "gamma 0.5": [lambda image: gamma(image, 0.5)],
        "gamma 2": [lambda image: gamma(image, 2.0)],
        "Gaussian blur σ 1 px": [lambda image: blur(image, 1.0)],
        "noise σ 10/255": [lambda image: noise(image, 10.0, rng)],
    }


def robustness(classifier: Classifier, test: TestSet) -> dict[str, float]:
    """Accuracy on `SAMPLE` test images under each disturbance."""
    chosen = sample(test)
    images, labels = test.images[chosen], test.labels[chosen]
    result = {}
    for name, ways in disturbances().items():
        parts = np.array_split(np.arange(len(images)), len(ways))
        # Each of several ways takes its own share of the images: one pass, not eight.
        hits = [
            accuracy_of(classifier, np.stack([way(image) for image in images[part]]), labels[part])
            * len(part)
            for way, part in zip(ways, parts, strict=True)
        ]
        result[name] = round(sum(hits) / len(images), 4)
        print(f"  {name}: {result[name]:.1%}", flush=True)
    return result


def accuracy_of(
    classifier: Classifier, images: npt.NDArray[np.uint8], labels: npt.NDArray[np.int64]
) -> float:
    """Accuracy of the shipped file on these crops."""
    chances = calibrate(logits_of(classifier, images), classifier.manifest.point)
    return accuracy(chances, labels)


CANVAS_PX, FACE_PX = 320, 160
"""A face fills half of a small frame."""


def found_faces(
    classifier: Classifier,
    test: TestSet,
    find: Finder,
) -> dict[str, float]:
    """Put test faces on a canvas, find them by the face finder, and label what it found.

    Accuracy on the found ones, of the finder's crop and of the image itself.
    """
    own, seen, labels = [], [], []
    chosen = sample(test)
    for image, label in zip(test.images[chosen], test.labels[chosen], strict=True):
        frame = on_canvas(image)
        box = find(frame)
        if box is not None:
            own.append(image)
            seen.append(crop(frame, box))
            labels.append(label)
    if not labels:
        return {"found": 0.0}
    truth = np.array(labels)
    result: dict[str, float] = round_all(
        {
            "found": len(labels) / len(chosen),
            "accuracy_of_image": accuracy_of(classifier, np.stack(own), truth),
            "accuracy_of_found_crop": accuracy_of(classifier, np.stack(seen), truth),
        }
    )
    return result


def on_canvas(image: GrayImage) -> GrayImage:
    """Enlarge a face (48, 48) and centre it on a canvas that repeats its edge."""
    face = crop(image, BBox(0, 0, image.shape[1], image.shape[0]), FACE_PX)
    margin = (CANVAS_PX - FACE_PX) // 2
    return np.pad(face, margin, mode="edge").astype(np.uint8)


def refusals(
    classifier: Classifier, test: TestSet, no_faces: npt.NDArray[np.uint8]
) -> dict[str, Any]:
    """What the operating point makes of test faces, and of crops of them that nobody could read.

    For each kind the share that gets a mood. For the test faces also the share of those with a
    confident mood that "unreadable" takes away. `no_faces` (M, 48, 48) are patches that no training
    saw; M may be 0.
    """
    faces = test.images[sample(test)]
    sure, readable = _named(classifier, faces)
    result: dict[str, Any] = {
        "faces": float((sure & readable).mean()),
        "lost": float((sure & ~readable).mean()),
    }
    for name, images in unreadable_sets(faces, no_faces).items():
        sure, readable = _named(classifier, images)
        result[name] = float((sure & readable).mean())
        print(f"  {name}: {result[name]:.1%} get a mood", flush=True)
    rounded: dict[str, Any] = round_all(result)
    return rounded


def _named(
    classifier: Classifier, images: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Of each crop whether its mood is confident enough to be named, and whether it is readable."""
    said = [classifier.predict_crop(image) for image in images]
    least = classifier.manifest.point.least_confidence
    sure = np.array([one.scores.confidence >= least for one in said])
    return sure, np.array([one.readable for one in said])


COVER_TOP = 22 / 48
"""Of the side: just below the eyes."""


def unreadable_sets(
    faces: npt.NDArray[np.uint8], no_faces: npt.NDArray[np.uint8]
) -> dict[str, npt.NDArray[np.uint8]]:
    """Crops (N, 48, 48) that nobody could read, by kind: simple ones that anybody would try, and
    those that the network is trained with, made of faces that it has not seen."""
    rng = np.random.default_rng(9)
    few = faces[: len(faces) // 4]
    top = round(COVER_TOP * SIDE_PX)

    def all_of(change: Callable[[GrayImage], GrayImage]) -> npt.NDArray[np.uint8]:
        return np.stack([change(image) for image in few])

    def under(gray: int | None) -> Callable[[GrayImage], GrayImage]:
        def cover(image: GrayImage) -> GrayImage:
            result = image.copy()
            result[top:] = np.median(image[:top]) if gray is None else gray
            return result

        return cover

    sets = {
        "covered below the eyes, black": all_of(under(0)),
        "covered below the eyes, white": all_of(under(255)),
        "covered below the eyes, the face's own gray": all_of(under(None)),
        "smeared over 16 px": all_of(lambda image: motion(image, 16, rng.uniform(0, 180))),
        "smeared over 24 px": all_of(lambda image: motion(image, 24, rng.uniform(0, 180))),
        "Gaussian blur σ 5 px": all_of(lambda image: blur(image, 5.0)),
        "6 px of its side left": all_of(lambda image: far(image, 6, rng)),
        "noise alone": rng.integers(0, 256, few.shape, dtype=np.uint8),
    }
    for name, (_, make) in KINDS.items():
        sets[f"{name}, as in training"] = all_of(
            lambda image, make=make: make(image, no_faces[:0], rng)  # type: ignore[misc]
        )
    if len(no_faces):
        sets["patches of pictures without people"] = no_faces
    return sets


def elsewhere(classifier: Classifier, folder: Path) -> dict[str, Any]:
    """Accuracy, recalls and calibration error on pictures of faces in a folder for each mood.

    Beside the folder a file of its name and `.json` has the boxes of faces in each picture; the
    largest counts. Raises DataError where it has none.
    """
    path = folder.with_suffix(".json")
    if not path.is_file():
        raise DataError(f"{path}: not there. It must have the boxes of each picture of {folder}")
    chances, labels = [], []
    for name, faces in json.loads(path.read_text(encoding="utf-8")).items():
        if faces:
            box = max((face["box"] for face in faces), key=lambda one: one[2] * one[3])
            logits = classifier.logits(crop(read_gray(folder / name), BBox(*box)))
            chances.append(calibrate(logits, classifier.manifest.point))
            labels.append(list(Mood).index(Mood(Path(name).parts[0])))
    table, truth = np.array(chances), np.array(labels)
    right = table.argmax(axis=1) == truth
    result: dict[str, Any] = round_all(
        {
            "faces": len(truth),
            "accuracy": float(right.mean()),
            "recall": recalls(confusion(table.argmax(axis=1), truth)),
            "calibration_error": calibration_error(table.max(axis=1), right),
        }
    )
    return result


def face_finder() -> Finder:
    """The device's own face finder, which must not wait for a second look."""
    from moodbox.adapters.face import FaceFinder
    from moodbox.config import FaceConfig

    finder = FaceFinder(FaceConfig().smallest_share)

    def find(frame: GrayImage) -> BBox | None:
        faces = finder.find(frame)
        return faces[0] if faces else None

    return find
