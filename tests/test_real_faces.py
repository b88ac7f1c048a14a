"""Rooms that are no studio: real faces through the daemon's own way, from frame to music."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from moodbox.adapters.camera.frames import Turned
from moodbox.adapters.camera.scene import scene_frame
from moodbox.adapters.face import FaceFinder
from moodbox.adapters.pictures import read_gray
from moodbox.config import FaceConfig
from moodbox.core.mood import BBox, Frame, GrayImage, Mood
from tests.support.data import FACES, needs_scenes
from tests.support.fake_clock import SimClock
from tests.support.simulated_box import SimulatedBox, simulated_box

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from moodbox.core.ports import Camera
    from tests.support.mpd_server import MpdServer

pytestmark = needs_scenes

WIDTH_PX, HEIGHT_PX = 640, 480
SEAT = BBox(220, 60, 260, 340)
"""Where somebody sits: their head and shoulders."""
FAR = BBox(60, 70, 40, 52)
"""Where a screen or a picture hangs at the wall: its faces are far less than 12 % of the frame."""

SCREEN = BBox(40, 50, 62, 81)
"""A larger screen: its faces are about as large as they may be and still be nobody's."""


class Room:
    """The Camera port: what the room shows at each moment, with a sensor's noise."""

    def __init__(
        self, clock: SimClock, show: Callable[[float], GrayImage], noise: float = 2.0
    ) -> None:
        self._clock, self._show, self._noise = clock, show, noise
        self._rng = np.random.default_rng(1)

    def open(self) -> None:
        """Nothing to open."""

    def read(self) -> Frame:
        """The room now."""
        now_s = self._clock.now_s()
        noisy = self._show(now_s) + self._rng.normal(0, self._noise, (HEIGHT_PX, WIDTH_PX))
        return Frame(now_s, np.clip(np.rint(noisy), 0, 255).astype(np.uint8))

    def close(self) -> None:
        """Nothing to close."""


def portrait(name: str) -> GrayImage:
    """A picture of one face, cut to head and shoulders."""
    gray = read_gray(FACES / name)
    (face,) = faces_in(gray)
    x_px, y_px = face.center_px
    half = face.width_px
    top, left = max(round(y_px - 1.1 * half), 0), max(round(x_px - half), 0)
    return gray[top : round(y_px + 1.5 * half), left : round(x_px + half)]


def faces_in(gray: GrayImage) -> list[BBox]:
    """Faces of a picture, largest first."""
    return FINDER.find(gray)[:1]


def hang(room: GrayImage, picture: GrayImage, box: BBox, shift_px: float = 0.0) -> GrayImage:
    """Lay a picture over the room in `box`, moved sideways by a part of a pixel or more."""
    result = room.copy()
    fitted = cv2.resize(picture, (box.width_px, box.height_px), interpolation=cv2.INTER_AREA)
    move = np.array([[1, 0, box.x_px + shift_px], [0, 1, box.y_px]], np.float32)
    size = (WIDTH_PX, HEIGHT_PX)
    laid = cv2.warpAffine(fitted, move, size)
    mask = cv2.warpAffine(np.full_like(fitted, 255), move, size) > 127
    result[mask] = laid[mask]
    return result


def sway_px(t_s: float) -> float:
    """How somebody who sits still moves."""
    return 5 * math.sin(2 * math.pi * 0.3 * t_s)


def sitter(name: str) -> Callable[[float], GrayImage]:
    """Somebody who sits before the box."""
    person, room = portrait(name), scene_frame(0)
    return lambda t_s: hang(room, person, SEAT, sway_px(t_s))


def watched(
    show: Callable[[float], GrayImage],
    mpd: MpdServer,
    folder: Path,
    noise: float = 2.0,
    wrap: Callable[[Camera], Camera] = lambda camera: camera,
    for_s: float = 12.0,
) -> SimulatedBox:
    """A box before what is shown, for a while."""
    clock = SimClock()
    box = simulated_box(wrap(Room(clock, show, noise)), mpd, folder, clock=clock)
    box.live(for_s)
    return box


FINDER = FaceFinder(FaceConfig().smallest_share)
FACE_NAMES = ("happy.jpg", "surprise.jpg")


@pytest.mark.parametrize("name", FACE_NAMES)
def test_somebody_before_the_box_is_read_once(name: str, mpd: MpdServer, tmp_path: Path) -> None:
    """What the other tests here spoil, unspoiled."""
    box = watched(sitter(name), mpd, tmp_path)
    assert (box.sittings, len(box.readings)) == (1, 1)
    assert box.readings[0].mood == Mood(name.partition(".")[0])


