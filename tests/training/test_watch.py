"""Watching other networks, and the mean of several runs: what the student is told and gives."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from moodbox.adapters.classifier import Classifier
from moodbox.core.seeing.preprocess import standardise
from tests.training.conftest import TINY, TinyRun
from training.__main__ import main
from training.average import average
from training.export import load_float
from training.settings import ROOT, Network
from training.source import DataError
from training.targets import load
from training.train import make_batch, predict, train
from training.watch import Watched


def test_a_watched_network_answers_the_very_image_that_the_student_sees(tiny_run: TinyRun) -> None:
    settings = dataclasses.replace(TINY, watched=str(tiny_run.run), watched_share=0.25)
    table, _ = load(tiny_run.data / "train.npz", settings)
    inputs, targets, _ = make_batch(table, settings, 0, 0)
    logits = np.asarray(load_float(tiny_run.run).predict_on_batch(inputs))
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    blended = Watched(settings, table.images).blend(inputs, targets)
    np.testing.assert_allclose(blended, 0.75 * targets + 0.25 * chances, atol=1e-5)
    varied, _, _ = make_batch(table, settings, 1, 0)
    assert not np.allclose(Watched(settings, table.images).blend(varied, targets), blended)


def test_a_student_of_another_shape_may_watch_the_shipped_file(tiny_data: Path) -> None:
    file = ROOT / "models" / "mood-v1" / "mood.tflite"
    settings = dataclasses.replace(TINY, watched=str(file), watched_share=1.0)
    table, _ = load(tiny_data / "train.npz", settings)
    images, targets = table.images[:64], table.targets[:64]
    classifier = Classifier(file.parent)
    said = [classifier.logits(image).argmax() for image in images]
    watched = Watched(settings, table.images).blend(standardise(images)[..., None], targets)
    assert (watched.argmax(axis=1) == said).mean() > 0.7  # one look against the device's two


def test_a_student_that_only_watches_learns_what_the_watched_know(
    tiny_run: TinyRun, tmp_path: Path
) -> None:
    settings = dataclasses.replace(TINY, watched=str(tiny_run.run), watched_share=1.0, seed=5)
    figures = train(tiny_run.data, tmp_path / "student", settings)
    assert figures["accuracy"] > 0.5


def test_without_a_watched_network_targets_stay_as_they_are(tiny_data: Path) -> None:
    table, _ = load(tiny_data / "train.npz", TINY)
    inputs, targets, _ = make_batch(table, TINY, 0, 0)
    np.testing.assert_array_equal(Watched(TINY, table.images).blend(inputs, targets), targets)


def test_a_watched_network_that_is_not_there_is_told(tiny_data: Path, tmp_path: Path) -> None:
    settings = dataclasses.replace(TINY, watched=str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match=r"nowhere.*no finished training here"):
        train(tiny_data, tmp_path / "student", settings)


def test_the_mean_of_a_run_with_itself_is_that_run(tiny_run: TinyRun, tmp_path: Path) -> None:
    twin = Path(shutil.copytree(tiny_run.run, tmp_path / "twin"))
    average(tiny_run.data, [tiny_run.run, twin], tmp_path / "mean", TINY)
    _, held_out = load(tiny_run.data / "train.npz", TINY)
    mean = predict(load_float(tmp_path / "mean"), held_out.images)
    one = predict(load_float(tiny_run.run), held_out.images)
    np.testing.assert_allclose(mean, one, atol=0.05)
    settings = json.loads((tmp_path / "mean" / "settings.json").read_text("utf-8"))
    assert settings["mean_of"] == ["run", "twin"]


def test_the_mean_lies_between_two_runs(tiny_run: TinyRun, tmp_path: Path) -> None:
    train(tiny_run.data, tmp_path / "other", dataclasses.replace(TINY, seed=8, epochs=1))
    average(tiny_run.data, [tiny_run.run, tmp_path / "other"], tmp_path / "mean", TINY)
    kernels = [
        load_float(run).get_layer("logits").get_weights()[0]
        for run in (tiny_run.run, tmp_path / "other", tmp_path / "mean")
    ]
    np.testing.assert_allclose(kernels[2], (kernels[0] + kernels[1]) / 2, atol=1e-6)


def test_runs_of_different_networks_have_no_mean(tiny_run: TinyRun, tmp_path: Path) -> None:
    other = dataclasses.replace(TINY, epochs=1, network=Network(kind="residual", width=4))
    train(tiny_run.data, tmp_path / "other", other)
    with pytest.raises(ValueError, match="different networks"):
        average(tiny_run.data, [tiny_run.run, tmp_path / "other"], tmp_path / "mean", TINY)


def test_a_mean_of_one_run_or_of_a_missing_one_is_told(
    tiny_run: TinyRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["average", "--runs", str(tmp_path), "--run", "mean", "--of", "a"]) == 1
    assert "--of RUN,RUN" in capsys.readouterr().err
    with pytest.raises(DataError, match="no finished training here"):
        average(tiny_run.data, [tiny_run.run, tmp_path / "nowhere"], tmp_path / "mean", TINY)
