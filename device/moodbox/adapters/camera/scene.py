"""The built-in scene: an empty room, a person sits down, stays a while and leaves.

It needs no camera and no file of anybody's, and is the same every time. The person is a portrait
in the public domain (`moodbox/demo/README.md`); the room is drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

import moodbox
from moodbox.adapters.pictures import PictureError, read_gray
from moodbox.core.mood import Frame, GrayImage
from moodbox.core.ports import CameraError, Clock

WIDTH_PX, HEIGHT_PX = 640, 480

PORTRAIT = Path(moodbox.__file__).parent / "demo" / "astronaut.png"

OUTLINE_PX = (
    (14, 511), (24, 400), (24, 340), (42, 282), (84, 236), (116, 212), (112, 190), (122, 166),
    (152, 152), (178, 148), (164, 118), (152, 92), (154, 64), (168, 36), (196, 20), (228, 14),
    (262, 20), (288, 38), (300, 66), (300, 94), (288, 122), (268, 144), (262, 172), (288, 188),
    (304, 214), (300, 238), (336, 262), (356, 304), (364, 346), (404, 344), (452, 362), (484, 398),
    (498, 450), (500, 511),
)  # fmt: skip
"""Her outline in the portrait, as (x, y) in its 512×512 pixels."""

SEAT_PX = (70, 36)
"""Left top of the portrait when she sits: her head is near the middle, her shoulders at the foot
of the frame, her face a fifth of its height."""

DIM = 0.8
"""The light of the room on her; the portrait was lit by a studio."""

NOISE_SIGMA = 2.0
"""Gray levels of sensor noise, as of a small camera in a lit room at evening."""

SWAY_PX, SWAY_HZ = (4.0, 1.5), (0.29, 0.41)
"""How a person who sits still moves, across and up: about 1 % of the frame, a few seconds a sway.
The box takes a motionless face for a poster."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """When she comes and goes."""

    empty_s: float = 5.0
    """Empty room before she comes."""
    present_s: float = 9.0
    """From her coming into view to her being out of it."""
    walk_s: float = 1.2
    """Part of that for sliding in, and again for sliding out."""
    after_s: float = 6.0
    """Empty room after she left."""

    @property
    def total_s(self) -> float:
        """Length of the scene."""
        return self.empty_s + self.present_s + self.after_s


SCENARIO = Scenario()


def scene_frame(t_s: float, scenario: Scenario = SCENARIO) -> GrayImage:
    """The scene `t_s` seconds after its start, (480, 640) uint8; the same for the same time.

    Before its start and after its end the room is empty. Raises PictureError if the portrait is
    missing from the installation.
    """
    picture = _room().copy()
    place = _place(t_s, scenario)
    if place is not None:
        _put(picture, place)
    rng = np.random.default_rng(round(t_s * 1000) & 0xFFFFFFFF)
    noise = np.roll(_noise(), rng.integers(0, HEIGHT_PX), 0)
    picture += np.roll(noise, rng.integers(0, WIDTH_PX), 1)
    result: GrayImage = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    return result


class SceneCamera:
    """The built-in scene as a camera; it ends with the scene and starts anew when reopened."""

    def __init__(self, clock: Clock, scenario: Scenario = SCENARIO) -> None:
        """`clock` paces the scene and gives frames their time."""
        self._clock = clock
        self._scenario = scenario
        self._opened_s: float | None = None

    def open(self) -> None:
        """Start the scene. Raises CameraError if the portrait is missing from the installation."""
        if self._opened_s is not None:
            return
        try:
            _person()
        except PictureError as error:
            raise CameraError(f"the built-in scene cannot be shown: {error}") from error
        self._opened_s = self._clock.now_s()

    def read(self) -> Frame | None:
        """The scene as it is now; None after its end."""
        if self._opened_s is None:
            raise CameraError("the built-in scene is closed: open it first")
        now_s = self._clock.now_s()
        t_s = now_s - self._opened_s
        if t_s > self._scenario.total_s:
            return None
        return Frame(now_s, scene_frame(t_s, self._scenario))

    def close(self) -> None:
        """End the scene."""
        self._opened_s = None


def _place(t_s: float, scenario: Scenario) -> tuple[float, float] | None:
    """Left top of the portrait in pixels; None while she is out of view."""
    since_s = t_s - scenario.empty_s
    left_s = scenario.present_s - since_s
    if since_s <= 0 or left_s <= 0:
        return None
    seated = _ease(since_s / scenario.walk_s) * _ease(left_s / scenario.walk_s)
    x_px = SEAT_PX[0] + (1 - seated) * (WIDTH_PX - SEAT_PX[0])
    # She stands while she walks: her head is higher then, and sinks as she sits down.
    y_px = SEAT_PX[1] - 30 * (1 - seated)
    sway_x, sway_y = (
        size_px * math.sin(math.tau * rate_hz * since_s)
        for size_px, rate_hz in zip(SWAY_PX, SWAY_HZ, strict=True)
    )
    return x_px + sway_x, y_px + sway_y


def _ease(share: float) -> float:
    """From 0 to 1 with a soft start and a soft end."""
    share = min(max(share, 0.0), 1.0)
    return share * share * (3 - 2 * share)


def _put(picture: npt.NDArray[np.float32], place: tuple[float, float]) -> None:
    """Lay the person over the picture, to a fraction of a pixel."""
    shift = np.array([[1, 0, place[0]], [0, 1, place[1]]], np.float32)
    portrait, mask = (
        cv2.warpAffine(layer, shift, (WIDTH_PX, HEIGHT_PX), flags=cv2.INTER_LINEAR)
        for layer in _person()
    )
    picture += mask * (portrait - picture)


@cache
def _person() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """The portrait in gray levels, dimmed, and how much of each pixel is she, 0–1."""
    gray = read_gray(PORTRAIT)
    mask = np.zeros(gray.shape, np.float32)
    cv2.fillPoly(mask, [np.array(OUTLINE_PX, np.int32)], (1.0,))
    soft = np.asarray(cv2.GaussianBlur(mask, (0, 0), 2.5), np.float32)
    return gray.astype(np.float32) * np.float32(DIM), soft


@cache
def _noise() -> npt.NDArray[np.float32]:
    rng = np.random.default_rng(1)
    return rng.normal(0, NOISE_SIGMA, (HEIGHT_PX, WIDTH_PX)).astype(np.float32)


@cache
def _room() -> npt.NDArray[np.float32]:
    """A living room at evening: wall, floor, window, lamp and sofa, in gray levels."""
    room = np.tile(np.linspace(74, 58, HEIGHT_PX, dtype=np.float32)[:, None], (1, WIDTH_PX))
    cv2.rectangle(room, (0, 392), (WIDTH_PX, HEIGHT_PX), (40,), -1)
    cv2.rectangle(room, (0, 384), (WIDTH_PX, 392), (84,), -1)
    _window(room)
    _sofa(room)
    _lamp(room)
    return np.asarray(cv2.GaussianBlur(room, (0, 0), 1.2), np.float32)


def _window(room: npt.NDArray[np.float32]) -> None:
    """A window at dusk with its bars, on the left."""
    cv2.rectangle(room, (36, 48), (166, 226), (96,), -1)
    cv2.rectangle(room, (44, 56), (158, 218), (30,), -1)
    cv2.line(room, (101, 56), (101, 218), (96,), 5)
    cv2.line(room, (44, 128), (158, 128), (96,), 5)


def _sofa(room: npt.NDArray[np.float32]) -> None:
    """A sofa across the foot of the frame: back, two cushions, arms."""
    cv2.rectangle(room, (140, 262), (560, 420), (88,), -1)
    cv2.rectangle(room, (140, 262), (560, 272), (102,), -1)
    cv2.line(room, (350, 272), (350, 380), (70,), 3)
    cv2.rectangle(room, (140, 380), (560, 446), (80,), -1)
    cv2.rectangle(room, (104, 320), (148, 452), (98,), -1)
    cv2.rectangle(room, (552, 320), (596, 452), (98,), -1)


def _lamp(room: npt.NDArray[np.float32]) -> None:
    """A standing lamp on the right, and its light on the wall."""
    rows, columns = np.mgrid[0:HEIGHT_PX, 0:WIDTH_PX].astype(np.float32)
    distance_px = np.hypot(columns - 590, rows - 120)
    room += 60 * np.exp(-((distance_px / 130) ** 2))
    cv2.line(room, (590, 150), (590, 400), (30,), 5)
    shade = np.array([(560, 150), (620, 150), (606, 96), (574, 96)], np.int32)
    cv2.fillPoly(room, [shade], (215,))