@pytest.mark.parametrize("name", FACE_NAMES)
@pytest.mark.parametrize("place", [SEAT, FAR])
def test_a_motionless_portrait_is_nobody(
    name: str, place: BBox, mpd: MpdServer, tmp_path: Path
) -> None:
    """Also while the light changes, and a shadow passes over the room now and then."""
    picture = hang(scene_frame(0), portrait(name), place)

    def show(t_s: float) -> GrayImage:
        lit = picture * (1 + 0.1 * math.sin(t_s / 5))
        if 3 < t_s % 20 < 4:
            left = round((t_s % 1) * WIDTH_PX)
            lit[:, left : left + 90] *= 0.6
        return np.clip(lit, 0, 255).astype(np.uint8)

    box = watched(show, mpd, tmp_path)
    assert (box.sittings, box.begun, box.switches) == (0, 0, 0)


def with_screen(show: Callable[[float], GrayImage], place: BBox) -> Callable[[float], GrayImage]:
    """The same with a television at the wall: another face every two seconds, never still."""
    faces = [portrait(name) for name in FACE_NAMES]

    def both(t_s: float) -> GrayImage:
        return hang(show(t_s), faces[int(t_s / 2) % len(faces)], place, 3 * math.sin(9 * t_s))

    return both


SCREENS = [(FAR, 12.0), (SCREEN, 60.0)]
"""Where it hangs, and for how long it is watched."""


@pytest.mark.parametrize(("place", "for_s"), SCREENS)
def test_a_screen_in_an_empty_room_is_nobody(
    place: BBox, for_s: float, mpd: MpdServer, tmp_path: Path
) -> None:
    room = scene_frame(0)
    box = watched(with_screen(lambda t_s: room, place), mpd, tmp_path, for_s=for_s)
    assert (box.sittings, box.begun) == (0, 0)


@pytest.mark.parametrize(("place", "for_s"), SCREENS)
def test_a_screen_behind_somebody_is_not_read(
    place: BBox, for_s: float, mpd: MpdServer, tmp_path: Path
) -> None:
    box = watched(with_screen(sitter("happy.jpg"), place), mpd, tmp_path, for_s=for_s)
    assert [reading.mood for reading in box.readings] == [Mood.HAPPY]
    assert box.state.seeing.tracked.bbox is not None
    assert box.state.seeing.tracked.bbox.x_px > SEAT.x_px


def test_the_larger_screens_faces_are_nearly_large_enough() -> None:
    """Else the two tests above would say little. The finder knows sizes in steps of a tenth."""
    show = with_screen(lambda t_s: scene_frame(0), SCREEN)
    shares = [
        face.height_px / HEIGHT_PX
        for t_s in (0.0, 2.0)
        for face in FaceFinder(smallest_share=0.08).find(show(t_s))
    ]
    assert 0.8 * FaceConfig().smallest_share < max(shares) < FaceConfig().smallest_share


@pytest.mark.parametrize(("light", "noise"), [(0.5, 4.0), (0.3, 6.0)])
def test_a_half_dark_room_is_read(
    light: float, noise: float, mpd: MpdServer, tmp_path: Path
) -> None:
    """Little light, and the sensor's gain brings noise."""
    show = sitter("happy.jpg")
    box = watched(lambda t_s: (show(t_s) * light).astype(np.uint8), mpd, tmp_path, noise)
    assert [reading.mood for reading in box.readings] == [Mood.HAPPY]
    assert not box.state.seeing.dark


def test_glasses_that_mirror_a_lamp_hide_nobody(mpd: MpdServer, tmp_path: Path) -> None:
    person = portrait("happy.jpg").copy()
    (face,) = faces_in(person)
    for side in (0.3, 0.7):
        eye = round(face.x_px + side * face.width_px), round(face.y_px + 0.4 * face.height_px)
        axes = round(0.16 * face.width_px), round(0.12 * face.width_px)
        cv2.ellipse(person, eye, axes, 0, 0, 360, (40,), 4)
        cv2.ellipse(person, eye, (axes[0] // 2, axes[1] // 2), 20, 0, 360, (250,), -1)
    room = scene_frame(0)
    box = watched(lambda t_s: hang(room, person, SEAT, sway_px(t_s)), mpd, tmp_path)
    assert box.sittings == 1
    assert box.readings[0].scores is not None, "the face was seen and looked at"
    assert box.readings[0].mood in (Mood.HAPPY, None), "what the glass hides may leave it undecided"


@pytest.mark.parametrize(
    ("turn_deg", "mirror"), [(0, True), (90, False), (180, False), (270, True)]
)
def test_a_camera_that_hangs_askew_sees_the_same_mood(
    turn_deg: int, mirror: bool, mpd: MpdServer, tmp_path: Path
) -> None:
    """Its frames are turned; the configuration's rotation and mirror set them right."""

    class Askew(Room):
        def read(self) -> Frame:
            frame = super().read()
            gray = frame.gray[:, ::-1] if mirror else frame.gray
            return Frame(frame.t_s, np.ascontiguousarray(np.rot90(gray, turn_deg // 90)))

    clock = SimClock()
    camera = Turned(Askew(clock, sitter("happy.jpg")), turn_deg, mirror)
    box = simulated_box(camera, mpd, tmp_path, clock=clock)
    box.live(6)
    assert [reading.mood for reading in box.readings] == [Mood.HAPPY]
