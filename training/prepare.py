"""Splits FER2013 into a training file and a test file between which nothing leaks.

Training images that are copies or near-copies of a test image are left out; validation is chosen by
groups of near-copies. The training file holds no test row, and training opens no other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from moodbox.adapters.pictures import read_gray
from moodbox.core.mood import BBox, Mood
from moodbox.core.seeing.preprocess import SIDE_PX, crop
from training.settings import Prepare
from training.source import DataError, Rows, read
from training.targets import NO_FACES

KNOWN_TRAINING, KNOWN_TEST = 24_176, 6_043
"""Five-class rows of the whole FER2013, and the paper's."""

CHUNK = 2_048

Floats = npt.NDArray[np.float32]


def hashes(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.str_]:
    """SHA-256 of the pixels of each image (N, 48, 48)."""
    return np.array([hashlib.sha256(image.tobytes()).hexdigest() for image in images])


def signatures(images: npt.NDArray[np.uint8]) -> Floats:
    """12×12 block means of each image, centred and of unit length: (N, 144).

    The product of two is their correlation; a constant image is all zeros and like nothing.
    """
    blocks = images.reshape(len(images), 12, 4, 12, 4).mean(axis=(2, 4)).reshape(len(images), 144)
    centred = blocks - blocks.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(centred, axis=1, keepdims=True)
    result: Floats = (centred / np.where(norms < 1e-3, np.inf, norms)).astype(np.float32)
    return result


def near_pairs(
    first: Floats, second: Floats, correlation: float
) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """Index pairs, in chunks, of signatures that correlate above `correlation`."""
    for start in range(0, len(first), CHUNK):
        rows, columns = np.nonzero(first[start : start + CHUNK] @ second.T > correlation)
        yield rows + start, columns


def near_any(first: Floats, second: Floats, correlation: float) -> npt.NDArray[np.bool_]:
    """Which of `first` are near-copies of any of `second`."""
    found = np.zeros(len(first), np.bool_)
    for rows, _ in near_pairs(first, second, correlation):
        found[rows] = True
    return found


def groups(signs: Floats, correlation: float) -> npt.NDArray[np.intp]:
    """Number each signature by its group of near-copies (linked pairs), (N,)."""
    parent = np.arange(len(signs))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = int(parent[index])
        return index

    for rows, columns in near_pairs(signs, signs, correlation):
        for row, column in zip(rows[rows < columns], columns[rows < columns], strict=True):
            parent[root(int(row))] = root(int(column))
    return np.array([root(index) for index in range(len(signs))])


def choose_validation(
    group: npt.NDArray[np.intp], share: float, seed: int
) -> npt.NDArray[np.bool_]:
    """Choose whole groups until they hold `share` of the rows; (N,) bool."""
    names = np.unique(group)
    order = np.random.default_rng(seed).permutation(names)
    sizes = np.bincount(group, minlength=len(group))[order]
    chosen = order[np.cumsum(sizes) <= share * len(group)]
    return np.isin(group, chosen)


