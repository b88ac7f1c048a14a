"""Made-up data in FER2013's two forms: patterns that a small network tells apart in seconds."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from training.source import CSV_LABELS, LABELS

Images = npt.NDArray[np.uint8]


def image(label: int, rng: np.random.Generator) -> Images:
    """A (48, 48) picture of its own, with stripes whose slant tells the label."""
    texture = cv2.resize(rng.uniform(0, 255, (12, 12)).astype(np.float32), (48, 48))
    rows, columns = np.mgrid[0:48, 0:48]
    angle = np.pi * label / len(LABELS)
    stripes = np.sin((np.cos(angle) * columns + np.sin(angle) * rows) / 1.5)
    result: Images = np.clip(0.5 * texture + 64 + 60 * stripes, 0, 255).astype(np.uint8)
    return result


def images(count: int, seed: int = 0) -> tuple[Images, npt.NDArray[np.int64]]:
    """`count` pictures (N, 48, 48) and their labels, all seven in turn."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % len(LABELS)
    return np.stack([image(int(label), rng) for label in labels]), labels


def write_csv(
    path: Path, pictures: Images, labels: npt.NDArray[np.int64], usages: list[str]
) -> None:
    """Write the challenge's CSV form."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["emotion", "pixels", "Usage"])
        for picture, label, usage in zip(pictures, labels, usages, strict=True):
            pixels = " ".join(str(value) for value in picture.ravel())
            writer.writerow([CSV_LABELS.index(LABELS[label]), pixels, usage])


def write_folders(path: Path, pictures: Images, labels: npt.NDArray[np.int64], split: str) -> None:
    """Write the Kaggle form: split/label/number.png."""
    for number, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        folder = path / split / LABELS[label]
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / f"{number:04}.png"), picture)


def write_textures(path: Path, count: int, seed: int = 1) -> None:
    """Write pictures of nothing, 90×120, in which nobody is."""
    rng = np.random.default_rng(seed)
    path.mkdir()
    for number in range(count):
        noise = rng.uniform(0, 255, (6, 8)).astype(np.float32)
        picture = cv2.resize(noise, (120, 90), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(path / f"{number}.png"), np.clip(picture, 0, 255).astype(np.uint8))
