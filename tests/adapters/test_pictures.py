"""Reading picture files: which are found, what comes out, and what is said of bad ones."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from moodbox.adapters.pictures import PictureError, picture_files, read_gray
from moodbox.core.mood import GrayImage
from tests.support.data import FACES, NO_FACE, needs_scenes, pictures

HALVES: GrayImage = np.repeat(np.array([[40, 200]], np.uint8), [30, 30], axis=1).repeat(40, axis=0)
"""40 high, 60 wide, dark left, bright right."""


def encode(suffix: str, image: np.ndarray) -> bytes:  # type: ignore[type-arg]
    ok, data = cv2.imencode(suffix, image)
    assert ok
    return data.tobytes()


def with_orientation(jpeg: bytes, orientation: int) -> bytes:
    """The JPEG with an EXIF block that holds nothing but an orientation."""
    tiff = (
        b"MM\0*\0\0\0\x08" + b"\0\x01" + b"\x01\x12\0\x03\0\0\0\x01" + bytes([0, orientation, 0, 0])
    )
    body = b"Exif\0\0" + tiff + b"\0\0\0\0"
    return jpeg[:2] + b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body + jpeg[2:]


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".webp", ".tif", ".pgm"])
def test_every_common_format_comes_out_gray(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(encode(suffix, HALVES))
    gray = read_gray(path)
    assert gray.dtype == np.uint8
    assert gray.shape == (40, 60)
    assert np.abs(gray.astype(int) - HALVES).mean() < 3


def test_colour_alpha_and_sixteen_bits_come_out_gray(tmp_path: Path) -> None:
    variants = {
        "colour": cv2.cvtColor(HALVES, cv2.COLOR_GRAY2BGR),
        "alpha": cv2.cvtColor(HALVES, cv2.COLOR_GRAY2BGRA),
        "sixteen": HALVES.astype(np.uint16) * 257,
    }
    for name, image in variants.items():
        path = tmp_path / f"{name}.png"
        path.write_bytes(encode(".png", np.asarray(image)))
        gray = read_gray(path)
        assert gray.dtype == np.uint8, name
        assert np.abs(gray.astype(int) - HALVES).max() <= 1, name


@pytest.mark.parametrize(
    ("orientation", "corners"),
    [(1, [[40, 200], [40, 200]]), (3, [[200, 40], [200, 40]]), (6, [[40, 40], [200, 200]])],
)
def test_a_phone_that_was_held_sideways_is_turned_upright(
    tmp_path: Path, orientation: int, corners: list[list[int]]
) -> None:
    path = tmp_path / "phone.jpg"
    path.write_bytes(with_orientation(encode(".jpg", HALVES), orientation))
    gray = read_gray(path)
    assert (
        np.abs(gray[2 :: gray.shape[0] - 5, 2 :: gray.shape[1] - 5].astype(int) - corners).max() < 5
    )


def test_names_in_any_script_are_read(tmp_path: Path) -> None:
    for name in ("चेहरा.png", "лицо 顔 😀.png", os.fsdecode(b"caf\xe9.png")):
        path = tmp_path / name
        path.write_bytes(encode(".png", HALVES))
        assert (read_gray(path) == HALVES).all()


@needs_scenes
@pytest.mark.parametrize("path", [*pictures(FACES), *pictures(NO_FACE)], ids=lambda p: p.stem[-12:])
def test_whole_pictures_are_not_taken_for_cut_off(path: Path) -> None:
    assert read_gray(path).size > 10_000


@needs_scenes
@pytest.mark.parametrize("share", [0.001, 0.3, 0.9, 0.999])
@pytest.mark.parametrize("name", ["happy.jpg", "astronaut_happy.png"])
def test_a_truncated_picture_is_refused(tmp_path: Path, name: str, share: float) -> None:
    data = (FACES / name).read_bytes()
    path = tmp_path / name
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(PictureError, match=name):
        read_gray(path)


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "empty"), (b"no picture", "no picture"), (bytes(5000), "no picture"),
     (b"\xff\xd8\xff\xd9", "no picture"), (b"BM" + bytes(20), "")],
)  # fmt: skip
def test_what_is_no_picture_is_refused_by_name(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    with pytest.raises(PictureError, match=rf"a\.jpg: .*{says}"):
        read_gray(path)


def test_what_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"none\.jpg: cannot be read: No such file"):
        read_gray(tmp_path / "none.jpg")
    with pytest.raises(PictureError, match="Is a directory"):
        read_gray(tmp_path)


def test_a_folder_is_walked_in_sorted_order(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.png", "sub/z.jpeg", "sub/deep/y.webp", "notes.txt", ".hidden.png",
                 ".git/x.png"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in picture_files(tmp_path)]
    assert found == ["a.png", "b.JPG", "sub/z.jpeg", "sub/deep/y.webp"]


def test_a_folder_that_links_to_itself_is_walked_once(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    (tmp_path / "again").symlink_to(tmp_path)
    assert list(picture_files(tmp_path)) == [tmp_path / "a.png"]


def test_a_file_that_is_named_is_always_tried(tmp_path: Path) -> None:
    odd = tmp_path / "scan.xyz"
    odd.touch()
    assert list(picture_files(odd)) == [odd]
    assert list(picture_files(tmp_path / "none.png")) == [tmp_path / "none.png"]
