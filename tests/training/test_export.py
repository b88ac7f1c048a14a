"""The exported file promises to be what was trained: same labels, full int8, the device's own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from moodbox.adapters.classifier import Classifier, ModelError
from moodbox.adapters.interpreter import make_interpreter
from moodbox.core.mood import Mood
from moodbox.core.seeing.preprocess import standardise
from moodbox.core.seeing.reading import unreadable_chance
from tests.training.conftest import TinyRun
from training.evaluate import evaluate, float_accuracy, summary_of, write_figures
from training.robustness import elsewhere, load_test, refusals, robustness
from training.source import DataError
from training.targets import patches


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
    logits = np.stack([classifier.outputs(image) for image in test.images])
    same = logits.argmax(axis=1) == expected.argmax(axis=1)
    assert same.mean() > 0.97
    # Where the float network is not torn between two moods no label may differ.
    ordered = np.sort(expected, axis=1)
    clear = ordered[:, -1] - ordered[:, -2] > 0.3
    assert clear.any()
    assert same[clear].all()


def test_the_device_refuses_what_the_sixth_output_calls_unreadable(
    tiny_run: TinyRun, classifier: Classifier
) -> None:
    image = load_test(tiny_run.data / "test.npz").images[0]
    outputs = classifier.outputs(image)
    said = classifier.predict_crop(image)
    limit = classifier.manifest.unreadable_from
    assert limit is not None
    assert said.readable == (unreadable_chance(outputs) < limit)
    assert said.scores == classifier.score_crop(image)
    np.testing.assert_array_equal(outputs[:5], classifier.logits(image))


@pytest.mark.parametrize("limit", [None, 0, "often", True])
def test_a_sixth_output_without_a_cutoff_is_refused(
    tiny_run: TinyRun, tmp_path: Path, limit: object
) -> None:
    folder = Path(shutil.copytree(tiny_run.model, tmp_path / "model"))
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "unreadable_from": limit}))
    with pytest.raises(ModelError, match="unreadable_from is"):
        Classifier(folder)


def test_every_tensor_that_carries_pictures_is_int8(tiny_run: TinyRun) -> None:
    interpreter = make_interpreter(tiny_run.model / "mood.tflite")
    kinds = {detail["dtype"] for detail in interpreter.get_tensor_details()}
    assert np.float32 not in kinds
    (output,) = interpreter.get_output_details()
    assert output["dtype"] is np.int8
    assert output["shape"].tolist() == [1, 6]


def test_the_manifest_holds_what_the_device_and_the_reader_need(tiny_run: TinyRun) -> None:
    manifest = json.loads((tiny_run.model / "manifest.json").read_text())
    assert manifest["labels"] == [*Mood, "unreadable"]
    assert 0 < manifest["unreadable_from"] < 1
    assert manifest["data"]["exact_copies_left_out"] == 0
    assert manifest["data"]["rows_of_test_split"] == 100
    assert len(manifest["data"]["sha256"]) == 64
    assert manifest["training"]["base"]["epochs"] == tiny_run.recipe.base.epochs
    assert manifest["training"]["seed"] == tiny_run.recipe.seed
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


def test_the_table_of_refusals_tells_of_each_kind(
    tiny_run: TinyRun, classifier: Classifier
) -> None:
    test = load_test(tiny_run.data / "test.npz")
    table = refusals(classifier, test, patches(tiny_run.data, held=True))
    assert {"faces", "lost", "smeared over 24 px", "covered, as in training"} < table.keys()
    assert "patches of pictures without people" in table
    assert all(0 <= share <= 1 for share in table.values())
    without = refusals(classifier, test, patches(tiny_run.data, held=True)[:0])
    assert "patches of pictures without people" not in without


def test_faces_from_elsewhere_are_measured_by_the_boxes_that_came_with_them(
    tiny_run: TinyRun, classifier: Classifier, tmp_path: Path
) -> None:
    test, boxes = load_test(tiny_run.data / "test.npz"), {}
    for number, (image, label) in enumerate(zip(test.images, test.labels, strict=True)):
        name = f"{list(Mood)[label]}/{number}.png"
        (tmp_path / "stills" / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(tmp_path / "stills" / name), np.pad(image, 10))
        boxes[name] = [{"box": [0, 0, 5, 5]}, {"box": [10, 10, 48, 48]}]
    with pytest.raises(DataError, match="the boxes of each picture"):
        elsewhere(classifier, tmp_path / "stills")
    (tmp_path / "stills.json").write_text(json.dumps({**boxes, "sad/nobody.png": []}))
    figures, _ = evaluate(classifier, test)
    again = elsewhere(classifier, tmp_path / "stills")
    assert again["faces"] == len(test.labels)
    assert again["accuracy"] == pytest.approx(figures["accuracy"], abs=0.02)
