"""A tiny run, from made-up data to a model folder, shared by the tests of this folder."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.training.made_up import images, write_csv, write_textures
from training.export import export
from training.prepare import prepare
from training.recipe import follow
from training.settings import Augment, Export, Network, Prepare, Recipe, Train

TINY = Train(
    network=Network(kind="residual", width=8, dropout=0.1),
    augment=Augment(geometry_share=0.2, erase_share=0.1, gamma_share=0.1, jpeg_share=0.1),
    epochs=6,
    batch_size=32,
    learning_rate=0.05,
    average_momentum=0.9,
    extra_rows=False,
    label_smoothing=0.05,
    recalibration_batches=4,
    mixed_precision=False,
    validate_every=1,
)

TINY_RECIPE = Recipe(
    folds=2,
    teacher=dataclasses.replace(TINY, epochs=1),
    base=TINY,
    other=dataclasses.replace(TINY, epochs=1, network=Network(kind="plain", width=4)),
    distilled=dataclasses.replace(TINY, epochs=2, learning_rate=0.02, distil_share=0.2),
    end=dataclasses.replace(TINY, epochs=2, learning_rate=0.01, translated_share=0.2),
)


@dataclass(frozen=True)
class TinyRun:
    """Where the tiny chain left its things."""

    data: Path
    run: Path
    model: Path
    recipe: Recipe


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prepared made-up data: 560 training images and 140 test images of seven labels."""
    folder = tmp_path_factory.mktemp("made-up")
    pictures, labels = images(700)
    usages = ["Training"] * 560 + ["PublicTest"] * 70 + ["PrivateTest"] * 70
    # The slant shows in a mirror as another label: these labels are for the training code alone.
    write_csv(folder / "fer2013.csv", pictures, labels, usages)
    write_textures(folder / "no-faces", 6)
    settings = Prepare(validation_share=0.2, patches=60)
    prepare(folder, folder / "prepared", settings, folder / "no-faces")
    return folder / "prepared"


@pytest.fixture(scope="session")
def tiny_run(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> TinyRun:
    """The whole chain, followed with tiny settings, and its model folder."""
    folder = tmp_path_factory.mktemp("tiny")
    follow(tiny_data, folder / "run", TINY_RECIPE)
    export(tiny_data, folder / "run", folder / "model", Export(calibration_images=128))
    return TinyRun(tiny_data, folder / "run", folder / "model", TINY_RECIPE)
