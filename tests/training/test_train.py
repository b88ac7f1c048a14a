"""Training promises: it learns, it resumes exactly, and it is steered by its settings alone."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.training.conftest import TINY, TINY_RECIPE, TinyRun
from training.__main__ import main, override
from training.recipe import TEACHERS, stages
from training.settings import Network, Recipe, Train
from training.source import DataError
from training.targets import class_weights, load, logit_features, translate, vote_features
from training.train import compile_model, learning_rate, make_batch, train


def test_a_tiny_network_learns_the_made_up_moods(tiny_run: TinyRun) -> None:
    history = json.loads((tiny_run.run / "base" / "history.json").read_text())
    assert len(history) == TINY.epochs
    assert history[-1]["train_loss"] < history[0]["train_loss"]
    assert history[-1]["accuracy"] > 0.5


def test_a_broken_off_run_goes_on_to_the_weights_of_one_that_was_not(
    tiny_data: Path, tiny_run: TinyRun, tmp_path: Path
) -> None:
    (base,) = (stage for stage in stages(TINY_RECIPE) if stage.name == "base")
    teachers = tiny_run.run / TEACHERS
    train(tiny_data, tmp_path, base.settings, teachers=teachers, stop_after=3)
    assert len(json.loads((tmp_path / "history.json").read_text())) == 3
    train(tiny_data, tmp_path, base.settings, teachers=teachers)
    whole = np.load(tiny_run.run / "base" / "checkpoint.npz")
    resumed = np.load(tmp_path / "checkpoint.npz")
    assert whole.files == resumed.files
    for name in whole.files:
        if name.startswith("v"):
            np.testing.assert_allclose(resumed[name], whole[name], rtol=1e-4, atol=1e-4)
    told, told_again = (json.loads(str(file["history"])) for file in (whole, resumed))
    assert len(told_again) == TINY.epochs
    for name in told[0]:
        np.testing.assert_allclose(
            [epoch[name] for epoch in told_again], [epoch[name] for epoch in told], rtol=1e-3
        )


def test_the_training_loss_told_is_the_mean_over_the_batches_of_its_own_epoch(
    tiny_data: Path, tmp_path: Path
) -> None:
    still = dataclasses.replace(
        TINY, epochs=2, learning_rate=1e-9, network=dataclasses.replace(TINY.network, dropout=0.0)
    )
    train(tiny_data, tmp_path, still)
    table, _ = load(tiny_data, still)
    model, told = compile_model(still), json.loads((tmp_path / "history.json").read_text())
    for epoch in range(still.epochs):
        losses = []
        for number in range(len(table.labels) // still.batch_size):
            inputs, targets, weights = make_batch(table, still, epoch, number)
            logits = keras.ops.stop_gradient(model(inputs, training=True))
            logs = keras.ops.convert_to_numpy(keras.ops.log_softmax(logits))
            losses.append(float((-(targets * logs).sum(axis=1) * weights).mean()))
        assert told[epoch]["train_loss"] == pytest.approx(np.mean(losses), rel=1e-3)


def test_a_run_folder_of_other_settings_is_refused(tiny_data: Path, tiny_run: TinyRun) -> None:
    other = dataclasses.replace(TINY, learning_rate=0.01)
    with pytest.raises(ValueError, match="other settings"):
        train(tiny_data, tiny_run.run / "base", other)


def test_a_batch_depends_on_seed_epoch_and_number_alone(tiny_data: Path) -> None:
    table, _ = load(tiny_data, TINY)
    inputs, targets, weights = make_batch(table, TINY, 3, 2)
    again, _, _ = make_batch(table, TINY, 3, 2)
    np.testing.assert_array_equal(inputs, again)
    other, _, _ = make_batch(table, TINY, 4, 2)
    assert not np.array_equal(inputs, other)
    assert inputs.shape == (32, 48, 48, 1)
    assert targets.shape == (32, 6)
    np.testing.assert_allclose(targets.sum(axis=1), 1, atol=1e-5)
    assert weights.shape == (32,)


def test_a_share_of_each_batch_cannot_be_read_and_is_told_so(tiny_data: Path) -> None:
    table, _ = load(tiny_data, TINY)
    before = table.targets.copy(), table.images.copy()
    _, targets, weights = make_batch(table, TINY, 0, 0)
    unreadable = targets[:, -1] == 1
    assert unreadable.sum() == round(TINY.unreadable_share * 32)
    assert (targets[unreadable, :-1] == 0).all()
    assert (weights[unreadable] == 1).all()
    assert (targets[~unreadable, -1] == 0).all()
    np.testing.assert_array_equal(table.targets, before[0])
    np.testing.assert_array_equal(table.images, before[1])
    _, all_read, _ = make_batch(table, dataclasses.replace(TINY, unreadable_share=0.0), 0, 0)
    assert (all_read[:, -1] == 0).all()


def test_training_and_validation_share_no_image(tiny_data: Path) -> None:
    table, held_out = load(tiny_data, TINY)
    seen = {image.tobytes() for image in table.images}
    assert len(held_out.labels) > 0
    assert not any(image.tobytes() in seen for image in held_out.images)


def test_the_rate_warms_up_and_falls_to_zero() -> None:
    settings = Train(epochs=10, warmup_epochs=2, learning_rate=0.1)
    rates = [learning_rate(settings, at / 4) for at in range(41)]
    assert max(rates) == pytest.approx(0.1)
    assert rates.index(max(rates)) == 8
    assert rates[0] < 0.001
    assert rates[-1] == pytest.approx(0.0, abs=1e-9)


def test_rare_moods_weigh_more_and_the_mean_weight_is_one() -> None:
    labels = np.repeat(np.arange(5), [40, 30, 20, 6, 4])
    for power in (0.0, 0.5, 1.0):
        weights = class_weights(labels, power)
        assert weights[labels].mean() == pytest.approx(1.0, abs=1e-6)
    paper = class_weights(labels, 1.0)
    assert paper[4] / paper[0] == pytest.approx(10.0, rel=1e-5)
    with pytest.raises(DataError, match="neutral"):
        class_weights(labels[labels < 4], 0.5)


def test_translated_votes_learn_where_the_two_label_sets_differ() -> None:
    rng = np.random.default_rng(1)
    votes = np.zeros((4000, 10), np.int64)
    labels = rng.integers(0, 5, 4000)
    # These annotators call every second sad face neutral; nobody else is ever called neutral.
    column = np.array([1, 3, 4, 2, 0])[labels]
    column[(labels == 1) & (rng.random(4000) < 0.5)] = 0
    votes[np.arange(4000), column] = 10
    translated = translate(vote_features(votes), labels, fit=np.arange(4000) < 3000)
    neutral = translated[3000:][column[3000:] == 0].mean(axis=0)
    assert neutral[1] == pytest.approx(1 / 3, abs=0.06)
    assert neutral[4] == pytest.approx(2 / 3, abs=0.06)


def test_votes_that_are_not_there_are_missed_where_nothing_can_stand_in(
    tiny_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(DataError, match="ferplus"):
        load(tiny_data, dataclasses.replace(TINY, extra_rows=True))
    table, _ = load(tiny_data, dataclasses.replace(TINY, label_smoothing=0.0))
    assert "labels alone" in capsys.readouterr().out
    np.testing.assert_array_equal(table.targets, np.eye(6)[table.labels])


def test_a_teacher_beside_the_votes_makes_the_targets_surer() -> None:
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 5, 4000)
    blurred = 2 * np.eye(5)[labels] + rng.normal(0, 1, (2, 4000, 5))
    first, second = (logit_features(logits.astype(np.float32)) for logits in blurred)
    fit, own = np.arange(4000) < 3000, (np.arange(4000), labels)
    alone = translate(first, labels, fit=fit)[own][3000:]
    both = translate(np.hstack([first, second]), labels, fit=fit)[own][3000:]
    assert np.log(both).mean() > np.log(alone).mean() + 0.1


def test_settings_are_overridden_by_name_and_type() -> None:
    settings = override(
        Recipe(), ["base.epochs=3", "other.network.width=8", "end.mixed_precision=false"]
    )
    assert (settings.base.epochs, settings.other.network.width) == (3, 8)
    assert not settings.end.mixed_precision
    for bad in ("epoch=3", "epochs=many", "network=big", "network.depth=2", "mixed_precision=2"):
        with pytest.raises(ValueError, match=bad.split("=")[0].split(".")[0]):
            override(Train(), [bad])


def test_errors_of_a_step_are_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["prepare"]) == 1
    assert "--data is missing" in capsys.readouterr().err
    assert main(["prepare", "--data", str(tmp_path / "no")]) == 1
    assert "there is nothing here" in capsys.readouterr().err
    assert main(["train", "--runs", str(tmp_path)]) == 1
    assert "not prepared yet" in capsys.readouterr().err
    assert main(["export", "--runs", str(tmp_path)]) == 1
    assert "no finished training" in capsys.readouterr().err


def test_both_networks_keep_to_the_budget() -> None:
    from training.model import build, multiply_adds

    for network in (Network("plain", 32), Network("residual", 19)):
        model = build(network)
        assert multiply_adds(model) <= 120_000_000
        assert model.count_params() <= 1_500_000
    with pytest.raises(ValueError, match="plain or residual"):
        build(Network("vgg"))
