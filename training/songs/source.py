"""Labelled songs: a folder with songs.csv and the clips, and their features, measured once."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from moodbox.sorting.decoding import Decoder, UnheardError
from moodbox.sorting.features import FEATURES_ID, Array, features

QUADRANT_ORDER = ("Q1", "Q2", "Q3", "Q4")
"""As moodbox.sorting.place.QUADRANTS."""


class SongDataError(ValueError):
    """The folder does not hold what is needed; the message says what and where."""


@dataclass(frozen=True)
class Songs:
    """Songs with what was measured of them, all arrays in one order."""

    names: tuple[str, ...]
    quadrant: npt.NDArray[np.int64]
    """(N,) index into QUADRANT_ORDER."""
    artist: npt.NDArray[np.str_]
    """(N,); no artist may be on both sides of a split."""
    pieces: Array
    """(N, 3, F): the features of each song's three pieces."""
    sha256: str
    """Of songs.csv: which data this was."""

    @property
    def whole(self) -> Array:
        """(N, F): each song as the device hears it, the mean of its pieces."""
        result: Array = self.pieces.mean(1)
        return result


def read_songs(data: Path, cache: Path) -> Songs:
    """The songs of a folder; features that were measured before are taken from `cache`.

    Raises SongDataError.
    """
    table = data / "songs.csv"
    if not table.is_file():
        raise SongDataError(f"{table} is not there: give --data the folder with the songs.")
    text = table.read_bytes()
    rows = list(csv.DictReader(text.decode("utf-8").splitlines()))
    digest = hashlib.sha256(text).hexdigest()
    return Songs(
        tuple(row["song"] for row in rows),
        np.array([QUADRANT_ORDER.index(row["quadrant"]) for row in rows]),
        np.array([row["artist"] for row in rows]),
        _measured(data, rows, cache / f"{FEATURES_ID}-{digest[:12]}.npy"),
        digest,
    )


def _measured(data: Path, rows: list[dict[str, str]], cache: Path) -> Array:
    if cache.is_file():
        kept: Array = np.load(cache)
        return kept
    decoder = Decoder()
    measured = []
    for number, row in enumerate(rows):
        path = data / "clips" / row["quadrant"] / f"{row['song']}.opus"
        try:
            heard = [features(piece) for piece in decoder.pieces(path)]
        except UnheardError as error:
            raise SongDataError(str(error)) from error
        # A clip that is shorter than three pieces has fewer: its last one counts twice.
        measured.append([heard[min(n, len(heard) - 1)] for n in range(3)])
        if number % 50 == 49:
            print(f"{number + 1} of {len(rows)} songs measured", flush=True)
    result = np.array(measured, np.float32)
    cache.parent.mkdir(parents=True, exist_ok=True)
    np.save(cache, result)
    return result


def folds_by_artist(artist: npt.NDArray[np.str_], count: int, seed: int) -> npt.NDArray[np.int64]:
    """Which of `count` folds each song (N,) belongs to; all songs of an artist to the same."""
    artists = np.unique(artist)
    order = np.random.default_rng(seed).permutation(len(artists))
    fold_of = dict(zip(artists[order], np.arange(len(artists)) % count, strict=True))
    return np.array([fold_of[name] for name in artist])
