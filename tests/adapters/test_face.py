"""The face finder on real pictures: who is there, where, and what it answers to bad input."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from moodbox.adapters.face import FaceFinder, cascade_file
from moodbox.config import FaceConfig
from moodbox.core.mood import BBox, GrayImage
from tests.support.data import FACES, NO_FACE, VIDEO, needs_scenes, pictures


def gray_of(path: Path) -> GrayImage:
    gray = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    assert gray is not None, path
    return gray  # type: ignore[return-value]


def video_frames(path: Path, every: int) -> list[GrayImage]:
    video = cv2.VideoCapture(str(path))
    frames: list[GrayImage] = []
    number = 0
    while video.grab():
        if number % every == 0:
            frames.append(cv2.cvtColor(video.retrieve()[1], cv2.COLOR_BGR2GRAY))  # type: ignore[arg-type]
        number += 1
    video.release()
    return frames


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder(FaceConfig().smallest_share)


@needs_scenes
@pytest.mark.parametrize(
    ("name", "faces"),
    [
        ("angry_15_degrees.jpg", 1),
        ("astronaut_happy.png", 1),
        ("five_people_happy.jpg", 5),
        ("happy.jpg", 1),
        ("surprise.jpg", 1),
    ],
)
def test_every_face_is_found_once(finder: FaceFinder, name: str, faces: int) -> None:
    assert len(finder.find(gray_of(FACES / name))) == faces


@needs_scenes
def test_the_box_lies_on_the_face_in_full_frame_pixels(finder: FaceFinder) -> None:
    """The astronaut's eyes, nose and mouth are inside, the box is about as large as her face."""
    (box,) = finder.find(gray_of(FACES / "astronaut_happy.png"))
    x_px, y_px = box.center_px
    assert abs(x_px - 224) < 20
    assert abs(y_px - 118) < 20
    assert 80 < box.width_px < 140


@needs_scenes
def test_a_larger_frame_gives_the_same_box_in_its_own_pixels(finder: FaceFinder) -> None:
    gray = gray_of(FACES / "astronaut_happy.png")
    twice: Any = cv2.resize(gray, None, fx=2, fy=2)
    (small,), (large,) = finder.find(gray), finder.find(twice)
    assert np.allclose(large.center_px, np.multiply(small.center_px, 2), atol=12)
    assert abs(large.width_px - 2 * small.width_px) < 24


@needs_scenes
def test_faces_come_largest_first(finder: FaceFinder) -> None:
    areas = [box.area_px for box in finder.find(gray_of(FACES / "five_people_happy.jpg"))]
    assert areas == sorted(areas, reverse=True)
    assert len(set(areas)) > 1


@needs_scenes
@pytest.mark.parametrize("path", pictures(NO_FACE), ids=lambda path: path.stem[-12:])
def test_no_face_is_found_where_there_is_none(finder: FaceFinder, path: Path) -> None:
    assert finder.find(gray_of(path)) == []


@needs_scenes
def test_no_face_is_found_among_bottles(finder: FaceFinder) -> None:
    frames = video_frames(VIDEO / "nobody_bottles.mp4", every=30)
    assert len(frames) > 30
    assert [number for number, gray in enumerate(frames) if finder.find(gray)] == []


@needs_scenes
def test_the_man_at_home_is_seen_in_every_frame(finder: FaceFinder) -> None:
    frames = video_frames(VIDEO / "neutral_then_smile.mp4", every=9)
    assert [len(finder.find(gray)) for gray in frames] == [1] * len(frames)


@needs_scenes
def test_a_face_smaller_than_the_share_is_left_out() -> None:
    gray = gray_of(FACES / "astronaut_happy.png")
    assert FaceFinder(smallest_share=0.12).find(gray) != []
    assert FaceFinder(smallest_share=0.4).find(gray) == []


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 5000), (5000, 1), (3, 7), (23, 24), (24, 23), (479, 641)]
)
def test_tiny_and_odd_frames_hold_nobody(finder: FaceFinder, shape: tuple[int, int]) -> None:
    assert finder.find(np.full(shape, 90, np.uint8)) == []


def test_a_view_that_is_not_contiguous_is_searched_too(finder: FaceFinder) -> None:
    """Rotated and mirrored frames are such views."""
    gray = np.zeros((64, 48), np.uint8)
    assert finder.find(np.rot90(gray)) == []
    assert finder.find(gray[:, ::-1]) == []


@pytest.mark.parametrize("share", [0.0, -1.0, 1.01])
def test_a_share_out_of_range_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="smallest_share"):
        FaceFinder(smallest_share=share)


def test_a_missing_cascade_is_named_with_what_to_install() -> None:
    with pytest.raises(FileNotFoundError, match="opencv-data"):
        cascade_file("haarcascade_of_nobody.xml")


def test_a_file_that_is_no_cascade_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cascade.xml"
    path.write_text("<not a cascade>", encoding="utf-8")
    with pytest.raises(ValueError, match="no cascade"):
        FaceFinder(FaceConfig().smallest_share, cascade=path)


@needs_scenes
def test_boxes_hold_plain_whole_numbers(finder: FaceFinder) -> None:
    """Python's own, not numpy's, so that they go into JSON as they are."""
    (box,) = finder.find(gray_of(FACES / "happy.jpg"))
    assert isinstance(box, BBox)
    assert {type(edge) for edge in dataclasses.astuple(box)} == {int}
