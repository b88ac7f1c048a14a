"""The exported file promises to be what was trained: same labels, full int8, the device's own."""

from __future__ import annotations

import json

import numpy as np
import pytest

from moodbox.adapters.classifier import Classifier
from moodbox.adapters.interpreter import make_interpreter
from moodbox.core.mood import Mood
from moodbox.core.seeing.preprocess import standardise
from tests.training.conftest import TinyRun
from training.disturb import load_test, robustness
from training.evaluate import (
    evaluate,
    float_accuracy,
    summary_of,
    write_figures,
)


@pytest.fixture(scope="module")
def classifier(tiny_run: TinyRun) -> Classifier:
    return Classifier(tiny_run.model)


def test_the_int8_file_gives_the_float_networks_labels(
    tiny_run: TinyRun, classifier: Classifier
) -> None:
    from training.export import load_float

    test = load_test(tiny_run.data / "test.npz")
    model = load_float(tiny_run.run)
    both = [
        model.predict_on_batch(standardise(seen)[..., None])
        for seen in (test.images, test.images[:, :, ::-1])
    ]
    expected = np.mean([np.asarray(part) for part in both], axis=0)
    logits = np.stack([classifier.logits(image) for image in test.images])
    same = logits.argmax(axis=1) == expected.argmax(axis=1)
    assert same.mean() > 0.97
    # Where the float network is not torn between two moods no label may differ.
    ordered = np.sort(expected, axis=1)
    clear = ordered[:, -1] - ordered[:, -2] > 0.3
    assert clear.any()
    assert same[clear].all()


def test_every_tensor_that_carries_pictures_is_int8(tiny_run: TinyRun) -> None:
    interpreter = make_interpreter(tiny_run.model / "mood.tflite")
    kinds = {detail["dtype"] for detail in interpreter.get_tensor_details()}
    assert np.float32 not in kinds
    (output,) = interpreter.get_output_details()
    assert output["dtype"] is np.int8
    assert output["shape"].tolist() == [1, 5]


def test_the_manifest_holds_what_the_device_and_the_reader_need(tiny_run: TinyRun) -> None:
    manifest = json.loads((tiny_run.model / "manifest.json").read_text())
    assert manifest["labels"] == list(Mood)
    assert manifest["data"]["exact_copies_left_out"] == 0
    assert manifest["data"]["rows_of_test_split"] == 100
    assert len(manifest["data"]["sha256"]) == 64
    assert manifest["training"]["epochs"] == tiny_run.settings.epochs
    assert 0 < manifest["reading"]["least_confidence"] <= 1
    assert manifest["reading"]["least_confidence"] <= manifest["reading"]["sure_confidence"] <= 1


def test_kept_figures_are_those_of_the_kept_predictions(
    tiny_run: TinyRun, classifier: Classifier
) -> None:
    test = load_test(tiny_run.data / "test.npz")
    figures, predictions = evaluate(classifier, test)
    write_figures(tiny_run.model, {"test_split": "made up", "int8": figures}, predictions)
    kept = json.loads((tiny_run.model / "predictions.json").read_text())
    again = summary_of(kept)
    assert again["accuracy"] == figures["accuracy"]
    assert again["recall"] == figures["recall"]
    assert Classifier(tiny_run.model).manifest.sha256 == kept["sha256"]
    assert figures["accuracy"] > 0.5
    floats = float_accuracy(tiny_run.run / "float.tflite", classifier, test)
    assert floats["accuracy"] == pytest.approx(figures["accuracy"], abs=0.03)


def test_predictions_of_another_file_are_refused(tiny_run: TinyRun, classifier: Classifier) -> None:
    test = load_test(tiny_run.data / "test.npz")
    figures, predictions = evaluate(classifier, test)
    with pytest.raises(ValueError, match="another file"):
        write_figures(tiny_run.model, {"int8": figures}, {**predictions, "sha256": "0" * 64})


def test_the_table_of_disturbances_has_its_rows(tiny_run: TinyRun, classifier: Classifier) -> None:
    table = robustness(classifier, load_test(tiny_run.data / "test.npz"))
    assert len(table) == 11
    assert table["brightness × 0.5"] == pytest.approx(table["none"], abs=0.1)
