"""How much accuracy is lost on disturbed faces, and on faces that the device's own finder crops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from moodbox.adapters.classifier import Classifier
from moodbox.core.mood import BBox, GrayImage
from moodbox.core.seeing.preprocess import crop
from moodbox.core.seeing.reading import calibrate
from training.augment import blur, gamma, move, noise
from training.export import logits_of
from training.measure import accuracy, round_all

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


def face_finder() -> Finder:
    """The device's own face finder, which must not wait for a second look."""
    from moodbox.adapters.face import FaceFinder
    from moodbox.config import FaceConfig

    finder = FaceFinder(FaceConfig().smallest_share)

    def find(frame: GrayImage) -> BBox | None:
        faces = finder.find(frame)
        return faces[0] if faces else None

    return find
