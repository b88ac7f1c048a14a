"""Reads FER2013 in either form that people download: the challenge's CSV or the Kaggle folders."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import cv2
import numpy as np
import numpy.typing as npt

from moodbox.core.mood import Mood
from moodbox.core.seeing.preprocess import SIDE_PX

EXTRA = ("disgust", "fear")
"""Labels of FER2013 that are no mood of the box; codes 5 and 6 here, after the five moods."""

LABELS: tuple[str, ...] = (*Mood, *EXTRA)

CSV_LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""What the numbers of the CSV's column `emotion` mean."""

FOLDER_LABELS = {
    **{label: label for label in LABELS},
    "anger": "angry",
    "happiness": "happy",
    "sadness": "sad",
    "surprised": "surprise",
}

VOTES = (
    "neutral", "happiness", "surprise", "sadness", "anger",
    "disgust", "fear", "contempt", "unknown", "NF",
)  # fmt: skip
"""Columns of FER+."""

MOST_FAULTS = 5
"""Bad rows that an error message lists."""


Parsed = tuple[int, npt.NDArray[np.uint8], str]
"""Label, image and usage of one row."""


class DataError(ValueError):
    """The data cannot be used; the message says where and what to do."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one data set in their own order."""

    images: npt.NDArray[np.uint8]
    """(N, 48, 48)."""
    labels: npt.NDArray[np.int64]
    """(N,) indices into `LABELS`."""
    is_test: npt.NDArray[np.bool_]
    """(N,) PublicTest and PrivateTest, or the folder `test`."""
    votes: npt.NDArray[np.int64] | None
    """(N, 10) FER+ votes in the order of `VOTES`; None where there are none."""
    name: str
    file: Path
    """The CSV, or the folder."""


def read(path: Path) -> Rows:
    """Read FER2013 from a CSV, or from a folder that holds the CSV or `train/` and `test/`.

    Raises DataError for missing data, wrong columns and short or unreadable rows.
    """
    if path.is_file():
        return _read_csv(path)
    if not path.is_dir():
        raise DataError(
            f"{path}: there is nothing here. Pass the folder or the file of FER2013: "
            "fer2013.csv (or .csv.gz), or the folder that holds train/ and test/."
        )
    for name in ("fer2013.csv.gz", "fer2013.csv", "icml_face_data.csv"):
        if (path / name).is_file():
            return _read_csv(path / name)
    if (path / "train").is_dir() and (path / "test").is_dir():
        return _read_folders(path)
    raise DataError(f"{path}: holds neither fer2013.csv(.gz) nor the folders train/ and test/.")


def _read_csv(path: Path) -> Rows:
    try:
        # Opened as bytes either way: one decoder, and its errors are caught below.
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as binary:
            text = io.TextIOWrapper(cast("IO[bytes]", binary), encoding="utf-8", newline="")
            parsed, faults = _parse_all(path, csv.reader(text))
    except (OSError, EOFError, UnicodeDecodeError, zlib.error, csv.Error) as error:
        raise DataError(f"{path}: cannot be read: {error}. Fetch it again.") from error
    if faults or not parsed:
        raise DataError(f"{path}: not the FER2013 table:\n{_listed(faults, 'it holds no rows')}")
    labels, images, usages = zip(*parsed, strict=True)
    votes_path = path.parent / "ferplus.csv"
    votes = _read_votes(votes_path, len(images)) if votes_path.is_file() else None
    is_test = np.array(usages) != "Training"
    return Rows(np.stack(images), np.array(labels), is_test, votes, "FER2013 (CSV)", path)


def _listed(faults: list[str], otherwise: str) -> str:
    return "\n".join(f"  - {fault}" for fault in faults[:MOST_FAULTS] or [otherwise])


