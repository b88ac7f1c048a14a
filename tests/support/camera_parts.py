"""Stand-ins for the parts of cameras: a webcam's capture, picamera2, a small video, pictures."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

VIDEO_FPS = 10.0
VIDEO_FRAMES = 20


def brightness(number: int) -> int:
    """Gray level of frame `number` of the small video."""
    return min(40 + 8 * number, 255)


def write_video(path: Path, frames: int = VIDEO_FRAMES) -> Path:
    """Write a video of plain frames, each brighter than the last, at 10 frames a second."""
    fourcc = cv2.VideoWriter.fourcc(*"MJPG")
    writer = cv2.VideoWriter(str(path), fourcc, VIDEO_FPS, (64, 48))
    assert writer.isOpened()
    for number in range(frames):
        writer.write(np.full((48, 64, 3), brightness(number), np.uint8))
    writer.release()
    return path


def write_pictures(folder: Path, names: tuple[str, ...] = ("a.png", "b.png")) -> Path:
    """Write plain pictures under these names, each brighter than the last."""
    folder.mkdir(exist_ok=True)
    for number, name in enumerate(names):
        gray = np.full((60, 80), 150 + 20 * number, np.uint8)
        ok, data = cv2.imencode(Path(name).suffix, gray)
        assert ok
        (folder / name).write_bytes(data.tobytes())
    return folder


class FakeCapture:
    """A webcam's capture: a frame every few milliseconds, until it is unplugged."""

    def __init__(self, frames: int = 1_000_000, opened: bool = True) -> None:
        self.released = threading.Event()
        self.hang = threading.Event()
        """Set by a test: reads block from then on, until the capture is let go."""
        self.let_go = threading.Event()
        self._left = frames
        self._opened = opened
        self.asked: dict[int, float] = {}

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self._opened

    def set(self, prop: int, value: float) -> bool:
        self.asked[prop] = value
        return True

    def read(self) -> tuple[bool, Any]:
        if self.hang.is_set():
            self.let_go.wait()
        self.released.wait(0.005)  # a webcam's rates, quickened
        self._left -= 1
        return self._left >= 0, np.full((48, 64, 3), 120, np.uint8)

    def release(self) -> None:
        self.released.set()


class FakeRequest:
    """One exposure: a YUV420 array whose rows are padded, as the Pi's are."""

    def __init__(self, width_px: int, height_px: int) -> None:
        self._array = np.full((height_px * 3 // 2, width_px + 32), 128, np.uint8)
        self._array[:height_px, :width_px] = 90
        self.released = False

    def make_array(self, name: str) -> npt.NDArray[np.uint8]:
        assert name == "lores"
        assert not self.released, "the buffer is the camera's again"
        return self._array

    def release(self) -> None:
        self.released = True
        self._array[:] = 0


class FakePicamera2:
    """picamera2's class as far as it is used, with the faults it is known for."""

    def __init__(self) -> None:
        self.config: dict[str, Any] = {}
        self.streaming = False
        self.closed = False
        self.starts = 0
        self.capture_fault: Exception | None = None
        self.start_fault: Exception | None = None
        self.requests: list[FakeRequest] = []

    def create_video_configuration(self, **streams: Any) -> dict[str, Any]:
        return streams

    def configure(self, config: dict[str, Any]) -> object:
        assert config["lores"]["size"] <= config["main"]["size"]
        self.config = config
        return None

    def start(self) -> object:
        if self.start_fault is not None:
            raise self.start_fault
        self.streaming = True
        self.starts += 1
        return None

    def capture_request(self, wait: float) -> FakeRequest:
        assert self.streaming
        assert 0 < wait < 1
        if self.capture_fault is not None:
            raise self.capture_fault
        request = FakeRequest(*self.config["lores"]["size"])
        self.requests.append(request)
        return request

    def stop(self) -> object:
        self.streaming = False
        return None

    def close(self) -> object:
        self.closed = True
        return None
