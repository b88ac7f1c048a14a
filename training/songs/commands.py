"""`python -m training songs` and `evaluate-songs`."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from moodbox.sorting.features import FEATURES_ID
from moodbox.sorting.model import SCHEMA, load, packed
from moodbox.sorting.place import QUADRANTS
from training.songs.evaluate import Figures, confusion, figures, table_head, table_row
from training.songs.fit import FitSettings, Unseen, fit, unseen
from training.songs.source import read_songs

if TYPE_CHECKING:
    from moodbox.sorting.ear import OperatingPoint
    from training.songs.source import Songs

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "models" / "song-v1"
CACHE = ROOT / "runs" / "songs"
TRIED = {
    "shipped": FitSettings(),
    "every number alike": FitSettings(group_power=1, counts_more=()),
    "every group alike but for its size": FitSettings(counts_more=()),
    "whole songs alone": FitSettings(rows="songs", ridge=0.3),
}
"""The variants whose figures `evaluate-songs --tried` prints."""


def evaluate_songs(data: Path, *, tried: bool = False, cache: Path = CACHE) -> None:
    """Print the table by artist; with `tried`, of each variant."""
    songs = read_songs(data, cache)
    point = load(MODEL)[0].point
    print(f"{len(songs.names)} songs, {len(np.unique(songs.artist))} artists, ten folds by artist")
    print(table_head(), flush=True)
    for name, settings in TRIED.items() if tried else [("shipped", FitSettings())]:
        heard = unseen(songs, settings, settings.seeds[0])
        print(table_row(name, measured(songs, heard, point)), flush=True)
        if name == "shipped":
            table = confusion(heard.probability, songs.quadrant)
    print("\n" + table)


def measured(songs: Songs, heard: Unseen, point: OperatingPoint) -> Figures:
    """The figures of one run over the folds at the operating point that is shipped."""
    return figures(heard.probability, heard.distance, songs.quadrant, point.least_confidence)


def train_songs(data: Path, *, folder: Path = MODEL, cache: Path = CACHE) -> None:
    """Fit the ear and write its folder; the card beside it is written by hand."""
    songs = read_songs(data, cache)
    settings = FitSettings()
    heard = [unseen(songs, settings, seed) for seed in settings.seeds]
    weights, point = fit(songs, settings, heard)
    kept = packed(weights)
    runs = [measured(songs, run, point) for run in heard]
    manifest: dict[str, Any] = {
        "schema": SCHEMA,
        "name": "song-v1",
        "file": "song.npz",
        "sha256": hashlib.sha256(kept).hexdigest(),
        "features": FEATURES_ID,
        "labels": [str(mood) for mood in QUADRANTS],
        "operating_point": dataclasses.asdict(point),
        "data": {
            "name": "Panda, Malheiro & Paiva 2018 (730 of 900 clips)",
            "sha256": songs.sha256,
            "songs": len(songs.names),
            "artists": len(np.unique(songs.artist)),
        },
        "settings": dataclasses.asdict(settings),
        "git_revision": _revision(),
        "metrics_by_artist": [
            {"seed": seed}
            | {key: round(value, 4) for key, value in dataclasses.asdict(run).items()}
            for seed, run in zip(settings.seeds, runs, strict=True)
        ],
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "song.npz").write_bytes(kept)
    text = json.dumps(manifest, indent=2) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    load(folder)
    print(f"{folder}: {len(kept) / 1e6:.1f} MB")
    print(table_head())
    for seed, run in zip(settings.seeds, runs, strict=True):
        print(table_row(f"seed {seed}", run))


def _revision() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, capture_output=True, text=True
    )
    return done.stdout.strip() or "unknown"