def _parse_all(path: Path, rows: Any) -> tuple[list[Parsed], list[str]]:
    """All rows of a CSV reader, and the first faults; stops at `MOST_FAULTS`."""
    header = [name.strip().lower() for name in next(rows, [])]
    missing = {"emotion", "pixels", "usage"} - set(header)
    if missing:
        raise DataError(
            f"{path}: the first line must name the columns emotion, pixels and Usage; "
            f"missing: {', '.join(sorted(missing))}."
        )
    at = {name: header.index(name) for name in ("emotion", "pixels", "usage")}
    parsed, faults = [], []
    for row in rows:
        try:
            parsed.append(_parse(row, at))
        except (ValueError, OverflowError) as error:
            faults.append(f"line {rows.line_num}: {error}")
            if len(faults) == MOST_FAULTS:
                break
    return parsed, faults


def _parse(row: list[str], at: dict[str, int]) -> Parsed:
    """Label, image and usage of one CSV row; ValueError says what is wrong with it."""
    if len(row) <= max(at.values()):
        raise ValueError(f"{len(row)} fields, expected {max(at.values()) + 1}")
    emotion = row[at["emotion"]].strip()
    if not emotion.isdigit() or int(emotion) >= len(CSV_LABELS):
        raise ValueError(f"emotion is {emotion!r}, it must be 0–6")
    words = row[at["pixels"]].split()
    if len(words) != SIDE_PX**2:
        raise ValueError(f"{len(words)} pixels, not {SIDE_PX}×{SIDE_PX} = {SIDE_PX**2}")
    usage = row[at["usage"]].strip()
    if usage not in {"Training", "PublicTest", "PrivateTest"}:
        raise ValueError(f"Usage is {usage!r}, it must be Training, PublicTest or PrivateTest")
    values = np.array(words, np.int64)
    if values.min() < 0 or values.max() > 255:
        raise ValueError("a pixel is outside 0–255")
    image: npt.NDArray[np.uint8] = values.astype(np.uint8).reshape(SIDE_PX, SIDE_PX)
    return LABELS.index(CSV_LABELS[int(emotion)]), image, usage


def _read_votes(path: Path, rows: int) -> npt.NDArray[np.int64]:
    """FER+ votes (N, 10), which must match the CSV row by row."""
    with path.open(encoding="utf-8", newline="") as text:
        table = list(csv.DictReader(text))
    try:
        votes = np.array([[int(row[name]) for name in VOTES] for row in table], np.int64)
    except (KeyError, ValueError, TypeError) as error:
        raise DataError(f"{path}: not the FER+ table: {error!r} is missing or odd.") from error
    if len(votes) != rows:
        raise DataError(
            f"{path}: {len(votes)} rows for {rows} images; they belong together row by row."
        )
    return votes


def _read_folders(path: Path) -> Rows:
    images, labels, is_test, faults = [], [], [], []
    for split in ("train", "test"):
        for folder in sorted(p for p in (path / split).iterdir() if p.is_dir()):
            label = FOLDER_LABELS.get(folder.name.lower())
            if label is None:
                raise DataError(f"{folder}: no such label; expected {', '.join(LABELS)}.")
            for file in sorted(folder.iterdir()):
                if file.suffix.lower() not in {".jpg", ".jpeg", ".png"}:
                    continue
                raw = np.frombuffer(file.read_bytes(), np.uint8)
                image = cv2.imdecode(raw, cv2.IMREAD_GRAYSCALE) if raw.size else None
                if image is None or image.shape != (SIDE_PX, SIDE_PX):
                    got = "no picture" if image is None else f"{image.shape[1]}×{image.shape[0]}"
                    faults.append(f"{file}: {got}, expected {SIDE_PX}×{SIDE_PX}")
                    continue
                images.append(image.astype(np.uint8))
                labels.append(LABELS.index(label))
                is_test.append(split == "test")
    if faults or not images:
        raise DataError(f"{path}: not the FER2013 folders:\n{_listed(faults, 'no pictures')}")
    return Rows(
        np.stack(images), np.array(labels), np.array(is_test), None, "FER2013 (folders)", path
    )
