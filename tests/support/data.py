"""Where the test data lies: pictures and videos of people, FER2013. Used, never committed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DATA = Path(
    os.environ.get("MOODBOX_TEST_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data"
)
"""`../shared/data` beside the checkout; the environment's MOODBOX_TEST_DATA names another."""

SCENES = DATA / "scenes"
FACES = SCENES / "faces"
NO_FACE = SCENES / "noface"
VIDEO = SCENES / "video"
FER2013 = DATA / "fer2013" / "fer2013.csv.gz"

_WHY = f"the test data is not at {DATA}; MOODBOX_TEST_DATA can name its folder"

needs_scenes = pytest.mark.skipif(not SCENES.is_dir(), reason=_WHY)
"""Marks a test that looks at the real pictures and videos."""

needs_fer2013 = pytest.mark.skipif(not FER2013.is_file(), reason=_WHY)
"""Marks a test that reads the FER2013 data set."""


def pictures(folder: Path) -> list[Path]:
    """The picture files of a folder in name order; empty where the data is absent."""
    return sorted(path for path in folder.glob("*") if path.suffix in {".jpg", ".png"})
