"""What covers the lower half of a face: shapes, and what they are filled with."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from moodbox.core.mood import GrayImage
from moodbox.core.seeing.preprocess import SIDE_PX

Rng = np.random.Generator
Images = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating[Any]]
Alpha = npt.NDArray[np.float32]
"""(48, 48), how much of each pixel is covered, 0–1."""

EYES_END = 0.46
"""Below the eyes, of the side: the mean of FER2013's faces is darkest, at the eyes, at 0.36."""

FINE = 4
"""Covers are drawn this many times larger and then reduced, for soft edges."""


# ── Shapes of covers ─────────────────────────────────────────────────────────────────────────────


def drawn(*polygons: Floats, blur: float = 0.0) -> Alpha:
    """Filled polygons with points in units of the side."""
    large = np.zeros((SIDE_PX * FINE, SIDE_PX * FINE), np.float32)
    for points in polygons:
        cv2.fillPoly(large, [np.rint(points * SIDE_PX * FINE).astype(np.int32)], (1.0,))
    alpha = cv2.resize(large, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
    if blur:
        alpha = cv2.GaussianBlur(alpha, (0, 0), blur)
    result: Alpha = alpha.astype(np.float32)
    return result


def _below(rng: Rng) -> Alpha:
    """A straight edge across the face, a little tilted; all below it."""
    top, tilt = EYES_END + rng.uniform(0, 0.14), rng.normal(0, 0.03)
    sides = rng.choice([0.0, 0.0, 0.08, 0.15]), 1 - rng.choice([0.0, 0.0, 0.08, 0.15])
    points = [(sides[0], top - tilt), (sides[1], top + tilt), (sides[1], 1), (sides[0], 1)]
    return drawn(np.array(points), blur=rng.choice([0.0, 0.6]))


def _mask(rng: Rng) -> Alpha:
    """A face mask: high at the nose, lower at the cheeks, ending at or above the chin."""
    middle = 0.5 + rng.normal(0, 0.03)
    nose, cheek = EYES_END + rng.uniform(-0.02, 0.08), EYES_END + rng.uniform(0.04, 0.16)
    half, chin = rng.uniform(0.3, 0.48), rng.uniform(0.92, 1.05)
    points = [
        (middle - half, cheek), (middle - 0.1, nose), (middle + 0.1, nose), (middle + half, cheek),
        (middle + half * 0.9, chin - 0.2), (middle + 0.15, chin), (middle - 0.15, chin),
        (middle - half * 0.9, chin - 0.2),
    ]  # fmt: skip
    return drawn(np.array(points), blur=rng.choice([0.0, 0.8]))


def _disc(rng: Rng) -> Alpha:
    """An ellipse over nose, mouth and chin: a cup, a ball, a microphone's shield."""
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    high = rng.uniform(0.22, 0.36)
    centre = np.array([0.5 + rng.normal(0, 0.04), EYES_END + 0.03 + high])
    radii = np.array([rng.uniform(0.3, 0.5), high])
    return drawn(centre + radii * np.stack([np.cos(angles), np.sin(angles)], axis=1))


def _hand(rng: Rng) -> Alpha:
    """A hand before mouth and nose: a palm and fingers side by side, from the left or the right."""
    turn = rng.normal(0, 0.4) + np.pi * rng.integers(2)
    along = np.array([np.cos(turn), np.sin(turn)])
    across = np.array([-along[1], along[0]])
    middle = np.array([0.5 + rng.normal(0, 0.04), 0.72 + rng.normal(0, 0.03)])
    width, gap = rng.uniform(0.12, 0.16), rng.uniform(0.0, 0.02)
    fingers = []
    for number in range(4):
        side = (number - 1.5) * (width + gap) * across
        start, end = -rng.uniform(0.45, 0.6) * along, rng.uniform(0.25, 0.5) * along
        half = width / 2 * across
        corners = [start - half, end - half, end + half * 0.8 + along * 0.03, start + half]
        fingers.append(np.array(corners) + side + middle)
    return drawn(*fingers, blur=0.5)


SHAPES = (_below, _below, _mask, _mask, _disc, _hand)


# ── Floatss of covers ───────────────────────────────────────────────────────────────────────────


def slope(rng: Rng) -> Floats:
    """A slope from −1 to 1 across the picture, in any direction."""
    rows, columns = np.mgrid[-1 : 1 : SIDE_PX * 1j, -1 : 1 : SIDE_PX * 1j]
    turn = rng.uniform(0, 2 * np.pi)
    result: Floats = (np.cos(turn) * columns + np.sin(turn) * rows) / 1.42
    return result


def clouds(rng: Rng) -> Floats:
    """Smooth noise of σ about 1, of a size that varies."""
    cells = int(rng.integers(2, 13))
    noise = rng.normal(0, 1.3, (cells, cells)).astype(np.float32)
    return cv2.resize(noise, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_CUBIC).astype(np.float64)


def _cloth(image: GrayImage, others: Images, rng: Rng) -> Floats:
    """One gray, with folds and shade."""
    shade = rng.uniform(0, 45) * slope(rng) + rng.uniform(0, 18) * clouds(rng)
    result: Floats = np.clip(rng.uniform(0, 255) + shade, 0, 255)
    return result


def _skin(image: GrayImage, others: Images, rng: Rng) -> Floats:
    """The face's own gray, shaded, with lines between fingers or none."""
    gray = float(np.median(image[SIDE_PX // 8 : SIDE_PX // 2, SIDE_PX // 4 : -SIDE_PX // 4]))
    shade = rng.uniform(5, 40) * slope(rng) + rng.uniform(0, 20) * clouds(rng)
    lines = rng.uniform(0, 30) * np.cos(slope(rng) * rng.uniform(8, 16))
    result: Floats = np.clip(gray * rng.uniform(0.7, 1.25) + shade + lines, 0, 255)
    return result


def _flat(image: GrayImage, others: Images, rng: Rng) -> Floats:
    return np.full((SIDE_PX, SIDE_PX), rng.uniform(0, 255))


def _noise(image: GrayImage, others: Images, rng: Rng) -> Floats:
    return rng.uniform(0, 255, (SIDE_PX, SIDE_PX))


def _stripes(image: GrayImage, others: Images, rng: Rng) -> Floats:
    wave = np.cos(slope(rng) * rng.uniform(6, 45) + rng.uniform(0, 6.3))
    result: Floats = np.clip(rng.uniform(60, 200) + rng.uniform(10, 90) * wave, 0, 255)
    return result


def _elsewhere(image: GrayImage, others: Images, rng: Rng) -> Floats:
    """A patch of a picture without people; cloth where there are none."""
    if not len(others):
        return _cloth(image, others, rng)
    result: Floats = others[rng.integers(len(others))].astype(np.float32)
    return result


FILLINGS = (_cloth, _cloth, _skin, _skin, _flat, _noise, _stripes, _elsewhere)
