"""A video file as a camera: it plays at its own pace, by its time stamps."""

from __future__ import annotations

import logging
import math
import os
import re
from pathlib import Path

import cv2

from moodbox.adapters.camera.frames import fit, to_gray
from moodbox.adapters.files import open_file
from moodbox.core.mood import Frame, GrayImage
from moodbox.core.ports import CameraError, Clock

log = logging.getLogger(__name__)

LONGEST_READ_S = 0.5
"""A read that would have to skip more than this much decoding returns what it has reached: the
loop must not stand still. The next read goes on from there."""

MISSING_S = 1.0
"""A video that ends this much before the length it states is said to break off."""

LONGEST_STEP_S = 10.0
"""A time stamp further ahead of the last is no time stamp. Videos of changing rate show one frame
for seconds."""

LONGEST_FILM_S = 1e7

USUAL_FPS, MOST_FPS = 30.0, 240.0
"""The rate of a film that tells none, or a senseless one: rpicam-vid's own default."""

MOST_PX = 40_000_000
"""Largest frame that is decoded; 8K has 33 million pixels."""

_FILMS = re.compile(
    rb"....(?:ftyp|styp|moov|mdat|free|skip|wide|pnot)"  # MP4, QuickTime
    rb"|\x1aE\xdf\xa3|RIFF....AVI |OggS|FLV\x01|0&\xb2u|GIF8[79]a|DKIF"  # MKV, … ASF, GIF, IVF
    rb"|G.{187}G|.{4}G.{191}G|\0\0\x01[\xb0\xb3\xb5\xba]"  # MPEG: transport and program streams
    rb"|\0?\0\0\x01[\x00-\x7f]"  # raw H.264 and H.265, as rpicam-vid writes them
    rb"|\xff\xd8\xff|YUV4MPEG2 ",  # raw MJPEG; uncompressed frames
    re.DOTALL,
)
"""First bytes of what is played. FFmpeg also opens lists of other files and of addresses in the
network, which a film from somebody else has no business to name."""


START_BYTES = 512
"""As much of a file as `is_film` needs."""


def is_film(start: bytes) -> bool:
    """Whether a file that starts so may be a video that is played here."""
    return _FILMS.match(start) is not None


class VideoFile:
    """Frames of a video, the newest that is due. Reopening plays it from its start."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """`clock` paces the video: a frame's `t_s` is when it was due in the clock's time."""
        self._path = path
        self._clock = clock
        self._capture: cv2.VideoCapture | None = None
        self._opened_s = 0.0
        self._shift_s = math.nan
        """From a frame's time stamp to the moment when it is due, in the clock's time."""
        self._stated_s = 0.0
        self._period_s = 1 / USUAL_FPS
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
        capture = self._opened()
        capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)  # a phone that was held upright says so
        if not (capture.isOpened() and _is_sane(capture) and capture.grab()):
            capture.release()
            raise CameraError(
                f"{self._path}: is no video that can be played, or it is cut off; "
                "try it in a player, and copy it again whole"
            )
        self._capture = capture
        fps, count = capture.get(cv2.CAP_PROP_FPS), capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self._period_s = 1 / (fps if 0 < fps <= MOST_FPS else USUAL_FPS)
        self._stated_s = count * self._period_s
        self._opened_s = self._next_s = self._clock.now_s()
        self._shift_s = self._opened_s - _stamp_s(capture)
        self._due = None

    def read(self) -> Frame | None:
        """The newest frame that is due, (H, W) at most 720 pixels high; None after the last.

        Two reads within one frame's time return the same frame; one that cannot be decoded is
        passed over.
        """
        if self._capture is None:
            raise CameraError(f"{self._path}: the video is closed: open it first")
        started_s = now_s = self._clock.now_s()
        ended = self._next_s == math.inf
        while self._next_s <= now_s and self._clock.now_s() - started_s < LONGEST_READ_S:
            gray = self._decode(self._capture)
            if gray is not None:
                self._due = Frame(self._next_s, gray)
            self._next_s = self._grab(self._capture, self._next_s)
        return None if ended else self._due

    def close(self) -> None:
        """Close the file."""
        if self._capture is not None:
            self._capture.release()
        self._capture = None
        self._due = None

    def _opened(self) -> cv2.VideoCapture:
        """The file in FFmpeg's hands, by its descriptor.

        OpenCV crashes on a name that is no UTF-8, FFmpeg takes what stands before a colon for a
        protocol, and `%03d` for a series of pictures.
        """
        try:
            handle = open_file(self._path)
        except OSError as error:
            missing = isinstance(error, FileNotFoundError | NotADirectoryError)
            why = "there is no such video file" if missing else f"cannot be read: {error.strerror}"
            raise CameraError(f"{self._path}: {why}; check camera.source") from error
        try:
            if not is_film(os.pread(handle, START_BYTES, 0)):
                raise CameraError(f"{self._path}: is no video of a kind that is played here")
            return cv2.VideoCapture(f"/proc/self/fd/{handle}", cv2.CAP_FFMPEG)
        except OSError as error:
            raise CameraError(f"{self._path}: cannot be read: {error.strerror}") from error
        finally:
            os.close(handle)

    def _decode(self, capture: cv2.VideoCapture) -> GrayImage | None:
        """The grabbed frame; None where it cannot be decoded."""
        try:
            ok, image = capture.retrieve()
        except cv2.error:
            return None
        return fit(to_gray(image)) if ok else None

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
        stamp_s = _stamp_s(capture)
        due_s = stamp_s + self._shift_s
        if 0 < due_s - before_s <= LONGEST_STEP_S:
            return due_s
        # Raw H.264 and MJPEG have no time stamps: all are the same, or senseless.
        due_s = before_s + self._period_s
        self._shift_s = due_s - stamp_s
        return due_s


def _stamp_s(capture: cv2.VideoCapture) -> float:
    """The grabbed frame's time stamp; not a number where it makes no sense."""
    stamp_s = float(capture.get(cv2.CAP_PROP_POS_MSEC)) / 1000
    return stamp_s if abs(stamp_s) < LONGEST_FILM_S else math.nan


def _is_sane(capture: cv2.VideoCapture) -> bool:
    """Whether its frames have a size that may be decoded."""
    width_px, height_px = (
        capture.get(which) for which in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
    )
    return 0 < width_px * height_px <= MOST_PX
