"""Crop, standardise, quantise: the one copy that device and training share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodbox.core.mood import BBox
from moodbox.core.seeing.preprocess import (
    CLIP,
    SIDE_PX,
    check_gray,
    crop,
    quantise,
    resample_weights,
    standardise,
)

RNG = np.random.default_rng(3)
FACE = RNG.integers(0, 256, (SIDE_PX, SIDE_PX), np.uint8)


def test_a_crop_of_the_right_size_is_exact() -> None:
    frame = RNG.integers(0, 256, (200, 300), np.uint8)
    assert (crop(frame, BBox(70, 60, 48, 48)) == frame[60:108, 70:118]).all()


def test_a_crop_follows_its_box_in_scale() -> None:
    """A face four times as large gives nearly the same crop."""
    smooth = np.kron(RNG.integers(0, 256, (6, 6)), np.ones((8, 8))).astype(np.uint8)
    large = np.kron(smooth, np.ones((4, 4))).astype(np.uint8)
    difference = crop(large, BBox(0, 0, 192, 192)).astype(int) - smooth
    assert np.abs(difference).mean() < 6


def test_beyond_the_frame_its_edge_is_repeated() -> None:
    frame = np.full((60, 60), 90, np.uint8)
    assert (crop(frame, BBox(-40, 30, 100, 100)) == 90).all()
    assert (crop(frame, BBox(500, 500, 20, 20)) == 90).all()


@given(st.integers(-80, 80), st.integers(1, 300), st.integers(1, 120))
def test_weights_are_means(start_px: int, length_px: int, size_px: int) -> None:
    weights = resample_weights(start_px, length_px, size_px, SIDE_PX)
    assert weights.shape == (SIDE_PX, size_px)
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-5)
    assert (weights >= 0).all()


@given(st.integers(-200, 800), st.integers(-200, 600), st.integers(1, 700), st.integers(1, 700))
def test_a_crop_of_any_box_is_the_crop_of_the_whole(
    x: int, y: int, width: int, height: int
) -> None:
    """Multiplying only the part that counts changes nothing."""
    frame = np.random.default_rng(1).integers(0, 256, (48, 64), np.uint8)
    rows = resample_weights(y, height, 48, SIDE_PX)
    columns = resample_weights(x, width, 64, SIDE_PX)
    whole = np.clip(np.rint(rows @ frame.astype(np.float32) @ columns.T), 0, 255)
    assert np.abs(crop(frame, BBox(x, y, width, height)) - whole).max() <= 1


@pytest.mark.parametrize(("width", "height"), [(0, 10), (10, 0), (-3, 10)])
def test_a_box_without_area_is_refused(width: int, height: int) -> None:
    with pytest.raises(ValueError, match="positive length"):
        crop(FACE, BBox(0, 0, width, height))


def test_half_the_brightness_and_contrast_change_next_to_nothing() -> None:
    half = (FACE.astype(np.float32) * 0.5 + 20).astype(np.float32)
    np.testing.assert_allclose(standardise(half), standardise(FACE), atol=1e-4)


def test_a_flat_picture_is_zeros_and_a_glint_is_bounded() -> None:
    assert (standardise(np.full((48, 48), 130, np.uint8)) == 0).all()
    glint = np.full((48, 48), 100, np.uint8)
    glint[0, 0] = 255
    assert np.abs(standardise(glint)).max() <= CLIP


def test_a_batch_is_standardised_one_by_one() -> None:
    batch = np.stack([FACE, FACE // 3])
    np.testing.assert_array_equal(standardise(batch)[1], standardise(FACE // 3))


def test_quantising_clips_where_a_cast_would_wrap() -> None:
    levels = quantise(np.array([-100.0, 0.0, 1.0, 100.0], np.float32), 0.5, 3)
    assert levels.tolist() == [-128, 3, 5, 127]
    assert levels.dtype == np.int8


@pytest.mark.parametrize(
    ("picture", "fault"),
    [
        (np.zeros((4, 4, 3), np.uint8), "shape"),
        (np.zeros((4, 4), np.float32), "uint8"),
        (np.zeros((0, 4), np.uint8), "empty"),
    ],
)
def test_what_is_no_gray_picture_is_named(picture: np.ndarray, fault: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(ValueError, match=fault):
        check_gray(picture)
