"""Makes crops that nobody could read, from training images: the sixth output learns from them.

Four kinds: covered (everything below the eyes), smeared (by motion, defocus or distance), dark or
blank, and what is no face at all (a false find, the back of a head). Each varies in shape, place
and filling far beyond what one object would, so that the network learns that something is missing
and not what a mask looks like.
"""

from __future__ import annotations

from collections.abc import Callable
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
"""Below the eyes, of the side: FER2013's eyes lie at 0.40 on average, σ 0.04."""

MOTION_PX = (13.0, 34.0)
DEFOCUS_SIGMA_PX = (4.0, 9.0)
FAR_SIDE_PX = (4, 8)
"""What is left of a face's side, beyond reading."""

FINE = 4
"""Covers are drawn this many times larger and then reduced, for soft edges."""


def covered(image: GrayImage, others: Images, rng: Rng) -> GrayImage:
    """The face with everything below the eyes covered: a mask, a hand, a cup, a blanket."""
    alpha = _SHAPES[rng.integers(len(_SHAPES))](rng)
    filling = _FILLINGS[rng.integers(len(_FILLINGS))](image, others, rng)
    result: GrayImage = np.rint(image * (1 - alpha) + filling * alpha).astype(np.uint8)
    return result


def smeared(image: GrayImage, others: Images, rng: Rng) -> GrayImage:
    """The face smeared by motion, out of focus, or too far away."""
    way = rng.random()
    if way < 0.6:
        return motion(image, rng.uniform(*MOTION_PX), rng.uniform(0, 180))
    if way < 0.8:
        return cv2.GaussianBlur(image, (0, 0), rng.uniform(*DEFOCUS_SIGMA_PX)).astype(np.uint8)
    return far(image, int(rng.integers(FAR_SIDE_PX[0], FAR_SIDE_PX[1] + 1)), rng)


def dark(image: GrayImage, others: Images, rng: Rng) -> GrayImage:
    """A face lost in the sensor's noise, or a picture of nothing: flat, a slope, clouds, noise."""
    if rng.random() < 0.5:
        level, gain = rng.uniform(0, 12), rng.uniform(0, 0.02)
        noise = rng.normal(0, rng.uniform(2, 8), image.shape)
        return _to_gray(level + image * gain + noise)
    base = rng.uniform(0, 255)
    picture = np.full(image.shape, base)
    picture += rng.uniform(0, 60) * _slope(rng)
    picture += rng.uniform(0, 40) * _clouds(rng)
    if rng.random() < 0.7:
        picture += rng.normal(0, rng.uniform(0.5, 25), image.shape)
    return _to_gray(picture)


def no_face(image: GrayImage, others: Images, rng: Rng) -> GrayImage:
    """What a face finder takes for a face by mistake: a patch, a texture, pieces of faces."""
    way = rng.random()
    if len(others) and way < 0.5:
        patch: GrayImage = others[rng.integers(len(others))]
        return patch[:, ::-1] if rng.random() < 0.5 else patch
    if way < 0.65:
        return _shuffled(image, rng)
    if way < 0.75:
        return _piece(image, rng)
    if way < 0.85:
        return _hair(image, rng)
    return _things(rng)


KINDS: dict[str, tuple[float, Callable[[GrayImage, Images, Rng], GrayImage]]] = {
    "covered": (0.4, covered),
    "smeared": (0.2, smeared),
    "dark": (0.1, dark),
    "no face": (0.3, no_face),
}
"""Each kind's share of the crops that cannot be read, and how it is made."""


def unreadable(image: GrayImage, others: Images, rng: Rng) -> GrayImage:
    """Make of a face (48, 48) uint8 a crop that nobody could read.

    `others` (N, 48, 48) are patches of pictures without people; none are needed.
    """
    shares = np.cumsum([share for share, _ in KINDS.values()])
    _, make = list(KINDS.values())[int(np.searchsorted(shares[:-1], rng.random(), "right"))]
    return make(image, others, rng)


