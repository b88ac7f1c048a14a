"""What every camera source needs to know."""

from __future__ import annotations

from typing import Protocol


class CameraSettings(Protocol):
    """How frames are wanted; the configuration's section [camera] is one."""

    @property
    def width_px(self) -> int:
        """Width of a frame before it is turned."""

    @property
    def height_px(self) -> int:
        """Height of a frame before it is turned."""

    @property
    def rotation_deg(self) -> int:
        """Clockwise turn, 0, 90, 180 or 270 degrees."""

    @property
    def mirror(self) -> bool:
        """Whether frames are mirrored left to right, after the turn."""
