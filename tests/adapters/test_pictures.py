"""Reading picture files: which are found, what comes out, and what is said of bad ones."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from moodbox.adapters.pictures import PictureError, picture_files, read_gray
from moodbox.core.mood import GrayImage
from tests.support.data import FACES, NO_FACE, needs_scenes, pictures

HALVES: GrayImage = np.repeat(np.array([[40, 200]], np.uint8), [30, 30], axis=1).repeat(40, axis=0)
"""40 high, 60 wide, dark left, bright right."""


UPRIGHT: GrayImage = np.full((48, 64), 200, np.uint8)
UPRIGHT[:16, :16] = 40
UPRIGHT[:16, 16:48] = 120
"""48 high, 64 wide; no turn and no mirror leaves it as it is."""


def encode(suffix: str, image: np.ndarray) -> bytes:  # type: ignore[type-arg]
    ok, data = cv2.imencode(suffix, image)
    assert ok
    return data.tobytes()


def exif(orientation: int) -> bytes:
    """An EXIF block that holds nothing but an orientation."""
    tag = b"\x01\x12\0\x03\0\0\0\x01" + bytes([0, orientation, 0, 0])
    return b"MM\0*\0\0\0\x08" + b"\0\x01" + tag + b"\0\0\0\0"


def with_orientation(jpeg: bytes, orientation: int) -> bytes:
    """The JPEG with such a block."""
    body = b"Exif\0\0" + exif(orientation)
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


def stored(orientation: int) -> GrayImage:
    """The picture `UPRIGHT` as a device stores it that writes this orientation with it."""
    gray = UPRIGHT
    if orientation in (3, 4, 7, 8):
        gray = gray[::-1]
    if orientation in (2, 3, 6, 7):
        gray = gray[:, ::-1]
    return np.ascontiguousarray(gray.T if orientation >= 5 else gray)


def chunk(kind: bytes, body: bytes) -> bytes:
    """A PNG chunk."""
    crc = zlib.crc32(kind + body).to_bytes(4, "big")
    return len(body).to_bytes(4, "big") + kind + body + crc


def oriented(suffix: str, orientation: int) -> bytes:
    """`UPRIGHT` in a format, stored and tagged with an orientation."""
    data = encode(suffix, stored(orientation))
    if suffix == ".jpg":
        return with_orientation(data, orientation)
    if suffix == ".png":
        at = data.index(b"IDAT") - 4
        return data[:at] + chunk(b"eXIf", exif(orientation)) + data[at:]
    if suffix == ".webp":
        return webp_with_exif(data, orientation)
    return tiff(stored(orientation), orientation)


def webp_with_exif(data: bytes, orientation: int) -> bytes:
    """A simple WebP file as an extended one with EXIF."""
    height_px, width_px = stored(orientation).shape
    canvas = (width_px - 1).to_bytes(3, "little") + (height_px - 1).to_bytes(3, "little")
    extended = b"VP8X" + (10).to_bytes(4, "little") + b"\x08\0\0\0" + canvas
    block = exif(orientation)
    body = b"WEBP" + extended + data[12:] + b"EXIF" + len(block).to_bytes(4, "little") + block
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def tiff(gray: GrayImage, orientation: int, order: str = "<", kind: int = 3) -> bytes:
    """An uncompressed TIFF file of one strip; its orientation as a number of this kind."""
    height_px, width_px = gray.shape
    numbers = {256: width_px, 257: height_px, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1,
               278: height_px, 279: gray.size}  # fmt: skip
    tags = {tag: struct.pack(order + "HII", 4, 1, value) for tag, value in numbers.items()}
    value = struct.pack(order + ("HH" if kind == 3 else "I"), *[orientation, 0][: 5 - kind])
    tags[274] = struct.pack(order + "HI", kind, 1) + value
    directory = struct.pack(order + "H", len(tags))
    directory += b"".join(struct.pack(order + "H", tag) + tags[tag] for tag in sorted(tags))
    start = b"II*\0" if order == "<" else b"MM\0*"
    return start + struct.pack(order + "I", 8 + gray.size) + gray.tobytes() + directory + bytes(4)


@pytest.mark.parametrize("order", ["<", ">"], ids=["little", "big"])
@pytest.mark.parametrize("kind", [3, 4], ids=["short", "long"])
def test_a_tiff_is_turned_once_however_its_orientation_is_written(
    tmp_path: Path, order: str, kind: int
) -> None:
    path = tmp_path / "scan.tif"
    for orientation in range(1, 9):
        path.write_bytes(tiff(stored(orientation), orientation, order, kind))
        assert np.array_equal(read_gray(path), UPRIGHT)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
def test_a_phone_that_was_held_in_any_way_is_turned_upright(
    tmp_path: Path, suffix: str, orientation: int
) -> None:
    path = tmp_path / f"phone{suffix}"
    path.write_bytes(oriented(suffix, orientation))
    gray = read_gray(path)
    assert gray.shape == UPRIGHT.shape
    assert np.abs(gray.astype(int) - UPRIGHT).mean() < 4
    assert gray.flags.c_contiguous


@pytest.mark.parametrize("orientation", [0, 9, 255])
@pytest.mark.parametrize("suffix", [".jpg", ".tif"])
def test_an_orientation_that_is_none_turns_nothing(
    tmp_path: Path, suffix: str, orientation: int
) -> None:
    path = tmp_path / f"phone{suffix}"
    gray = stored(1)
    data = tiff(gray, orientation)
    if suffix == ".jpg":
        data = with_orientation(encode(suffix, gray), orientation)
    path.write_bytes(data)
    assert np.abs(read_gray(path).astype(int) - UPRIGHT).mean() < 4


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
     (b"\xff\xd8\xff\xd9", "without size"), (b"BM" + bytes(20), "")],
)  # fmt: skip
def test_what_is_no_picture_is_refused_by_name(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    with pytest.raises(PictureError, match=rf"a\.jpg: .*{says}"):
        read_gray(path)


NOISE: GrayImage = np.random.default_rng(7).integers(0, 256, (120, 160), np.uint8)
JPEG = encode(".jpg", NOISE)
PROGRESSIVE = cv2.imencode(".jpg", NOISE, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()


def film(seed: int) -> bytes:
    """What a phone puts behind the picture that it was filmed around: coded, so like noise."""
    rng = np.random.default_rng(seed)
    return b"\0\0\0\x18ftypmp42" + rng.integers(0, 256, 300_000, np.uint8).tobytes()


BEHIND: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda jpeg: jpeg,
    "zeros": lambda jpeg: jpeg + bytes(4096),
    "a film": lambda jpeg: jpeg + film(0),
    "another film": lambda jpeg: jpeg + film(1),
    "another picture": lambda jpeg: jpeg + encode(".jpg", HALVES),
    "no end": lambda jpeg: jpeg[:-2],
    "half an end": lambda jpeg: jpeg[:-1],
    "no end and zeros": lambda jpeg: jpeg[:-2] + bytes(100),
}


@pytest.mark.parametrize("jpeg", [JPEG, PROGRESSIVE], ids=["baseline", "progressive"])
@pytest.mark.parametrize("behind", BEHIND)
def test_a_whole_jpeg_is_read_whatever_stands_behind_it(
    tmp_path: Path, behind: str, jpeg: bytes
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(BEHIND[behind](jpeg))
    assert np.array_equal(read_gray(path), cv2.imdecode(np.frombuffer(jpeg, np.uint8), 0))


@pytest.mark.parametrize("jpeg", [JPEG, PROGRESSIVE], ids=["baseline", "progressive"])
@pytest.mark.parametrize("share", [0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
@pytest.mark.parametrize("more", [b"", bytes(3000)], ids=["cut", "filled up with zeros"])
def test_a_jpeg_that_breaks_off_is_refused(
    tmp_path: Path, jpeg: bytes, share: float, more: bytes
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg[: int(len(jpeg) * share)] + more)
    with pytest.raises(PictureError, match=r"breaks off|without size"):
        read_gray(path)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
@pytest.mark.parametrize("suffix", [".png", ".webp", ".bmp", ".tif", ".pgm"])
def test_a_picture_of_any_format_that_breaks_off_is_refused(
    tmp_path: Path, suffix: str, share: float
) -> None:
    data = encode(suffix, NOISE)
    path = tmp_path / f"a{suffix}"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(PictureError, match=r"a\.\w+: .*(breaks off|no picture)"):
        read_gray(path)


def bomb(suffix: str) -> bytes:
    """A small file of a format that says it holds 900 million pixels."""
    data = bytearray(encode(suffix, HALVES) if suffix != ".gif" else b"GIF89a" + bytes(60))
    side_px = 30_000
    if suffix == ".png":
        return bytes(data[:8]) + chunk(
            b"IHDR", struct.pack(">II5B", side_px, side_px, 8, 0, 0, 0, 0)
        )
    if suffix == ".jpg":
        at = data.index(b"\xff\xc0") + 5
        data[at : at + 4] = struct.pack(">HH", side_px, side_px)
    if suffix == ".bmp":
        data[18:26] = struct.pack("<ii", side_px, -side_px)
    if suffix == ".gif":
        data[6:10] = struct.pack("<HH", side_px, side_px)
    if suffix == ".pgm":
        return b"P5 # a remark\n%d\n# one more\n%d 255\n" % (side_px, side_px) + bytes(100)
    if suffix == ".tif":
        data = bytearray(tiff(HALVES, 1))
        for tag, length in ((256, HALVES.shape[1]), (257, HALVES.shape[0])):
            at = data.index(struct.pack("<HHII", tag, 4, 1, length))
            data[at + 8 : at + 12] = struct.pack("<I", side_px)
    if suffix == ".webp":
        side = (side_px - 1).to_bytes(3, "little")
        body = b"WEBPVP8X" + (10).to_bytes(4, "little") + bytes(4) + side + side + bytes(data[12:])
        return b"RIFF" + len(body).to_bytes(4, "little") + body
    return bytes(data)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".gif", ".pgm", ".tif", ".webp"])
def test_a_small_file_of_a_huge_picture_is_never_decoded(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(bomb(suffix))
    with pytest.raises(PictureError, match="30000×30000 are 900 million pixels, at most 128"):
        read_gray(path)


@pytest.mark.parametrize(
    ("start", "says"),
    [
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"\0\0\0\x18ftypmif1", "HEIC"),
        (b"\0\0\0\x18ftypavif", "AVIF"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"\xff\x4f\xff\x51", "JPEG 2000"),
        (b"\xff\x0a", "JPEG XL"),
        (b"\0\0\0\x20ftypisom", "film"),
        (b"\x1aE\xdf\xa3", "film"),
        (b"8BPS\0\1", "Photoshop"),
        (b"%PDF-1.7", "PDF"),
        (b"<html><body>404 Not Found", "HTML"),
        (b"\xef\xbb\xbf <svg>", "XML"),
        (b"v/1\x01", "light levels"),
        (b"#?RADIANCE\n", "light levels"),
        (b"Pf\n4 4\n", "light levels"),
        (b"P7\nWIDTH 4\n", "no picture"),
        (b"\x59\xa6\x6a\x95", "no picture"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_no_other_format_reaches_a_decoder_whatever_its_name(
    tmp_path: Path, start: bytes, says: str
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(start + bytes(200))
    with pytest.raises(PictureError, match=rf"a\.jpg: is .*{says}"):
        read_gray(path)


def test_a_picture_is_read_under_another_formats_name(tmp_path: Path) -> None:
    path = tmp_path / "a.heic"
    path.write_bytes(JPEG)
    assert read_gray(path).shape == NOISE.shape


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "a.jpg"
    os.mkfifo(pipe)
    for path, says in ((pipe, "a pipe"), (Path("/dev/zero"), "a device")):
        with pytest.raises(PictureError, match=says):
            read_gray(path)


def test_what_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"none\.jpg: cannot be read: No such file"):
        read_gray(tmp_path / "none.jpg")
    with pytest.raises(PictureError, match="Is a directory"):
        read_gray(tmp_path)


def test_a_folder_is_walked_in_sorted_order(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.png", "sub/z.jpeg", "sub/deep/y.webp", "notes.txt", ".hidden.png",
                 ".git/x.png", "phone.HEIC"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in picture_files(tmp_path)]
    assert found == ["a.png", "b.JPG", "phone.HEIC", "sub/z.jpeg", "sub/deep/y.webp"]


def test_a_folder_that_links_to_itself_is_walked_once(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    (tmp_path / "again").symlink_to(tmp_path)
    assert list(picture_files(tmp_path)) == [tmp_path / "a.png"]


def test_a_file_that_is_named_is_always_tried(tmp_path: Path) -> None:
    odd = tmp_path / "scan.xyz"
    odd.touch()
    assert list(picture_files(odd)) == [odd]
    assert list(picture_files(tmp_path / "none.png")) == [tmp_path / "none.png"]
