"""A USB webcam, by OpenCV.

OpenCV's calls can block for many seconds, so a thread opens and reads the webcam and keeps the
newest frame; the loop only waits for that, and never long.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import cv2

from moodbox.adapters.camera.frames import fit, to_gray
from moodbox.adapters.camera.holders import told
from moodbox.core.mood import Frame
from moodbox.core.ports import CameraError, CameraHangError, Clock

READ_S = 0.9
"""Longest wait for a frame, opening included."""

JOIN_S = 0.5
"""Longest wait for the thread's end; it releases the webcam itself when its call comes back."""


class Capture(Protocol):
    """The part of cv2.VideoCapture that is used here."""

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        """Whether the device could be opened."""

    def set(self, prop: int, value: float) -> bool:
        """Ask for a property, such as the width."""

    def read(self) -> tuple[bool, Any]:
        """Wait for the next frame; False when there is none any more."""

    def release(self) -> None:
        """Give the device back."""


class Webcam:
    """The newest frame of webcam number N, /dev/videoN on Linux."""

    def __init__(
        self,
        number: int,
        clock: Clock,
        width_px: int,
        height_px: int,
        factory: Callable[[int], Capture] = cv2.VideoCapture,
    ) -> None:
        """Frames are about `width_px` × `height_px`: the webcam picks the nearest that it has.

        `factory` opens the device with this number.
        """
        self._number = number
        self._clock = clock
        self._size_px = width_px, height_px
        self._factory = factory
        self._reader: _Reader | None = None

    def open(self) -> None:
        """Start the webcam. Raises CameraError where there is none, or it is busy.

        One that takes longer than a second to answer is waited for by `read`.
        """
        if self._reader is not None:
            return
        reader = _Reader(self._number, self._clock, self._size_px, self._factory)
        reader.start()
        if reader.wait_for_answer(READ_S) and reader.fault is not None:
            reader.finish()
            raise CameraError(reader.fault)
        self._reader = reader

    def read(self) -> Frame | None:
        """The newest frame, one that was not returned before.

        Raises CameraError when none comes within a second.
        """
        if self._reader is None:
            raise CameraError(f"webcam {self._number} is closed: open it first")
        frame = self._reader.take(READ_S)
        if frame is not None:
            return frame
        raise CameraHangError(
            self._reader.fault
            or f"webcam {self._number} gives no picture: plug it in again, in another socket"
        )

    def close(self) -> None:
        """Release the webcam."""
        if self._reader is not None:
            self._reader.finish()
        self._reader = None


class _Reader(threading.Thread):
    """Opens one webcam, reads it, and keeps the newest frame until it is taken."""

    def __init__(
        self,
        number: int,
        clock: Clock,
        size_px: tuple[int, int],
        factory: Callable[[int], Capture],
    ) -> None:
        super().__init__(name=f"webcam-{number}", daemon=True)
        self._number = number
        self._clock = clock
        self._size_px = size_px
        self._factory = factory
        self._changed = threading.Condition()
        self._newest: Frame | None = None
        self._answered = False
        self._finish = False
        self.fault: str | None = None
        """What went wrong; None while all is well. Set once, at the thread's end."""

    def run(self) -> None:
        """Read until told to finish or until the webcam gives no more."""
        fault = None
        capture = None
        try:
            capture = self._factory(self._number)
            fault = self._read_on(capture) if capture.isOpened() else _opening_fault(self._number)
        except (CameraError, cv2.error) as error:
            fault = f"webcam {self._number}: {error}"
        finally:
            if capture is not None:
                capture.release()
            with self._changed:
                self.fault = fault or f"webcam {self._number} stopped"
                self._answered = True
                self._changed.notify_all()

    def _read_on(self, capture: Capture) -> str | None:
        """Keep the newest frame; returns what ended it, None when it was told to finish."""
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._size_px[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size_px[1])
        while not self._finish:
            ok, image = capture.read()
            if not ok:
                return f"webcam {self._number} gives no more pictures: is it still plugged in?"
            frame = Frame(self._clock.now_s(), fit(to_gray(image)))
            with self._changed:
                self._newest = frame
                self._answered = True
                self._changed.notify_all()
        return None

    def wait_for_answer(self, limit_s: float) -> bool:
        """Whether the webcam gave a frame or a fault within `limit_s`."""
        with self._changed:
            return self._changed.wait_for(lambda: self._answered, limit_s)

    def take(self, limit_s: float) -> Frame | None:
        """The newest frame, once; None when none came within `limit_s` or none will."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None or self.fault, limit_s)
            frame, self._newest = self._newest, None
            return frame

    def finish(self) -> None:
        """Ask the thread to end, and wait a little for it."""
        self._finish = True
        self.join(JOIN_S)


def _opening_fault(number: int) -> str:
    """A sentence for why webcam `number` could not be opened."""
    device = Path(f"/dev/video{number}")
    if not device.exists():
        others = sorted(str(path) for path in Path("/dev").glob("video*"))
        seen = (
            f"there are {', '.join(others)}" if others else "no webcam is seen at all: plug it in"
        )
        return f"there is no webcam {number} ({device}); {seen}"
    try:
        device.open("rb").close()
    except PermissionError:
        return f"{device} may not be opened: the user must be in the group video"
    except OSError as error:
        return f"{device} cannot be opened ({error.strerror}), {told((str(device),))}"
    return (
        f"{device} gives no pictures: it is {told((str(device),))}, or it is a webcam's second "
        "device, which has none: try another number"
    )
