"""A song model's folder: weights, manifest and card; refused where they do not fit together."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from moodbox.sorting.ear import Ear, OperatingPoint, Weights
from moodbox.sorting.features import FEATURES_ID
from moodbox.sorting.place import QUADRANTS

SCHEMA = 1
IN_STEPS = ("rows",)
"""Kept as int8, in steps of 1/STEPS."""
STEPS = 31.75
"""So that int8 reaches four deviations."""


class SongModelError(Exception):
    """The folder cannot be used; the message says why and what to do."""


def load(folder: Path) -> tuple[Ear, str]:
    """The ear of a model folder, and its name with the weights' checksum.

    Raises SongModelError where the folder is not there, damaged, or made for other features.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        data = (folder / manifest["file"]).read_bytes()
        _check(manifest, data)
        point = OperatingPoint(**manifest["operating_point"])
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            weights = Weights(
                **{entry.name: _restored(entry.name, arrays) for entry in fields(Weights)}
            )
    except OSError as error:
        raise SongModelError(
            f"{folder}: the song model cannot be read: {error.strerror}. Install Moodbox again."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise SongModelError(
            f"{folder}: the song model cannot be used: {error}. Install Moodbox again."
        ) from error
    return Ear(weights, point), f"{manifest['name']}-{manifest['sha256'][:12]}"


def _check(manifest: dict[str, Any], data: bytes) -> None:
    wanted = {
        "schema": SCHEMA,
        "features": FEATURES_ID,
        "labels": [str(mood) for mood in QUADRANTS],
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    for key, value in wanted.items():
        if manifest[key] != value:
            raise ValueError(f"its {key} is {manifest[key]!r}, not {value!r}")


def _restored(name: str, arrays: Any) -> Any:
    array = arrays[name].astype(np.float32)
    return array / np.float32(STEPS) if name in IN_STEPS else array


def packed(weights: Weights) -> bytes:
    """The file of a model: what `load` reads, float16 but for the rows, which are int8."""
    stored = {
        entry.name: (
            np.rint(getattr(weights, entry.name) * STEPS).astype(np.int8)
            if entry.name in IN_STEPS
            else getattr(weights, entry.name).astype(
                np.float32 if entry.name in ("mean", "deviation", "emphasis") else np.float16
            )
        )
        for entry in fields(Weights)
    }
    out = io.BytesIO()
    np.savez(out, **stored)
    return out.getvalue()
