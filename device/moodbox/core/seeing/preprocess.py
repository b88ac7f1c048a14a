"""From a face's BBox in a frame to the network's input. Training uses this same code.

The crop is resampled by a triangle filter with separable weights (a matrix for the rows, one for
the columns): anti-aliased when it shrinks, linear when it grows, exact when sizes are equal. Where
the BBox reaches past the frame, the frame's edge pixels are repeated. Each 48×48 result is
standardised by itself (mean 0, standard deviation 1), so that the room's brightness and contrast
matter little.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from moodbox.core.mood import BBox, GrayImage

PREPROCESS_ID = "triangle48-standardise-v1"
"""Identifies this preprocessing in a model's manifest; change it whenever the output changes."""

SIDE_PX = 48
"""Side of the network's input."""

STD_FLOOR = 4.0
"""Gray levels. A picture with less deviation is sensor noise: do not raise its contrast further."""

CLIP = 4.0
"""Standard deviations. Bounds the int8 range: without it, one glint would make the steps of all
other pixels coarse."""

FloatImages = npt.NDArray[np.float32]


def check_gray(gray: npt.NDArray[np.generic]) -> GrayImage:
    """Return `gray` if it is a gray picture: (H, W) uint8 with H, W ≥ 1.

    Called where a picture enters the program; a `GrayImage` is not checked again. Raises
    ValueError, which names what is wrong (colour, dtype, emptiness) and what to pass.
    """
    if gray.ndim != 2:
        raise ValueError(f"a gray picture has shape (H, W), this one {gray.shape}: convert it")
    if gray.dtype != np.uint8:
        raise ValueError(f"a gray picture is uint8 (0–255), this one {gray.dtype}")
    if gray.size == 0:
        raise ValueError(f"the picture is empty: {gray.shape[1]}×{gray.shape[0]} pixels")
    return gray  # type: ignore[return-value]


def resample_weights(start_px: float, length_px: float, size_px: int, side: int) -> FloatImages:
    """Weights (side, size_px) that resample [start, start + length) of an axis to `side` samples.

    Each row sums to 1. A triangle filter, `max(1, length / side)` source pixels in half-width:
    linear interpolation when growing, averaging when shrinking. Pixels outside the axis
    count as its nearest edge pixel. Raises ValueError if `length_px` is not positive.
    """
    if length_px <= 0:
        raise ValueError(f"a crop needs a positive length, not {length_px}")
    scale = length_px / side
    half_width = max(1.0, scale)
    centers = start_px + (np.arange(side) + 0.5) * scale - 0.5
    reach = math.ceil(half_width) + 1
    offsets = np.arange(-reach, reach + 1)
    positions = np.floor(centers)[:, None] + offsets[None, :]
    weights = np.clip(1.0 - np.abs(positions - centers[:, None]) / half_width, 0.0, None)
    weights /= weights.sum(axis=1, keepdims=True)
    columns = np.clip(positions, 0, size_px - 1).astype(np.intp)
    matrix = np.zeros((side, size_px), np.float32)
    np.add.at(matrix, (np.arange(side)[:, None], columns), weights.astype(np.float32))
    return matrix


def crop(gray: GrayImage, bbox: BBox, side: int = SIDE_PX) -> GrayImage:
    """Cut `bbox` out of `gray` and resample it to (side, side) uint8.

    Raises ValueError if `bbox` has no area.
    """
    height_px, width_px = gray.shape
    x_px, y_px, w_px, h_px = bbox.x_px, bbox.y_px, bbox.width_px, bbox.height_px
    # Multiply only the pixels that have weights: a face is a small part of a frame.
    top, bottom = _touched(y_px, h_px, height_px, side)
    left, right = _touched(x_px, w_px, width_px, side)
    rows = resample_weights(y_px - top, h_px, bottom - top, side)
    cols = resample_weights(x_px - left, w_px, right - left, side)
    part = gray[top:bottom, left:right].astype(np.float32)
    result: GrayImage = np.clip(np.rint(rows @ part @ cols.T), 0, 255).astype(np.uint8)
    return result


def _touched(start_px: int, length_px: int, size_px: int, side: int) -> tuple[int, int]:
    """Range of an axis's pixels that can have weights in the crop; never empty."""
    margin = math.ceil(max(1.0, length_px / side)) + 2
    low = min(max(start_px - margin, 0), size_px - 1)
    high = max(min(start_px + length_px + margin, size_px), low + 1)
    return low, high


def standardise(crops: npt.NDArray[np.generic]) -> FloatImages:
    """Standardise gray crops (…, 48, 48), each by its own mean and deviation, to float32 ±CLIP.

    Accepts uint8 or float gray levels 0–255. A constant picture becomes all zeros.
    """
    values = crops.astype(np.float32)
    mean = values.mean(axis=(-2, -1), keepdims=True)
    std = np.maximum(values.std(axis=(-2, -1), keepdims=True), STD_FLOOR)
    result: FloatImages = np.clip((values - mean) / std, -CLIP, CLIP).astype(np.float32)
    return result


def quantise(values: FloatImages, scale: float, zero_point: int) -> npt.NDArray[np.int8]:
    """Quantise float input to int8 with the model's scale and zero point.

    Rounds to nearest and clips to −128…127: a plain cast would wrap 178 to −78.
    """
    levels = np.rint(values / scale + zero_point)
    result: npt.NDArray[np.int8] = np.clip(levels, -128, 127).astype(np.int8)
    return result
