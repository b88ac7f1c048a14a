"""The shipped folder promises that file, manifest, predictions and card say the same."""

from __future__ import annotations

import hashlib
import json
from types import ModuleType

import numpy as np
import pytest

from moodbox.adapters.classifier import Classifier
from moodbox.adapters.interpreter import runtimes
from moodbox.core.seeing.preprocess import PREPROCESS_ID
from moodbox.core.seeing.reading import calibrate
from tests.support.data import FER2013, needs_fer2013
from training import card, prepare
from training.evaluate import PREDICTIONS, from_digits, portrait_steps, summary_of
from training.export import logits_of
from training.settings import ROOT, Prepare
from training.source import read

FOLDER = ROOT / "models" / "mood-v1"
MANIFEST = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
KEPT = json.loads((FOLDER / PREDICTIONS).read_text(encoding="utf-8"))

SAMPLE = 600
"""Test images that are labelled anew; all 6,043 take a minute on a slow machine."""


def test_file_manifest_and_predictions_are_of_one_another() -> None:
    digest = hashlib.sha256((FOLDER / MANIFEST["file"]).read_bytes()).hexdigest()
    assert MANIFEST["sha256"] == digest
    assert KEPT["sha256"] == digest


def test_the_manifests_figures_are_those_of_the_predictions() -> None:
    again, said = summary_of(KEPT), MANIFEST["metrics"]["int8"]
    for key in ("accuracy", "accuracy_clean", "macro_f1", "recall", "confusion"):
        assert said[key] == again[key]
    # Confidences are kept to a thousandth, which may move a row to the next bin.
    error = again["calibration_error_clean"]
    assert said["calibration_error_clean"] == pytest.approx(error, abs=0.003)


def test_the_card_shows_the_manifests_figures() -> None:
    assert card.figures(MANIFEST) in (FOLDER / "README.md").read_text(encoding="utf-8")


def test_the_shipped_model_keeps_its_promises() -> None:
    metrics = MANIFEST["metrics"]
    assert metrics["int8"]["accuracy"] >= 0.77
    assert metrics["int8"]["accuracy_clean"] >= 0.765
    assert metrics["int8"]["macro_f1"] >= 0.75
    assert min(metrics["int8"]["recall"].values()) >= 0.6
    assert metrics["int8"]["calibration_error_clean"] <= 0.03
    assert min(metrics["disturbed"].values()) >= metrics["disturbed"]["none"] - 0.03
    assert MANIFEST["reading"]["validation"]["coverage"]["60%"] >= 0.9
    assert metrics["int8"]["accuracy"] >= metrics["float"]["accuracy"] - 0.003
    assert (FOLDER / MANIFEST["file"]).stat().st_size <= 1_500_000
    assert len(KEPT["truth"]) == len(KEPT["predicted"]) == 6043
    assert from_digits(KEPT["clean"]).sum() == 5600
    assert MANIFEST["data"]["exact_copies_left_out"] == 547


def test_training_and_device_share_one_preprocessing() -> None:
    assert MANIFEST["preprocess"] == PREPROCESS_ID
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "training").glob("*.py")]
    assert any("from moodbox.core.seeing.preprocess import" in source for source in sources)
    assert not any("def standardise" in source or "def crop" in source for source in sources)


def test_every_figure_of_the_card_is_there_and_small() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    shown = [line.split("](")[1].rstrip(")") for line in text.splitlines() if line.startswith("![")]
    assert len(shown) >= 6
    for name in shown:
        assert 1_000 < (FOLDER / name).stat().st_size < 150_000


@pytest.mark.parametrize("runtime", runtimes(), ids=lambda module: module.__name__.split(".")[0])
def test_every_runtime_gives_the_kept_logits_to_one_step(runtime: ModuleType) -> None:
    steps = portrait_steps(Classifier(FOLDER, runtime))
    kept = np.array(KEPT["portrait_steps"])
    assert kept.shape == (36, 5)
    assert len(np.unique(kept)) > 20
    assert np.abs(steps - kept).max() <= 1


@needs_fer2013
@pytest.mark.parametrize("runtime", runtimes(), ids=lambda module: module.__name__.split(".")[0])
def test_every_runtime_predicts_what_is_kept(runtime: ModuleType) -> None:
    _, test, _ = prepare.split(read(FER2013), Prepare())
    chosen = np.random.default_rng(1).permutation(len(test["labels"]))[:SAMPLE]
    classifier = Classifier(FOLDER, runtime)
    chances = calibrate(logits_of(classifier, test["images"][chosen]), classifier.manifest.point)
    same = chances.argmax(axis=1) == from_digits(KEPT["predicted"])[chosen]
    assert same.mean() >= 0.99  # one of them kept it, the other rounds otherwise
    np.testing.assert_array_equal(test["labels"], from_digits(KEPT["truth"]))


@needs_fer2013
def test_nothing_leaks_from_test_to_training() -> None:
    """On the real data: the counts, and no copy across."""
    training, test, facts = prepare.split(read(FER2013), Prepare())
    for key in ("sha256", "training_rows", "exact_copies_left_out", "near_copies_left_out"):
        assert facts[key] == MANIFEST["data"][key]
    assert not np.isin(prepare.hashes(training["images"]), prepare.hashes(test["images"])).any()
    signs = prepare.signatures(training["images"]), prepare.signatures(test["images"])
    assert not prepare.near_any(*signs, Prepare().near_copy_correlation).any()
