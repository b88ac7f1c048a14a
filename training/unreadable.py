"""Makes crops that nobody could read, from training images: the sixth output learns from them.

Four kinds: covered (everything below the eyes), smeared (by motion, defocus or distance), dark or
blank, and what is no face at all (a false find, the back of a head). Each varies in shape, place
and filling far beyond what one object would, so that the network learns that something is missing
and not what a mask looks like.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from moodbox.core.mood import GrayImage
from moodbox.core.seeing.preprocess import SIDE_PX
from training.covers import FILLINGS, SHAPES, Floats, Images, Rng, clouds, drawn, slope

MOTION_PX = (13.0, 34.0)
DEFOCUS_SIGMA_PX = (4.0, 9.0)
FAR_SIDE_PX = (4, 8)
"""What is left of a face's side, beyond reading."""


def covered(image: GrayImage, others: Images, rng: Rng) -> GrayImage:
    """The face with everything below the eyes covered: a mask, a hand, a cup, a blanket."""
    alpha = SHAPES[rng.integers(len(SHAPES))](rng)
    filling = FILLINGS[rng.integers(len(FILLINGS))](image, others, rng)
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
    picture += rng.uniform(0, 60) * slope(rng)
    picture += rng.uniform(0, 40) * clouds(rng)
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
    alpha = drawn(centre + radii * np.stack([np.cos(angles), np.sin(angles)], 1), blur=1.0)
    grain = rng.normal(0, 1, (SIDE_PX, SIDE_PX)).astype(np.float32)
    long = cv2.GaussianBlur(grain, (0, 0), rng.uniform(0.5, 1.0), sigmaY=rng.uniform(3, 9))
    turn = cv2.getRotationMatrix2D((SIDE_PX / 2, SIDE_PX / 2), rng.normal(0, 35), 1.5)
    size = (SIDE_PX, SIDE_PX)
    turned = cv2.warpAffine(long, turn, size, None, cv2.INTER_LINEAR, cv2.BORDER_REFLECT)
    strands = turned * (rng.uniform(5, 40) / max(float(turned.std()), 1e-6))
    hair = rng.uniform(10, 200) + strands + rng.uniform(0, 35) * slope(rng)
    return _to_gray(image * (1 - alpha) + np.clip(hair, 0, 255) * alpha)


def _things(rng: Rng) -> GrayImage:
    """Boxes and discs of any gray before a background: furniture, lamps, a clock."""
    picture = _to_gray(rng.uniform(0, 255) + 40 * slope(rng) + rng.uniform(0, 25) * clouds(rng))
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
