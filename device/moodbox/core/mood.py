"""The words of the house: moods, faces, scores and readings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

GrayImage = npt.NDArray[np.uint8]
"""A gray picture, (H, W) uint8, 0 black to 255 white."""


class Mood(StrEnum):
    """What the music follows. The order is the project's own; a model's order is its manifest's."""

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
        """Middle of the box as (x, y)."""
        return self.x_px + self.width_px / 2, self.y_px + self.height_px / 2


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of the camera.

    `t_s` is the moment it was taken, in seconds of the camera's clock (a video: its time stamp).
    """

    t_s: float
    gray: GrayImage


@dataclass(frozen=True, slots=True)
class Scores:
    """One look at one face: a probability for every mood, each 0–1, together 1."""

    probability: dict[Mood, float]

    @property
    def mood(self) -> Mood:
        """The most probable mood; the earlier one in `Mood`'s order when two are equal."""
        return max(Mood, key=lambda mood: self.probability[mood])

    @property
    def confidence(self) -> float:
        """Probability of `mood`, 0.2–1."""
        return self.probability[self.mood]
