"""A Raspberry Pi's camera, by picamera2.

The luma plane of the small YUV stream is the gray frame, so nothing is converted. One Picamera2
object is kept over closing and opening: after about seven of them libcamera is out of memory.
"""

from __future__ import annotations

import errno
import logging
import threading
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from moodbox.adapters.camera.holders import PI_CAMERA_DEVICES, told
from moodbox.core.mood import Frame, GrayImage
from moodbox.core.ports import CameraError, CameraHangError, Clock

log = logging.getLogger(__name__)

CAPTURE_S = 0.9
"""Longest wait for a frame; the camera gives thirty a second."""

STOP_S = 0.9
"""Longest wait for the camera to stop; one that hangs is left to a thread of its own."""

FRAME_US = 33_333
"""Thirty frames a second: exposures up to a thirtieth, short enough for a face that moves."""

CABLE = "look at its cable (both ends, the contacts' side) and its power supply"


class Request(Protocol):
    """What picamera2 hands out for one exposure."""

    def make_array(self, name: str) -> npt.NDArray[np.uint8]:
        """A stream's picture: for YUV420 (H·3/2, stride), the luma first."""

    def release(self) -> None:
        """Give the buffers back."""


class Picamera2(Protocol):
    """The part of picamera2's class of that name that is used here."""

    def create_video_configuration(self, **streams: Any) -> dict[str, Any]:
        """A configuration with these streams and controls."""

    def configure(self, config: dict[str, Any]) -> object:
        """Set the camera up."""

    def start(self) -> object:
        """Start streaming."""

    def capture_request(self, wait: float) -> Request:
        """The next exposure; raises TimeoutError after `wait` seconds."""

    def stop(self) -> object:
        """Stop streaming."""

    def close(self) -> object:
        """Release the camera for good."""


def system_picamera2() -> Picamera2:
    """The system's picamera2, imported now: only a Pi has it. Raises CameraError without it."""
    try:
        import picamera2
    except ImportError as error:
        raise CameraError(
            f"picamera2 cannot be imported ({error}): on a Raspberry Pi install the package "
            "python3-picamera2; elsewhere set camera.source to webcam:N or video:FILE"
        ) from error
    camera: Picamera2 = picamera2.Picamera2()
    return camera


class PiCamera:
    """Gray frames of the Pi's camera, taken when they are asked for."""

    def __init__(
        self,
        clock: Clock,
        width_px: int,
        height_px: int,
        factory: Callable[[], Picamera2] = system_picamera2,
    ) -> None:
        """Frames are `width_px` × `height_px`, each rounded down to an even number.

        `factory` makes the Picamera2 object, at the first opening.
        """
        self._clock = clock
        # YUV420 halves both.
        self._width_px, self._height_px = width_px // 2 * 2, height_px // 2 * 2
        self._factory = factory
        self._camera: Picamera2 | None = None
        self._streaming = False

    def open(self) -> None:
        """Start streaming.

        The first opening imports picamera2, which takes some seconds on a Pi. Raises CameraError:
        no picamera2, no camera, camera busy (with the processes that hold it).
        """
        if self._streaming:
            return
        try:
            if self._camera is None:
                camera = self._factory()
                self._camera = camera
                camera.configure(self._configuration(camera))
            self._camera.start()
        except CameraError:
            raise
        # picamera2 and libcamera raise what they like: IndexError without a camera, RuntimeError
        # for most else.
        except Exception as error:
            self._give_up()
            raise CameraError(_opening_fault(error)) from error
        self._streaming = True

    def _configuration(self, camera: Picamera2) -> dict[str, Any]:
        size = self._width_px, self._height_px
        return camera.create_video_configuration(
            # lores may not exceed main, and main is not looked at.
            main={"size": size},
            lores={"format": "YUV420", "size": size},
            buffer_count=2,
            # A frame that is asked for is one taken after the call.
            queue=False,
            controls={"FrameDurationLimits": (FRAME_US, FRAME_US)},
        )

    def read(self) -> Frame | None:
        """Take a frame. Raises CameraError when none comes within a second."""
        if self._camera is None or not self._streaming:
            raise CameraError("the camera is closed: open it first")
        try:
            request = self._camera.capture_request(wait=CAPTURE_S)
        except TimeoutError as error:
            self._give_up()
            raise CameraHangError(f"the camera gives no picture: {CABLE}") from error
        except Exception as error:
            self._give_up()
            raise CameraError(f"the camera failed ({error}): {CABLE}") from error
        try:
            return Frame(self._clock.now_s(), self._luma(request.make_array("lores")))
        finally:
            request.release()

    def _luma(self, plane: npt.NDArray[np.uint8]) -> GrayImage:
        """The Y plane without the padding of its rows, copied: the buffer is used again."""
        gray = plane[: self._height_px, : self._width_px].copy()
        if gray.shape != (self._height_px, self._width_px):
            raise CameraError(
                f"the camera gives {plane.shape} pixels instead of "
                f"{self._width_px}×{self._height_px}: change camera.width_px and height_px"
            )
        return gray

    def close(self) -> None:
        """Stop streaming; the camera is dark, its object is kept for the next opening."""
        if self._camera is not None and self._streaming:
            self._streaming = False
            if not _within(STOP_S, self._camera.stop):
                self._camera = None

    def _give_up(self) -> None:
        """Throw a failed camera away; the next opening makes a new one."""
        camera, self._camera, self._streaming = self._camera, None, False
        if camera is not None:
            _within(STOP_S, camera.close)


def _within(limit_s: float, call: Callable[[], object]) -> bool:
    """Make a call that may hang or fail; whether it came back well within `limit_s`."""
    done = threading.Event()

    def run() -> None:
        try:
            call()
        except Exception as error:
            log.warning("the camera did not stop well: %s", error)
        else:
            done.set()

    thread = threading.Thread(target=run, name="camera-stop", daemon=True)
    thread.start()
    thread.join(limit_s)
    return done.is_set()


def _opening_fault(error: Exception) -> str:
    """A sentence for what kept the camera from opening."""
    busy = getattr(error, "errno", None) == errno.EBUSY or "busy" in str(error).lower()
    if busy or "acquire" in str(error).lower():
        return f"the camera is busy, {told(PI_CAMERA_DEVICES)}"
    if isinstance(error, IndexError):
        return f"no camera is connected: {CABLE}; 'rpicam-hello --list-cameras' shows what is seen"
    if getattr(error, "errno", None) in (errno.EACCES, errno.EPERM):
        return "the camera may not be opened: the user must be in the group video"
    return f"the camera cannot be opened ({error}): {CABLE}"
