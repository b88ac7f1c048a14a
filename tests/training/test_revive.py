"""Going on from a shipped file: the network says what the file says."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from moodbox.adapters.classifier import Classifier
from tests.training.conftest import TinyRun
from training.export import logits_of
from training.model import build
from training.revive import revive
from training.settings import ROOT, Network
from training.teach import both_looks

SHIPPED = ROOT / "models" / "mood-v1"


def test_a_revived_network_says_what_the_shipped_file_says(tiny_data: Path) -> None:
    with np.load(tiny_data / "train.npz") as file:
        images = file["images"]
    model = build(Network())
    model.set_weights(revive(SHIPPED / "mood.tflite", Network(), images[:64]))
    said = logits_of(Classifier(SHIPPED), images[:24])
    revived = both_looks(model, images[:24])
    assert said.std() > 0.5
    np.testing.assert_allclose(revived, said, atol=0.06 * np.abs(said).max())


def test_a_file_of_another_network_is_refused(tiny_run: TinyRun) -> None:
    images = np.zeros((4, 48, 48), np.uint8)
    for network in (Network(width=16), dataclasses.replace(tiny_run.settings.network, width=4)):
        with pytest.raises(ValueError, match="another network"):
            revive(SHIPPED / "mood.tflite", network, images)