def split(rows: Rows, settings: Prepare) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Training arrays, test arrays and the facts of the data, from all rows."""
    five = rows.labels < len(Mood)
    test, train = np.flatnonzero(rows.is_test & five), np.flatnonzero(~rows.is_test)
    prints, signs = hashes(rows.images), signatures(rows.images)
    # Copies of any test image go, of the two labels that are no mood too: it costs nothing.
    every = np.flatnonzero(rows.is_test)
    exact = np.isin(prints[train], prints[every])
    near = near_any(signs[train], signs[every], settings.near_copy_correlation) & ~exact
    constant = rows.images[train].min(axis=(1, 2)) == rows.images[train].max(axis=(1, 2))
    kept = train[~(exact | near | constant)]
    group = groups(signs[kept], settings.near_copy_correlation)
    validation = choose_validation(group, settings.validation_share, settings.seed)
    mood = rows.labels[train] < len(Mood)
    facts = {
        "name": rows.name,
        "sha256": _source_hash(rows),
        "rows_of_training_split": int(mood.sum()),
        "rows_of_test_split": len(test),
        "exact_copies_left_out": int((exact & mood).sum()),
        "near_copies_left_out": int((near & mood).sum()),
        "constant_images_left_out": int((constant & ~exact & ~near & mood).sum()),
        "training_rows": int((five[kept] & ~validation).sum()),
        "validation_rows": int((five[kept] & validation).sum()),
        "clean_test_rows": int((~np.isin(prints[test], prints[train])).sum()),
        "settings": asdict(settings),
    }
    training = {"group": group, "validation": validation, **_columns(rows, kept)}
    clean = ~np.isin(prints[test], prints[train])
    return training, {"clean": clean, **_columns(rows, test)}, facts


def _columns(rows: Rows, chosen: npt.NDArray[np.intp]) -> dict[str, Any]:
    columns = {"images": rows.images[chosen], "labels": rows.labels[chosen], "row": chosen}
    return columns if rows.votes is None else {**columns, "votes": rows.votes[chosen]}


def _source_hash(rows: Rows) -> str:
    """SHA-256 of the CSV; of the images in reading order where it is a folder."""
    if rows.file.is_file():
        with rows.file.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    return hashlib.sha256(rows.images.tobytes() + rows.labels.tobytes()).hexdigest()


def cut_patches(folder: Path, settings: Prepare) -> dict[str, Any]:
    """Cut square patches of every size from the pictures of `folder`, which show no people.

    `patches` (M, 48, 48); `held` (M,) are those of every third picture, which no training sees;
    `pictures`, how many there were. Raises DataError where there are none.
    """
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in {".jpg", ".jpeg", ".png"})
    if not paths:
        raise DataError(f"{folder}: holds no pictures. --no-faces is a folder of some.")
    rng = np.random.default_rng(settings.seed)
    patches, held = [], []
    for number, path in enumerate(paths):
        gray = read_gray(path)
        for _ in range(settings.patches // len(paths)):
            side_px = round(
                float(np.exp(rng.uniform(np.log(SIDE_PX / 2), np.log(min(gray.shape)))))
            )
            top, left = (rng.integers(0, size - side_px + 1) for size in gray.shape)
            patches.append(crop(gray, BBox(int(left), int(top), side_px, side_px)))
            held.append(number % 3 == 2)
    return {"patches": np.stack(patches), "held": np.array(held), "pictures": len(paths)}


def prepare(
    data: Path, out: Path, settings: Prepare, no_faces: Path | None = None
) -> dict[str, Any]:
    """Write `train.npz`, `test.npz` and `data.json` under `out`; return the facts.

    `no_faces` is a folder of pictures without people, for what is no face; without it textures of
    our own must do. Raises DataError where the data cannot be used.
    """
    rows = read(data)
    training, test, facts = split(rows, settings)
    out.mkdir(parents=True, exist_ok=True)
    (out / NO_FACES).unlink(missing_ok=True)
    facts["pictures_without_people"] = 0
    if no_faces is not None:
        columns = cut_patches(no_faces, settings)
        facts["pictures_without_people"] = columns["pictures"]
        np.savez(out / NO_FACES, **columns)
    for name, columns in (("train", training), ("test", test)):
        np.savez(out / f"{name}.npz", **columns)
        digest = hashlib.sha256((out / f"{name}.npz").read_bytes()).hexdigest()
        facts[f"{name}_file_sha256"] = digest
    (out / "data.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return facts


def describe(facts: dict[str, Any]) -> str:
    """The facts as lines for a person, with a warning where the counts are not FER2013's own."""
    lines = [
        f"{key.replace('_', ' ')}: {value}" for key, value in facts.items() if key != "settings"
    ]
    found = facts["rows_of_training_split"], facts["rows_of_test_split"]
    if found != (KNOWN_TRAINING, KNOWN_TEST):
        lines.append(
            f"warning: the whole FER2013 has {KNOWN_TRAINING} training and {KNOWN_TEST} test rows "
            f"of the five moods, this data {found[0]} and {found[1]}: figures will not compare"
        )
    return "\n".join(lines)
