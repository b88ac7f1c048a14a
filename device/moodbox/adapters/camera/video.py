"""A video file as a camera: it plays at its own pace, by its time stamps."""

from __future__ import annotations

import logging
import math
from pathlib import Path

import cv2

from moodbox.adapters.camera.frames import fit, to_gray
from moodbox.core.mood import Frame, GrayImage
from moodbox.core.ports import CameraError, Clock

log = logging.getLogger(__name__)

LONGEST_READ_S = 0.5
"""A read that would have to skip more than this much decoding returns what it has reached: the
loop must not stand still. The next read goes on from there."""

MISSING_S = 1.0
"""A video that ends this much before the length it states is said to break off."""


class VideoFile:
    """Frames of a video, the newest that is due. Reopening plays it from its start."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """`clock` paces the video: a frame's `t_s` is when it was due in the clock's time."""
        self._path = path
        self._clock = clock
        self._capture: cv2.VideoCapture | None = None
        self._opened_s = 0.0
        self._first_stamp_s = 0.0
        self._stated_s = 0.0
        self._due: Frame | None = None
        """The last frame that was decoded."""
        self._next_s = math.inf
        """When the frame that is grabbed but not decoded is due; infinite at the end."""

    def open(self) -> None:
        """Open the file and decode its first frame.

        Raises CameraError where there is no such file, or none that holds a video.
        """
        if self._capture is not None:
            return
        if not self._path.is_file():
            raise CameraError(f"{self._path}: there is no such video file; check camera.source")
        capture = cv2.VideoCapture(str(self._path))
        if not (capture.isOpened() and capture.grab()):
            capture.release()
            raise CameraError(
                f"{self._path}: is no video that can be played, or it is cut off; "
                "try it in a player, and copy it again whole"
            )
        self._capture = capture
        fps, count = capture.get(cv2.CAP_PROP_FPS), capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self._stated_s = count / fps if fps > 0 else 0.0
        self._first_stamp_s = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        self._opened_s = self._next_s = self._clock.now_s()
        self._due = None

    def read(self) -> Frame | None:
        """The newest frame that is due, (H, W) at most 720 pixels high; None after the last.

        Two reads within one frame's time return the same frame.
        """
        if self._capture is None:
            raise CameraError(f"{self._path}: the video is closed: open it first")
        started_s = now_s = self._clock.now_s()
        ended = self._next_s == math.inf
        while self._next_s <= now_s and self._clock.now_s() - started_s < LONGEST_READ_S:
            self._due = Frame(self._next_s, self._decode(self._capture))
            self._next_s = self._grab(self._capture, self._next_s)
        return None if ended else self._due

    def close(self) -> None:
        """Close the file."""
        if self._capture is not None:
            self._capture.release()
        self._capture = None
        self._due = None

    def _decode(self, capture: cv2.VideoCapture) -> GrayImage:
        ok, image = capture.retrieve()
        if not ok:
            raise CameraError(f"{self._path}: a frame of the video cannot be decoded")
        return fit(to_gray(image))

    def _grab(self, capture: cv2.VideoCapture, before_s: float) -> float:
        """Step to the next frame; when it is due, never before the last. Infinite at the end."""
        if not capture.grab():
            played_s = before_s - self._opened_s
            if self._stated_s - played_s > MISSING_S:
                log.warning(
                    "%s ends after %.1f s of its %.1f s: is the file cut off?",
                    self._path, played_s, self._stated_s,
                )  # fmt: skip
            return math.inf
        stamp_s = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000 - self._first_stamp_s
        return max(before_s, self._opened_s + stamp_s)
