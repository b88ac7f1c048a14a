"""What all sources share: gray, of a size that can be searched, the right way up."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from moodbox.core.mood import Frame, GrayImage
from moodbox.core.ports import Camera, CameraError
from moodbox.core.seeing.preprocess import check_gray

MAX_WIDTH_PX = 1280
MAX_HEIGHT_PX = 720
"""Larger pictures and videos are scaled down to this: the face finder searches 320 pixels of
height, and a face it finds there still has twice the classifier's 48."""


def to_gray(image: npt.NDArray[np.generic]) -> GrayImage:
    """Turn a picture of OpenCV's, (H, W) or (H, W, 3) BGR uint8, gray.

    Raises CameraError for anything else.
    """
    if image.ndim == 3 and image.shape[2] == 3 and image.dtype == np.uint8 and image.size:
        return np.asarray(
            cv2.cvtColor(image.astype(np.uint8, copy=False), cv2.COLOR_BGR2GRAY), np.uint8
        )
    try:
        return check_gray(image)
    except ValueError as error:
        raise CameraError(f"the camera gives frames that cannot be used: {error}") from error


def fit(
    gray: GrayImage, max_width_px: int = MAX_WIDTH_PX, max_height_px: int = MAX_HEIGHT_PX
) -> GrayImage:
    """Scale a picture down, its proportions kept, to fit; a smaller one stays as it is."""
    height_px, width_px = gray.shape
    scale = min(max_width_px / width_px, max_height_px / height_px)
    if scale >= 1:
        return gray
    size = max(1, round(width_px * scale)), max(1, round(height_px * scale))
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)


class Turned:
    """A camera whose frames are rotated and then mirrored, as it is mounted."""

    def __init__(self, source: Camera, rotation_deg: int, mirror: bool) -> None:
        """`rotation_deg` is clockwise; raises ValueError unless it is 0, 90, 180 or 270."""
        if rotation_deg not in (0, 90, 180, 270):
            raise ValueError(f"a rotation is 0, 90, 180 or 270 degrees, not {rotation_deg}")
        self._source = source
        self._quarters = rotation_deg // 90
        self._mirror = mirror

    def open(self) -> None:
        """Open the source."""
        self._source.open()

    def read(self) -> Frame | None:
        """The source's newest frame, turned."""
        frame = self._source.read()
        if frame is None:
            return None
        gray = np.rot90(frame.gray, -self._quarters)
        if self._mirror:
            gray = gray[:, ::-1]
        return replace(frame, gray=np.ascontiguousarray(gray))

    def close(self) -> None:
        """Close the source."""
        self._source.close()
