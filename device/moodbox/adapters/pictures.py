"""Picture files: any format that OpenCV reads, to gray."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from moodbox.core.mood import GrayImage

SUFFIXES = frozenset(
    (
        ".avif",
        ".bmp",
        ".dib",
        ".gif",
        ".jp2",
        ".jpe",
        ".jpeg",
        ".jpg",
        ".pbm",
        ".pgm",
        ".png",
        ".pnm",
        ".ppm",
        ".tif",
        ".tiff",
        ".webp",
    )
)
"""File names that are taken for pictures when a folder is walked."""


class PictureError(ValueError):
    """A file cannot be read as a picture; the message says which and why."""


def read_gray(path: Path) -> GrayImage:
    """Read a picture as gray (H, W) uint8, turned upright as its EXIF orientation says.

    Colour becomes luma, 16 bits become 8, transparency is ignored; of several pictures in one file
    the first is read. Names in any script are fine. Raises PictureError for a missing, unreadable,
    empty or truncated file and for one that is no picture.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PictureError(f"{path}: cannot be read: {error.strerror}") from error
    if not data:
        raise PictureError(f"{path}: the file is empty")
    if _is_cut_off(data):
        raise PictureError(f"{path}: the picture breaks off; copy the file again, whole")
    try:
        # Decoding bytes: OpenCV's own file reading fails on some names.
        gray = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    except cv2.error as error:
        raise PictureError(f"{path}: OpenCV refuses the picture: {error.err}") from error
    if gray is None or gray.size == 0:
        raise PictureError(f"{path}: is no picture that OpenCV can read")
    return np.asarray(gray, np.uint8)


def _is_cut_off(data: bytes) -> bool:
    """Whether a JPEG or PNG lacks its end: OpenCV fills what is missing with gray and says nothing.

    The end must follow the last scan: a thumbnail in front of it has an end of its own.
    """
    if data.startswith(b"\xff\xd8"):
        return data.rfind(b"\xff\xd9") < data.rfind(b"\xff\xda")
    if data.startswith(b"\x89PNG\r\n"):
        return b"IEND" not in data
    return False


def picture_files(path: Path) -> Iterator[Path]:
    """Picture files at `path`: a folder's, walked in sorted order; a file itself, however named.

    Hidden files and folders are left out, links to folders are not followed. A path that does not
    exist is yielded too, so that whoever reads it tells what is wrong.
    """
    if not path.is_dir():
        yield path
        return
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES:
                yield Path(folder, name)
