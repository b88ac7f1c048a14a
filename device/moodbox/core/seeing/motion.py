"""What changed between two frames: cheap enough for every frame, before any face is looked for.

A frame is reduced to a grid of mean gray levels. Two grids are compared after their overall
brightness is made equal, so that auto exposure and dusk are no motion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from moodbox.core.mood import BBox

if TYPE_CHECKING:
    from moodbox.core.mood import GrayImage

ROWS, COLUMNS = 24, 32
"""Cells of 20×20 pixels at 640×480: a face across the room covers several."""

LEAST_CHANGE = 3.0
"""Gray levels. Sensor noise of σ 10 moves a cell of 20×20 pixels by at most 2.6 in 768 cells."""

MOST_CHANGE = 8.0
"""Gray levels. Sitting still for half a second moves some cell of a face by 11 or more (measured
on webcam video at 2 frames a second), so more than this is motion however noisy the frame is."""

NOISE_FACTOR = 9.0
"""Times the median change: six standard deviations of normal noise."""

DARK_MEAN = 12.0
"""Gray levels. A covered lens or a room at night gives 0–8; a face in a dim room is above 20."""

FLAT_SPREAD = 3.0
"""Gray levels between the darkest and the brightest twentieth of the cells: a finger or a cloth
over the lens lets light through, but no picture."""

Grid = npt.NDArray[np.float32]
"""(ROWS, COLUMNS) mean gray levels, 0–255."""


def to_grid(gray: GrayImage) -> Grid:
    """Mean gray levels of the frame's cells; `gray` is (H, W) uint8 of any size above zero."""
    height_px, width_px = gray.shape
    rows = np.arange(ROWS) * height_px // ROWS
    columns = np.arange(COLUMNS) * width_px // COLUMNS
    sums = np.add.reduceat(np.add.reduceat(gray, rows, 0, np.uint32), columns, 1)
    row_px = np.maximum(np.diff(rows, append=height_px), 1)
    column_px = np.maximum(np.diff(columns, append=width_px), 1)
    result: Grid = (sums / np.outer(row_px, column_px)).astype(np.float32)
    return result


def changes(before: Grid, now: Grid) -> npt.NDArray[np.bool_]:
    """Which cells show motion between two grids, (ROWS, COLUMNS) bool."""
    gain = (before.mean() + 1.0) / (now.mean() + 1.0)
    difference = np.abs(now * gain - before)
    threshold = np.clip(NOISE_FACTOR * np.median(difference), LEAST_CHANGE, MOST_CHANGE)
    result: npt.NDArray[np.bool_] = difference > threshold
    return result


def any_in(changed: npt.NDArray[np.bool_], box: BBox, shape: tuple[int, int]) -> bool:
    """Whether a cell that `box` touches has changed; `shape` is the frame's (height, width)."""
    height_px, width_px = shape
    top = max(box.y_px * ROWS // height_px, 0)
    bottom = -(-(box.y_px + box.height_px) * ROWS // height_px)
    left = max(box.x_px * COLUMNS // width_px, 0)
    right = -(-(box.x_px + box.width_px) * COLUMNS // width_px)
    return bool(changed[top : max(bottom, 0), left : max(right, 0)].any())


def is_dark(grid: Grid) -> bool:
    """Whether the frame shows nothing: a dark room, or a covered lens."""
    low, high = np.percentile(grid, [5, 95])
    return bool(grid.mean() < DARK_MEAN or high - low < FLAT_SPREAD)


def around(box: BBox, factor: float) -> BBox:
    """The box grown about its centre to `factor` times its width and height."""
    x_px, y_px = box.center_px
    width_px, height_px = box.width_px * factor, box.height_px * factor
    return BBox(
        round(x_px - width_px / 2), round(y_px - height_px / 2), round(width_px), round(height_px)
    )
