"""Images vary as the device's crops do, and the same numbers give the same picture."""

from __future__ import annotations

import numpy as np
import pytest

from tests.training.made_up import images
from training.augment import augment_all, coarse, move
from training.settings import Augment

FACES, _ = images(20)


def block(height_px: int, width_px: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """A white block in the middle of a black picture (48, 48)."""
    picture = np.zeros((48, 48), np.uint8)
    top, left = (48 - height_px) // 2, (48 - width_px) // 2
    picture[top : top + height_px, left : left + width_px] = 255
    return picture


def test_images_depend_on_the_generator_alone_and_stay_as_they_were() -> None:
    before = FACES.copy()
    one, same, other = (
        augment_all(FACES, Augment(), np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    np.testing.assert_array_equal(FACES, before)


@pytest.mark.parametrize("aspect", [0.8, 1.25])
def test_a_stretched_face_is_as_large_in_other_proportions_and_in_its_place(aspect: float) -> None:
    white = move(block(20, 20), (0, 0), 1, 0, aspect=aspect) > 127
    height, width = white.any(axis=1).sum(), white.any(axis=0).sum()
    assert width / height == pytest.approx(aspect, abs=0.08)
    assert white.sum() == pytest.approx(400, rel=0.1)
    rows, columns = np.nonzero(white)
    assert (rows.mean(), columns.mean()) == (pytest.approx(23.5, abs=0.6),) * 2


def test_shift_and_stretch_are_about_the_middle_of_the_face() -> None:
    white = move(block(10, 10), (8, 0), 1, 0, aspect=1.2) > 127
    assert np.nonzero(white)[1].mean() == pytest.approx(23.5 + 8 * np.sqrt(1.2), abs=0.6)


def test_a_coarse_face_has_no_finer_detail_than_its_pixels() -> None:
    stripes = np.tile(np.array([0, 255], np.uint8), (48, 24))
    assert coarse(stripes, 18).std() < stripes.std() / 3
    assert coarse(FACES[0], 18).shape == (48, 48)
