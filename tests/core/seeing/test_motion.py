"""Motion, dusk, noise and darkness."""

from __future__ import annotations

import numpy as np
import pytest

from moodbox.core.mood import BBox, GrayImage
from moodbox.core.seeing import motion

SHAPE = (480, 640)


def room(seed: int = 0) -> GrayImage:
    """A room of soft shapes, mean about 120."""
    coarse = np.random.default_rng(seed).uniform(60, 180, (12, 16))
    return np.kron(coarse, np.ones((40, 40))).astype(np.uint8)


def noisy(gray: GrayImage, sigma: float, seed: int) -> GrayImage:
    """The picture with sensor noise."""
    noise = np.random.default_rng(seed).normal(0, sigma, gray.shape)
    return np.clip(gray + noise, 0, 255).astype(np.uint8)


def changed(before: GrayImage, now: GrayImage) -> int:
    """Cells that changed."""
    return int(motion.changes(motion.to_grid(before), motion.to_grid(now)).sum())


@pytest.mark.parametrize("sigma", [2, 5, 10, 15])
def test_sensor_noise_is_no_motion(sigma: float) -> None:
    assert changed(noisy(room(), sigma, 1), noisy(room(), sigma, 2)) == 0


@pytest.mark.parametrize("gain", [0.8, 0.95, 1.05, 1.2])
def test_dusk_and_auto_exposure_are_no_motion(gain: float) -> None:
    assert changed(room(), np.clip(room() * gain, 0, 255).astype(np.uint8)) == 0


def test_a_hand_that_moves_is_motion_where_it_is() -> None:
    now = room()
    now[200:260, 300:340] = 255
    cells = motion.changes(motion.to_grid(room()), motion.to_grid(now))
    assert cells.any()
    assert motion.any_in(cells, BBox(290, 190, 60, 80), SHAPE)
    assert not motion.any_in(cells, BBox(0, 0, 100, 100), SHAPE)


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (24, 32), (25, 33), (480, 640), (719, 1281)])
def test_a_grid_is_the_mean_whatever_the_size(size: tuple[int, int]) -> None:
    grid = motion.to_grid(np.full(size, 77, np.uint8))
    assert grid.shape == (motion.ROWS, motion.COLUMNS)
    assert (grid == 77).all()


def test_a_box_beyond_the_frame_touches_nothing() -> None:
    cells = np.ones((motion.ROWS, motion.COLUMNS), np.bool_)
    assert not motion.any_in(cells, BBox(-200, -200, 100, 100), SHAPE)
    assert not motion.any_in(cells, BBox(700, 500, 50, 50), SHAPE)
    assert motion.any_in(cells, BBox(-50, -50, 100, 100), SHAPE)


@pytest.mark.parametrize(
    ("gray", "dark"),
    [
        (np.zeros(SHAPE, np.uint8), True),
        (noisy(np.full(SHAPE, 4, np.uint8), 3, 0), True),
        (np.full(SHAPE, 200, np.uint8), True),
        (noisy(np.full(SHAPE, 90, np.uint8), 4, 0), True),
        (room(), False),
        ((room() * 0.25).astype(np.uint8), False),
    ],
    ids=["black", "night", "bright cloth", "finger", "a room", "a dim room"],
)
def test_darkness_and_a_covered_lens_are_told_from_a_room(gray: GrayImage, dark: bool) -> None:
    assert motion.is_dark(motion.to_grid(gray)) is dark


def test_a_box_grows_about_its_middle() -> None:
    assert motion.around(BBox(100, 100, 50, 40), 3) == BBox(50, 60, 150, 120)
