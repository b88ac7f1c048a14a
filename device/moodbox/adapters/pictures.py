"""Picture files, to gray: what they are is known before they are decoded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from moodbox.adapters.files import is_folder, read_file
from moodbox.adapters.picture_header import (
    Header,
    HeaderError,
    foreign_format,
    picture_format,
    read_header,
)
from moodbox.core.mood import GrayImage

READ_SUFFIXES = frozenset(
    (".bmp", ".dib", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".pnm",
     ".ppm", ".tif", ".tiff", ".webp")
)  # fmt: skip
"""File names that are taken for pictures when a folder is walked."""

NAMED_SUFFIXES = frozenset((".avif", ".heic", ".heif", ".hif", ".j2k", ".jp2", ".jxl"))
"""Pictures too, which cannot be read: a person is told of each instead of "no pictures"."""

MOST_BYTES = 256 << 20
"""Largest file that is read."""

MOST_PX = 128_000_000
"""Largest picture that is decoded. It takes 2–4 bytes a pixel, so half a gigabyte at most; without
a bound a PNG of 0.9 MB took 1.8 GB. Phones take up to 108 million pixels."""

_EOI = b"\xff\xd9"


class PictureError(ValueError):
    """A file cannot be read as a picture; the message says which and why."""


def read_gray(path: Path) -> GrayImage:
    """Read a picture as gray (H, W) uint8, turned upright as its EXIF orientation says.

    JPEG, PNG, WebP, BMP, TIFF and PNM, and GIF where OpenCV reads it, whatever the file is called.
    Colour becomes luma, 16 bits become 8, transparency is ignored; of several pictures in one file
    the first is read, and a film behind it passed over. Raises PictureError for what is no file,
    cannot be read, is empty, of another format, larger than `MOST_PX`, damaged, or breaks off.
    """
    try:
        data = read_file(path, MOST_BYTES)
    except OSError as error:
        raise PictureError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        return decode_gray(data)
    except ValueError as error:
        raise PictureError(f"{path}: {error}") from error


def decode_gray(data: bytes) -> GrayImage:
    """The same of a file's content; the message of its ValueError does not say which file."""
    if not data:
        raise ValueError("the file is empty")
    name = picture_format(data)
    if name is None:
        raise ValueError(_refusal(data))
    try:
        header = read_header(data)
    except HeaderError as error:
        raise ValueError(f"{error}; copy the file again, whole") from error
    pixels = header.width_px * header.height_px
    if pixels > MOST_PX:
        raise ValueError(
            f"{header.width_px}×{header.height_px} are {pixels / 1e6:.0f} million pixels, at most "
            f"{MOST_PX // 1_000_000} are read; scale it down"
        )
    gray = _decode_whole(name, data, header)
    if gray is None:
        raise ValueError(
            f"the {name} picture cannot be decoded: it breaks off, is damaged, or is of a kind "
            "that OpenCV does not read; save it anew as JPEG or PNG"
        )
    return np.ascontiguousarray(_upright(gray, header.orientation))


def _refusal(data: bytes) -> str:
    known = foreign_format(data)
    if known is None:
        return "is no picture that OpenCV can read"
    return f"is {known}, which is not read here; save it as JPEG or PNG"


def _decode_whole(name: str, data: bytes, header: Header) -> GrayImage | None:
    """The picture as stored; None where it cannot be decoded. Raises ValueError if cut off."""
    if name == "JPEG" and header.end is None:
        return _decode_without_end(data)
    if header.end is None:
        raise ValueError("the picture breaks off; copy the file again, whole")
    data = data[: header.end]
    if header.orientation_at is not None:
        # OpenCV turns TIFF pictures, and no others when it is told not to.
        data = _with_upright_tag(data, header.orientation_at)
    return _decode(data)


def _decode_without_end(data: bytes) -> GrayImage:
    """A JPEG picture whose last two bytes are missing; some cameras leave them out.

    OpenCV fills what is missing with gray and says nothing. A whole picture takes nothing from
    what is put behind it; one that breaks off does. Raises ValueError for the latter.
    """
    data = data.rstrip(b"\0").removesuffix(b"\xff")
    more = np.random.default_rng(0).integers(0, 255, 4096, np.uint8).tobytes()
    gray, other = _decode(data + _EOI), _decode(data + more + _EOI)
    if gray is None or other is None or not np.array_equal(gray, other):
        raise ValueError("the picture breaks off; copy the file again, whole")
    return gray


def _with_upright_tag(data: bytes, at: slice) -> bytes:
    one = (1).to_bytes(at.stop - at.start, "little" if data.startswith(b"II") else "big")
    return data[: at.start] + one + data[at.stop :]


def _decode(data: bytes) -> GrayImage | None:
    try:
        # Decoding bytes: OpenCV's own file reading fails on some names.
        gray = cv2.imdecode(
            np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION
        )
    except cv2.error:
        return None
    return None if gray is None or gray.size == 0 else np.asarray(gray, np.uint8)


def _upright(gray: GrayImage, orientation: int) -> GrayImage:
    """Turned as an EXIF orientation, 1–8, asks for."""
    if orientation >= 5:
        gray = gray.T
    if orientation in (2, 3, 6, 7):
        gray = gray[:, ::-1]
    if orientation in (3, 4, 7, 8):
        gray = gray[::-1]
    return gray


def picture_files(path: Path) -> Iterator[Path]:
    """Picture files at `path`: a folder's, walked in sorted order; a file itself, however named.

    Hidden files and folders are left out, links to folders are not followed. A path that does not
    exist, a folder that may not be listed and pictures in formats that cannot be read are yielded
    too, so that whoever reads them tells what is wrong.
    """
    if not is_folder(path):
        yield path
        return
    closed: list[Path] = []
    for folder, folders, files in os.walk(path, onerror=lambda error: closed.append(_path(error))):
        yield from closed
        closed.clear()
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and _is_picture_name(name):
                yield Path(folder, name)
    yield from closed


def _path(error: OSError) -> Path:
    return Path(os.fsdecode(error.filename))


def _is_picture_name(name: str) -> bool:
    return Path(name).suffix.lower() in READ_SUFFIXES | NAMED_SUFFIXES
