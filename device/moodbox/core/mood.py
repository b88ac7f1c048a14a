"""The basic values: moods, gray pictures, frames, rectangles and scores."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

GrayImage = npt.NDArray[np.uint8]
"""A gray picture, (H, W) uint8, 0 black to 255 white."""


class Mood(StrEnum):
    """What the music follows. The order is this project's; a model's manifest names its own."""

    HAPPY = "happy"
    SAD = "sad"
    ANGRY = "angry"
    SURPRISE = "surprise"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class BBox:
    """A rectangle in a frame: left, top, width and height in pixels; may reach past the frame."""

    x_px: int
    y_px: int
    width_px: int
    height_px: int

    @property
    def area_px(self) -> int:
        """Width times height."""
        return self.width_px * self.height_px

    @property
    def center_px(self) -> tuple[float, float]:
        """Center of the rectangle as (x, y)."""
        return self.x_px + self.width_px / 2, self.y_px + self.height_px / 2


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of the camera.

    `t_s` is when it was taken, in seconds of the camera's clock (for a video its time stamp).
    """

    t_s: float
    gray: GrayImage


@dataclass(frozen=True, slots=True)
class Scores:
    """One prediction for one face: a probability 0–1 for every mood; they sum to 1."""

    probability: dict[Mood, float]

    @property
    def mood(self) -> Mood:
        """The most probable mood; of equal ones the first in `Mood`'s order."""
        return max(Mood, key=lambda mood: self.probability[mood])

    @property
    def confidence(self) -> float:
        """Probability of `mood`, 0.2–1."""
        return self.probability[self.mood]
