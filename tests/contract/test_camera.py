"""What every camera promises, the fake included."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from moodbox.adapters.camera.frames import Turned
from moodbox.adapters.camera.picamera import PiCamera
from moodbox.adapters.camera.scene import SceneCamera
from moodbox.adapters.camera.slideshow import Slideshow
from moodbox.adapters.camera.video import VideoFile
from moodbox.adapters.camera.webcam import Webcam
from moodbox.core.ports import Camera, CameraError
from tests.support.camera_parts import FakeCapture, FakePicamera2, write_pictures, write_video
from tests.support.fake_camera import FakeCamera
from tests.support.fake_clock import SimClock

GRAY = np.full((48, 64), 90, np.uint8)


@dataclass
class Case:
    """A camera, its clock, and whether it comes to an end by itself."""

    camera: Camera
    clock: SimClock
    ends: bool


MAKERS: dict[str, Callable[[SimClock, Path], tuple[Camera, bool]]] = {
    "fake": lambda clock, _: (FakeCamera(clock, [*[GRAY] * 8, None]), True),
    "video": lambda clock, tmp: (VideoFile(write_video(tmp / "v.avi"), clock), True),
    "pictures": lambda clock, tmp: (
        Slideshow(write_pictures(tmp / "p"), clock, 96, 64, show_s=2, gap_s=1),
        True,
    ),
    "scene": lambda clock, _: (SceneCamera(clock), True),
    "turned scene": lambda clock, _: (Turned(SceneCamera(clock), 90, mirror=True), True),
    "webcam": lambda clock, _: (Webcam(0, clock, 64, 48, lambda _: FakeCapture()), False),
    "picamera2": lambda clock, _: (PiCamera(clock, 64, 48, FakePicamera2), False),
}


@pytest.fixture(params=MAKERS)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    clock = SimClock()
    camera, ends = MAKERS[request.param](clock, tmp_path)
    yield Case(camera, clock, ends)
    camera.close()


def test_a_frame_is_a_gray_picture_of_the_present(case: Case) -> None:
    case.camera.open()
    times = []
    for _ in range(4):
        frame = case.camera.read()
        assert frame is not None
        assert frame.gray.dtype == np.uint8
        assert frame.gray.ndim == 2
        assert frame.gray.size > 0
        assert frame.gray.flags.c_contiguous
        assert frame.t_s <= case.clock.now_s()
        times.append(frame.t_s)
        case.clock.advance(0.25)
    assert times == sorted(times)


def test_a_frame_stays_as_it_was_when_the_next_is_read(case: Case) -> None:
    """No camera hands out a buffer that it uses again."""
    case.camera.open()
    first = case.camera.read()
    assert first is not None
    kept = first.gray.copy()
    case.clock.advance(0.5)
    case.camera.read()
    assert (first.gray == kept).all()


def test_a_camera_that_was_never_opened_refuses_to_read(case: Case) -> None:
    with pytest.raises(CameraError, match="closed"):
        case.camera.read()


def test_a_closed_camera_refuses_to_read(case: Case) -> None:
    case.camera.open()
    case.camera.close()
    with pytest.raises(CameraError, match="closed"):
        case.camera.read()


def test_opening_and_closing_twice_is_harmless(case: Case) -> None:
    case.camera.close()
    case.camera.open()
    case.camera.open()
    assert case.camera.read() is not None
    case.camera.close()
    case.camera.close()


def test_a_closed_camera_can_be_opened_again(case: Case) -> None:
    for _ in range(3):
        case.camera.open()
        assert case.camera.read() is not None
        case.camera.close()


def test_a_source_that_ends_says_so_from_then_on(case: Case) -> None:
    """A real camera has no end; a video, pictures and the scene give None after theirs."""
    case.camera.open()
    answers = []
    for _ in range(120):
        answers.append(case.camera.read() is None)
        case.clock.advance(0.25)
    assert answers == sorted(answers)
    assert answers[-1] is case.ends
