"""The end of the recipe: short runs from a long one's weights, and their mean."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from tests.training.conftest import TINY, TinyRun
from training.__main__ import main
from training.export import load_float
from training.finish import finish
from training.settings import Finish, Network
from training.source import DataError

SHORT = Finish(
    train=dataclasses.replace(
        TINY, network=Network(width=16), epochs=2, learning_rate=0.01, translated_share=0.2, seed=81
    )
)


def settings_of(run: Path) -> dict[str, object]:
    described: dict[str, object] = json.loads((run / "settings.json").read_text("utf-8"))
    return described


def kernel_of(run: Path) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    kernel: np.ndarray[tuple[int, int], np.dtype[np.float32]]
    kernel = load_float(run).get_layer("logits").get_weights()[0]
    return kernel


def test_the_ends_start_from_the_run_with_seeds_of_their_own(
    tiny_run: TinyRun, tmp_path: Path
) -> None:
    figures = finish(tiny_run.data, tiny_run.run, tmp_path / "end", SHORT)
    first, second = settings_of(tmp_path / "end-1"), settings_of(tmp_path / "end-2")
    assert (first["seed"], second["seed"]) == (81, 82)
    assert first["start_from"] == second["start_from"] == str(tiny_run.run / "averaged.weights.h5")
    assert first["network"] == settings_of(tiny_run.run)["network"]
    assert first["translated_share"] == 0.2
    one, other = kernel_of(tmp_path / "end-1"), kernel_of(tmp_path / "end-2")
    assert np.abs(one - other).max() > 0
    np.testing.assert_allclose(kernel_of(tmp_path / "end"), (one + other) / 2, atol=1e-6)
    history = json.loads((tmp_path / "end" / "history.json").read_text("utf-8"))
    assert [row["epoch"] for row in history] == list(range(1, TINY.epochs + 2 + 1))
    assert figures["accuracy"] > 0.9 * history[TINY.epochs - 1]["accuracy"]


def test_finished_ends_are_not_trained_again(tiny_run: TinyRun, tmp_path: Path) -> None:
    once = finish(tiny_run.data, tiny_run.run, tmp_path / "end", SHORT)
    trained_at = (tmp_path / "end-1" / "averaged.weights.h5").stat().st_mtime_ns
    assert finish(tiny_run.data, tiny_run.run, tmp_path / "end", SHORT) == once
    assert (tmp_path / "end-1" / "averaged.weights.h5").stat().st_mtime_ns == trained_at


def test_a_run_that_is_not_finished_has_no_end(
    tiny_run: TinyRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(DataError, match=r"nowhere.*no finished training here"):
        finish(tiny_run.data, tmp_path / "nowhere", tmp_path / "end", SHORT)
    assert main(["finish", "--runs", str(tmp_path), "--run", "nowhere"]) == 1
    assert "no finished training here" in capsys.readouterr().err