def motion(image: GrayImage, length_px: float, angle_deg: float) -> GrayImage:
    """Smear along a straight line of `length_px`, at `angle_deg`; the edge is repeated."""
    size = 2 * int(np.ceil(length_px / 2)) + 1
    kernel = np.zeros((size, size), np.float32)
    kernel[size // 2] = np.clip(length_px / 2 - np.abs(np.arange(size) - size // 2) + 0.5, 0, 1)
    turn = cv2.getRotationMatrix2D((size // 2, size // 2), angle_deg, 1.0)
    kernel = cv2.warpAffine(kernel, turn, (size, size)).astype(np.float32)
    kernel /= kernel.sum()
    return cv2.filter2D(image, -1, kernel, borderType=cv2.BORDER_REPLICATE).astype(np.uint8)


def far(image: GrayImage, side_px: int, rng: Rng) -> GrayImage:
    """The face as it is when only `side_px` pixels of its side are left."""
    small = cv2.resize(image, (side_px, side_px), interpolation=cv2.INTER_AREA)
    noisy = _to_gray(small + rng.normal(0, rng.uniform(0, 6), small.shape))
    way = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST)[rng.integers(3)]
    return cv2.resize(noisy, (SIDE_PX, SIDE_PX), interpolation=way).astype(np.uint8)


def _to_gray(values: Floats) -> GrayImage:
    result: GrayImage = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return result


# ── Shapes of covers ─────────────────────────────────────────────────────────────────────────────


def _drawn(*polygons: Floats, blur: float = 0.0) -> Alpha:
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
    return _drawn(np.array(points), blur=rng.choice([0.0, 0.6]))


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
    return _drawn(np.array(points), blur=rng.choice([0.0, 0.8]))


def _disc(rng: Rng) -> Alpha:
    """An ellipse over nose, mouth and chin: a cup, a ball, a microphone's shield."""
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    high = rng.uniform(0.22, 0.36)
    centre = np.array([0.5 + rng.normal(0, 0.04), EYES_END + 0.03 + high])
    radii = np.array([rng.uniform(0.3, 0.5), high])
    return _drawn(centre + radii * np.stack([np.cos(angles), np.sin(angles)], axis=1))


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
    return _drawn(*fingers, blur=0.5)


_SHAPES = (_below, _below, _mask, _mask, _disc, _hand)


# ── Floatss of covers ───────────────────────────────────────────────────────────────────────────


def _slope(rng: Rng) -> Floats:
    """A slope from −1 to 1 across the picture, in any direction."""
    rows, columns = np.mgrid[-1 : 1 : SIDE_PX * 1j, -1 : 1 : SIDE_PX * 1j]
    turn = rng.uniform(0, 2 * np.pi)
    result: Floats = (np.cos(turn) * columns + np.sin(turn) * rows) / 1.42
    return result


def _clouds(rng: Rng) -> Floats:
    """Smooth noise of σ about 1, of a size that varies."""
    cells = int(rng.integers(2, 13))
    noise = rng.normal(0, 1.3, (cells, cells)).astype(np.float32)
    return cv2.resize(noise, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_CUBIC).astype(np.float64)


def _cloth(image: GrayImage, others: Images, rng: Rng) -> Floats:
    """One gray, with folds and shade."""
    shade = rng.uniform(0, 45) * _slope(rng) + rng.uniform(0, 18) * _clouds(rng)
    result: Floats = np.clip(rng.uniform(0, 255) + shade, 0, 255)
    return result


def _skin(image: GrayImage, others: Images, rng: Rng) -> Floats:
    """The face's own gray, shaded, with lines between fingers or none."""
    gray = float(np.median(image[SIDE_PX // 8 : SIDE_PX // 2, SIDE_PX // 4 : -SIDE_PX // 4]))
    shade = rng.uniform(5, 40) * _slope(rng) + rng.uniform(0, 20) * _clouds(rng)
    lines = rng.uniform(0, 30) * np.cos(_slope(rng) * rng.uniform(8, 16))
    result: Floats = np.clip(gray * rng.uniform(0.7, 1.25) + shade + lines, 0, 255)
    return result


def _flat(image: GrayImage, others: Images, rng: Rng) -> Floats:
    return np.full((SIDE_PX, SIDE_PX), rng.uniform(0, 255))


def _noise(image: GrayImage, others: Images, rng: Rng) -> Floats:
    return rng.uniform(0, 255, (SIDE_PX, SIDE_PX))


def _stripes(image: GrayImage, others: Images, rng: Rng) -> Floats:
    wave = np.cos(_slope(rng) * rng.uniform(6, 45) + rng.uniform(0, 6.3))
    result: Floats = np.clip(rng.uniform(60, 200) + rng.uniform(10, 90) * wave, 0, 255)
    return result


def _elsewhere(image: GrayImage, others: Images, rng: Rng) -> Floats:
    """A patch of a picture without people; cloth where there are none."""
    if not len(others):
        return _cloth(image, others, rng)
    result: Floats = others[rng.integers(len(others))].astype(np.float32)
    return result


_FILLINGS = (_cloth, _cloth, _skin, _skin, _flat, _noise, _stripes, _elsewhere)


# ── What is no face ──────────────────────────────────────────────────────────────────────────────


def _shuffled(image: GrayImage, rng: Rng) -> GrayImage:
    """The face's own tiles in another order."""
    tiles = int(rng.choice([2, 3, 4, 6]))
    side = SIDE_PX // tiles
    order = rng.permutation(tiles * tiles)
    while (order == np.arange(tiles * tiles)).mean() > 0.3:
        order = rng.permutation(tiles * tiles)
    parts = image.reshape(tiles, side, tiles, side).swapaxes(1, 2).reshape(-1, side, side)
    shuffled = parts[order].reshape(tiles, tiles, side, side).swapaxes(1, 2)
    result: GrayImage = shuffled.reshape(SIDE_PX, SIDE_PX)
    return result


def _piece(image: GrayImage, rng: Rng) -> GrayImage:
    """A corner of the picture, enlarged: an ear, a collar, the wall."""
    side = int(rng.integers(12, 21))
    top, left = (int(rng.choice([0, SIDE_PX - side])) for _ in range(2))
    part = image[top : top + side, left : left + side]
    return cv2.resize(part, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_CUBIC).astype(np.uint8)


def _hair(image: GrayImage, rng: Rng) -> GrayImage:
    """The back of a head: strands where the face was, and the picture's own edge around it."""
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    centre, radii = rng.normal(0.5, 0.03, 2), rng.uniform(0.4, 0.6, 2)
    alpha = _drawn(centre + radii * np.stack([np.cos(angles), np.sin(angles)], 1), blur=1.0)
    grain = rng.normal(0, 1, (SIDE_PX, SIDE_PX)).astype(np.float32)
    long = cv2.GaussianBlur(grain, (0, 0), rng.uniform(0.5, 1.0), sigmaY=rng.uniform(3, 9))
    turn = cv2.getRotationMatrix2D((SIDE_PX / 2, SIDE_PX / 2), rng.normal(0, 35), 1.5)
    size = (SIDE_PX, SIDE_PX)
    turned = cv2.warpAffine(long, turn, size, None, cv2.INTER_LINEAR, cv2.BORDER_REFLECT)
    strands = turned * (rng.uniform(5, 40) / max(float(turned.std()), 1e-6))
    hair = rng.uniform(10, 200) + strands + rng.uniform(0, 35) * _slope(rng)
    return _to_gray(image * (1 - alpha) + np.clip(hair, 0, 255) * alpha)


def _things(rng: Rng) -> GrayImage:
    """Boxes and discs of any gray before a background: furniture, lamps, a clock."""
    picture = _to_gray(rng.uniform(0, 255) + 40 * _slope(rng) + rng.uniform(0, 25) * _clouds(rng))
    for _ in range(rng.integers(1, 8)):
        gray = int(rng.integers(0, 256))
        a, b = rng.integers(0, SIDE_PX, (2, 2))
        if rng.random() < 0.5:
            cv2.rectangle(picture, a.tolist(), b.tolist(), gray, -1 if rng.random() < 0.7 else 1)
        else:
            radii = np.maximum(np.abs(a - b) // 2, 1).tolist()
            turn = float(rng.uniform(0, 180))
            cv2.ellipse(picture, tuple(a.tolist()), tuple(radii), turn, 0, 360, (gray,), -1)
    if rng.random() < 0.6:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 2.0)).astype(np.uint8)
    return _to_gray(picture + rng.normal(0, rng.uniform(0, 8), picture.shape))
