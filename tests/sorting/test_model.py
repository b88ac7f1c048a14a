"""A song model's folder: what is packed is what is heard with, and what does not fit is refused."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from moodbox.compose import shipped_models
from moodbox.sorting.ear import Ear
from moodbox.sorting.features import GROUPS
from moodbox.sorting.model import SongModelError, load, packed
from training.songs.fit import FitSettings, fit, unseen
from training.songs.source import Songs, folds_by_artist

SHIPPED = shipped_models() / "song-v1"
SIZE = sum(size for _, size in GROUPS)
SETTINGS = FitSettings(folds=4, components=10)


def made_up(count: int = 80) -> Songs:
    """Songs whose quadrant shows in their numbers, two by each artist."""
    rng = np.random.default_rng(1)
    quadrant = np.arange(count) % 4
    center = rng.standard_normal((4, SIZE))
    pieces = 9 + center[quadrant][:, None] + 2 * rng.standard_normal((count, 3, SIZE))
    artist = np.array([str(number // 2) for number in range(count)])
    names = tuple(map(str, range(count)))
    return Songs(names, quadrant, artist, pieces.astype(np.float32), "0" * 64)


def test_no_artist_is_on_both_sides_of_a_split() -> None:
    artist = np.array(["a", "b", "a", "c", "d", "b", "e"])
    fold = folds_by_artist(artist, 3, seed=1)
    for name in set(artist):
        assert len(set(fold[artist == name])) == 1
    assert (folds_by_artist(artist, 3, seed=1) == fold).all()


def test_what_is_packed_hears_what_was_fitted(tmp_path: Path) -> None:
    songs = made_up()
    heard = unseen(songs, SETTINGS, seed=0)
    assert (heard.probability.argmax(1) == songs.quadrant).mean() > 0.8
    weights, point = fit(songs, SETTINGS, [heard])
    ear = Ear(weights, point)
    shutil.copytree(SHIPPED, tmp_path / "model")
    data = packed(weights)
    (tmp_path / "model" / "song.npz").write_bytes(data)
    manifest = json.loads((SHIPPED / "manifest.json").read_text(encoding="utf-8"))
    manifest["sha256"] = hashlib.sha256(data).hexdigest()
    manifest["operating_point"] = dataclasses.asdict(point)
    (tmp_path / "model" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    restored, name = load(tmp_path / "model")
    assert name == f"song-v1-{manifest['sha256'][:12]}"
    for numbers in songs.whole[:8]:
        one, other = ear.place(numbers), restored.place(numbers)
        assert one.place.probability == pytest.approx(other.place.probability, abs=0.02)
        assert one.place.distance == pytest.approx(other.place.distance, abs=0.02)


@pytest.mark.parametrize(
    ("key", "value"), [("schema", 9), ("features", "other"), ("labels", []), ("sha256", "0")]
)
def test_a_folder_that_does_not_fit_is_refused(tmp_path: Path, key: str, value: object) -> None:
    shutil.copytree(SHIPPED, tmp_path / "model")
    file = tmp_path / "model" / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8")) | {key: value}
    file.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(SongModelError, match=f"its {key} is"):
        load(tmp_path / "model")


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(SongModelError, match="Install Moodbox again"):
        load(tmp_path)
