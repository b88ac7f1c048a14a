"""Pictures as a camera: each is somebody who sits down for a while and leaves."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from moodbox.adapters.camera.frames import fit
from moodbox.adapters.pictures import PictureError, picture_files, read_gray
from moodbox.core.mood import Frame, GrayImage
from moodbox.core.ports import CameraError, Clock

log = logging.getLogger(__name__)

WALL = (70, 110)
"""Gray levels of the empty frame between pictures, left to right: a plain wall. A frame without
any slope would look like a covered lens."""

_NO_PICTURE = "it holds no picture; put some there, as JPEG or PNG"

SWAY_SHARE, SWAY_HZ = 0.01, 0.3
"""A picture sways by about 1 % of the frame: the box takes a motionless face for a poster."""


@dataclass(slots=True)
class _Show:
    """One run of the slide show."""

    opened_s: float
    files: list[Path]
    """Pictures that are still to be shown; the first is the next or the present one."""
    began_s: float
    """When the pause before the first of `files` began."""
    present: GrayImage | None = field(default=None)
    """The first of `files`, decoded; None until it is read."""


class Slideshow:
    """A picture, or those of a folder in name order, with an empty frame before and after each."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        width_px: int,
        height_px: int,
        show_s: float = 6.0,
        gap_s: float = 3.0,
    ) -> None:
        """Frames are `width_px` × `height_px`; `path` is a picture, or a folder of them.

        A picture is shown whole, scaled down where needed, for `show_s` seconds, with `gap_s` of an
        empty frame before and after it.
        """
        self._path = path
        self._clock = clock
        self._size_px = width_px, height_px
        self._show_s = show_s
        self._gap_s = gap_s
        self._show: _Show | None = None
        slope = np.linspace(*WALL, width_px)
        self._wall: GrayImage = np.tile(slope.astype(np.uint8), (height_px, 1))

    def open(self) -> None:
        """List the folder and find its first picture.

        Raises CameraError where there is nothing, or no picture that can be read.
        """
        if self._show is not None:
            return
        now_s = self._clock.now_s()
        show = _Show(now_s, list(picture_files(self._path)), now_s)
        fault = self._load(show)
        if show.present is None:
            why = f"it holds no picture that can be read ({fault})" if fault else _NO_PICTURE
            raise CameraError(f"{self._path}: {why}; check camera.source")
        self._show = show

    def read(self) -> Frame | None:
        """What is shown now; None when all pictures have been shown."""
        show = self._show
        if show is None:
            raise CameraError(f"{self._path}: the slide show is closed: open it first")
        now_s = self._clock.now_s()
        while show.present is not None and now_s >= show.began_s + self._gap_s + self._show_s:
            show.began_s += self._gap_s + self._show_s
            del show.files[0]
            self._load(show)
        since_s = now_s - show.began_s
        if show.present is None and since_s >= self._gap_s:
            return None
        if show.present is None or since_s < self._gap_s:
            return Frame(now_s, self._wall.copy())
        return Frame(now_s, self._sway(show.present, since_s - self._gap_s))

    def close(self) -> None:
        """End the show; opened again it starts anew."""
        self._show = None

    def _load(self, show: _Show) -> str | None:
        """Decode the next picture that can be read; what is wrong with the first that cannot.

        Those are passed over.
        """
        show.present, fault = None, None
        while show.files and show.present is None:
            try:
                show.present = self._place(read_gray(show.files[0]))
            except PictureError as error:
                log.warning("%s; it is passed over", error)
                fault = fault or str(error)
                del show.files[0]
        return fault

    def _place(self, gray: GrayImage) -> GrayImage:
        """The picture in the middle of the wall."""
        gray = fit(gray, *self._size_px)
        frame = self._wall.copy()
        top = (frame.shape[0] - gray.shape[0]) // 2
        left = (frame.shape[1] - gray.shape[1]) // 2
        frame[top : top + gray.shape[0], left : left + gray.shape[1]] = gray
        return frame

    def _sway(self, frame: GrayImage, shown_s: float) -> GrayImage:
        x_px = SWAY_SHARE * self._size_px[0] * math.sin(math.tau * SWAY_HZ * shown_s)
        shift = np.array([[1, 0, x_px], [0, 1, x_px / 3]], np.float32)
        moved = cv2.warpAffine(
            frame, shift, self._size_px, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(moved, np.uint8)
