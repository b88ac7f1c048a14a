"""Varies training images as the device's own crops vary, on uint8, before standardising."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from moodbox.core.mood import GrayImage
from moodbox.core.seeing.preprocess import SIDE_PX
from training.settings import Augment

Rng = np.random.Generator


def augment(image: GrayImage, settings: Augment, rng: Rng) -> GrayImage:
    """Vary one image (48, 48) uint8; the same generator state gives the same result."""
    if rng.random() < 0.5:
        image = image[:, ::-1]
    chance = rng.random(7)
    if chance[0] < settings.geometry_share:
        image = _move(image, settings, rng)
    if rng.random() < settings.coarse_share:
        image = coarse(image, int(rng.integers(settings.coarse_side_px, SIDE_PX)))
    if chance[1] < settings.blur_share:
        image = blur(image, rng.uniform(0.3, settings.blur_sigma_px))
    if chance[2] < settings.gamma_share:
        low, high = math.log(settings.gamma_low), math.log(settings.gamma_high)
        image = gamma(image, math.exp(rng.uniform(low, high)))
    if chance[3] < settings.contrast_share:
        image = contrast(image, rng.uniform(0.5, 1.5), rng.uniform(-50, 50))
    if chance[4] < settings.noise_share:
        image = noise(image, rng.uniform(2.0, settings.noise_sigma), rng)
    if chance[5] < settings.jpeg_share:
        quality = rng.integers(settings.jpeg_quality_low, settings.jpeg_quality_high)
        image = jpeg(image, int(quality))
    if chance[6] < settings.erase_share:
        image = _erase(image, settings, rng)
    return image


def _move(image: GrayImage, settings: Augment, rng: Rng) -> GrayImage:
    """Shift, scale, stretch and roll as a face finder's box does."""
    shift = np.clip(rng.normal(0, settings.shift_sigma, 2), -0.2, 0.2) * SIDE_PX
    scale = math.exp(float(np.clip(rng.normal(0, settings.scale_sigma), -0.35, 0.35)))
    roll = float(np.clip(rng.normal(0, settings.roll_sigma_deg), -22, 22))
    aspect = math.exp(float(np.clip(rng.normal(0, settings.aspect_sigma), -0.25, 0.25)))
    repeat = rng.random() < settings.edge_share
    return move(image, (shift[0], shift[1]), scale, roll, aspect=aspect, repeat_edge=repeat)


def move(
    image: GrayImage,
    shift_px: tuple[float, float],
    scale: float,
    roll_deg: float,
    *,
    aspect: float = 1.0,
    repeat_edge: bool = True,
) -> GrayImage:
    """Shift right and down, scale about the centre (above 1: larger) and roll anticlockwise.

    `aspect` above 1 makes the face wider and as much lower. Outside, the image's edge is repeated,
    or the image mirrored.
    """
    side_px = image.shape[0]
    center = (side_px / 2 - 0.5, side_px / 2 - 0.5)
    matrix = cv2.getRotationMatrix2D(center, roll_deg, scale)
    matrix = matrix + np.array([[0, 0, shift_px[0]], [0, 0, shift_px[1]]])
    if aspect != 1:
        stretch = np.sqrt([aspect, 1 / aspect])
        matrix[:, 2] = stretch * (matrix[:, 2] - center) + center
        matrix[:, :2] *= stretch[:, None]
    border = cv2.BORDER_REPLICATE if repeat_edge else cv2.BORDER_REFLECT_101
    moved = cv2.warpAffine(image, matrix, (side_px, side_px), None, cv2.INTER_LINEAR, border)
    return moved.astype(np.uint8, copy=False)


def gamma(image: GrayImage, power: float) -> GrayImage:
    """Raise gray levels, 0–1, to `power`: below 1 brightens the shadows."""
    table = np.rint(255 * (np.arange(256) / 255) ** power).astype(np.uint8)
    result: GrayImage = table[image]
    return result


def contrast(image: GrayImage, gain: float, offset: float) -> GrayImage:
    """Multiply gray levels by `gain`, add `offset`, and clip as a sensor does."""
    result: GrayImage = np.clip(image * np.float32(gain) + offset, 0, 255).astype(np.uint8)
    return result


def blur(image: GrayImage, sigma_px: float) -> GrayImage:
    """Blur by a Gaussian."""
    return cv2.GaussianBlur(image, (0, 0), sigma_px).astype(np.uint8, copy=False)


def coarse(image: GrayImage, side_px: int) -> GrayImage:
    """The face as it is when only `side_px` pixels of its side were seen."""
    small = cv2.resize(image, (side_px, side_px), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, image.shape[::-1], interpolation=cv2.INTER_LINEAR).astype(np.uint8)


def noise(image: GrayImage, sigma: float, rng: Rng) -> GrayImage:
    """Add Gaussian sensor noise of `sigma` gray levels."""
    noisy = image + rng.standard_normal(image.shape, np.float32) * np.float32(sigma)
    result: GrayImage = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
    return result


def jpeg(image: GrayImage, quality: int) -> GrayImage:
    """Compress and decompress at `quality`, 0–100."""
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


def _erase(image: GrayImage, settings: Augment, rng: Rng) -> GrayImage:
    """Cover a rectangle with one gray or with noise."""
    low, high = settings.erase_side_low * SIDE_PX, settings.erase_side_high * SIDE_PX
    height, width = (round(rng.uniform(low, high)) for _ in range(2))
    top, left = rng.integers(0, SIDE_PX - height + 1), rng.integers(0, SIDE_PX - width + 1)
    result = image.copy()
    patch = result[top : top + height, left : left + width]
    if rng.random() < 0.5:
        patch[:] = rng.integers(0, 256)
    else:
        patch[:] = rng.integers(0, 256, patch.shape, dtype=np.uint8)
    return result


def augment_all(
    images: npt.NDArray[np.uint8], settings: Augment, rng: Rng
) -> npt.NDArray[np.uint8]:
    """Vary each of (N, 48, 48)."""
    return np.stack([augment(image, settings, rng) for image in images])
