"""What a picture file says of itself, read before anything is decoded.

A decoder that is given a file of a thousand bytes may take gigabytes, and OpenCV has decoders that
crash. So the format is told by the first bytes, never by the name, only the formats listed here are
decoded, and the size is known before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_PARTS = 100_000
"""Segments, chunks or tags that are walked through: whole pictures have some thousands."""

ORIENTATION, TILE_WIDTH, TILE_HEIGHT = 274, 322, 323
WIDTH, HEIGHT = 256, 257
"""Tags of TIFF, which EXIF shares."""

_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
"""In JPEG's coded data: what is no stuffed byte and no restart marker."""


class HeaderError(ValueError):
    """The header makes no sense, or the file ends within it; the message says which."""


@dataclass(frozen=True, slots=True)
class Header:
    """What is known of a picture before it is decoded."""

    width_px: int
    height_px: int
    """As stored, before it is turned. The larger where the file speaks of several sizes."""
    orientation: int = 1
    """EXIF's, 1–8: how it has to be turned to be upright."""
    end: int | None = None
    """Where the picture ends in the file: a film may follow. None where the file lacks the end."""
    orientation_at: slice | None = None
    """Where a TIFF file keeps its orientation; None without one."""


def picture_format(data: bytes) -> str | None:
    """The format by the first bytes, one of those that `read_header` reads; None for others."""
    return next((name for name, (starts, _) in _FORMATS.items() if starts.match(data)), None)


def foreign_format(data: bytes) -> str | None:
    """The name of a format that is known and not read; None for what is not even known."""
    return next((name for starts, name in _FOREIGN if starts.match(data)), None)


def read_header(data: bytes) -> Header:
    """Size, orientation and end of a picture in one of the formats.

    Raises HeaderError where they cannot be told.
    """
    name = picture_format(data)
    if name is None:
        raise HeaderError("the format is none that is read")
    try:
        header = _FORMATS[name][1](data)
    except (IndexError, ValueError) as error:
        raise error if isinstance(error, HeaderError) else HeaderError(_BREAKS_OFF) from error
    if header.width_px < 1 or header.height_px < 1:
        raise HeaderError("it is a picture without size")
    return header


_BREAKS_OFF = "the picture breaks off"


def _number(data: bytes, at: int, size: int, order: str = "big") -> int:
    """An unsigned number of the file. Raises HeaderError past its end."""
    part = data[at : at + size]
    if len(part) < size:
        raise HeaderError(_BREAKS_OFF)
    return int.from_bytes(part, "little" if order == "little" else "big")


# ── TIFF, and EXIF within the others ─────────────────────────────────────────────────────────────


def _first_directory(data: bytes) -> dict[int, tuple[int, slice]]:
    """Tags of a TIFF block's first directory that hold one whole number: the number, and where."""
    order = "little" if data.startswith(b"II") else "big"
    big = _number(data, 2, 2, order) == 43
    wide, entry_size = (8, 20) if big else (4, 12)
    at = _number(data, 8 if big else 4, wide, order)
    count_size = 8 if big else 2
    count = _number(data, at, count_size, order)
    if count > MOST_PARTS:
        raise HeaderError("it has no end of tags")
    found: dict[int, tuple[int, slice]] = {}
    for entry_at in range(at + count_size, at + count_size + count * entry_size, entry_size):
        tag, kind = _number(data, entry_at, 2, order), _number(data, entry_at + 2, 2, order)
        size = {1: 1, 3: 2, 4: 4, 16: 8}.get(kind)
        if size is not None and size <= wide and _number(data, entry_at + 4, wide, order) == 1:
            value_at = entry_at + 4 + wide
            place = slice(value_at, value_at + size)
            found.setdefault(tag, (_number(data, value_at, size, order), place))
    return found


def _exif_orientation(block: bytes) -> int:
    """The orientation in an EXIF block; 1 where there is none that can be read."""
    block = block.removeprefix(b"Exif\0\0")
    if not block.startswith((b"II*\0", b"MM\0*")):
        return 1
    try:
        return _valid(_first_directory(block).get(ORIENTATION, (1, None))[0])
    except HeaderError:
        return 1


def _valid(orientation: int) -> int:
    return orientation if 1 <= orientation <= 8 else 1


def _tiff(data: bytes) -> Header:
    tags = _first_directory(data)

    def of(tag: int) -> int:
        return tags.get(tag, (0, None))[0]

    orientation, at = tags.get(ORIENTATION, (1, None))
    return Header(
        max(of(WIDTH), of(TILE_WIDTH)) if of(WIDTH) else 0,
        max(of(HEIGHT), of(TILE_HEIGHT)) if of(HEIGHT) else 0,
        _valid(orientation),
        len(data),
        at,
    )


# ── JPEG ─────────────────────────────────────────────────────────────────────────────────────────


def _jpeg(data: bytes) -> Header:
    """Walk the segments to the end of the first picture; a thumbnail lies within one of them."""
    at, width_px, height_px, orientation = 2, 0, 0, 0
    for _ in range(MOST_PARTS):
        found = _NEXT_MARKER.search(data, at)
        if found is None:
            if not width_px:
                raise HeaderError(_BREAKS_OFF)
            return Header(width_px, height_px, orientation or 1, None)
        at, marker = found.end(), data[found.end() - 1]
        if marker == 0xD9:
            return Header(width_px, height_px, orientation or 1, at)
        if marker in (0x01, 0xD8):
            continue
        length = _number(data, at, 2)
        if marker == 0xE1 and not orientation and data.startswith(b"Exif\0\0", at + 2):
            orientation = _exif_orientation(data[at + 2 : at + length])
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height_px = max(height_px, _number(data, at + 3, 2))
            width_px = max(width_px, _number(data, at + 5, 2))
        at += length
    raise HeaderError("it has no end of segments")


# ── The others ───────────────────────────────────────────────────────────────────────────────────


def _png(data: bytes) -> Header:
    if data[12:16] != b"IHDR":
        raise HeaderError("it does not begin with its size")
    width_px, height_px, orientation = _number(data, 16, 4), _number(data, 20, 4), 1
    at = 8
    for _ in range(MOST_PARTS):
        if at + 12 > len(data):
            return Header(width_px, height_px, orientation, None)
        length, kind = _number(data, at, 4), data[at + 4 : at + 8]
        if kind == b"eXIf":
            orientation = _exif_orientation(data[at + 8 : at + 8 + length])
        at += 12 + length
        if kind == b"IEND":
            return Header(width_px, height_px, orientation, at)
    raise HeaderError("it has no end of chunks")


def _webp(data: bytes) -> Header:
    end = 8 + _number(data, 4, 4, "little")
    width_px = height_px = 0
    orientation, at = 1, 12
    for _ in range(MOST_PARTS):
        if at + 8 > min(end, len(data)):
            return Header(width_px, height_px, orientation, end if end <= len(data) else None)
        kind, length = data[at : at + 4], _number(data, at + 4, 4, "little")
        body = at + 8
        size = (0, 0)
        if kind == b"VP8X":
            size = (
                _number(data, body + 4, 3, "little") + 1,
                _number(data, body + 7, 3, "little") + 1,
            )
        elif kind == b"VP8 ":
            size = (
                _number(data, body + 6, 2, "little") & 0x3FFF,
                _number(data, body + 8, 2, "little") & 0x3FFF,
            )
        elif kind == b"VP8L":
            bits = _number(data, body + 1, 4, "little")
            size = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        elif kind == b"EXIF":
            orientation = _exif_orientation(data[body : body + length])
        width_px, height_px = max(width_px, size[0]), max(height_px, size[1])
        at = body + length + length % 2
    raise HeaderError("it has no end of chunks")


def _bmp(data: bytes) -> Header:
    if _number(data, 14, 4, "little") == 12:
        return Header(_number(data, 18, 2, "little"), _number(data, 20, 2, "little"), 1, len(data))
    # A negative height means that the rows come from the top.
    width_px, height_px = (
        abs(int.from_bytes(data[at : at + 4], "little", signed=True)) for at in (18, 22)
    )
    return Header(width_px, height_px, 1, len(data))


def _pnm(data: bytes) -> Header:
    found = _PNM_SIZE.match(data)
    if found is None:
        raise HeaderError("its size cannot be told")
    return Header(int(found[1]), int(found[2]), 1, len(data))


def _gif(data: bytes) -> Header:
    return Header(_number(data, 6, 2, "little"), _number(data, 8, 2, "little"), 1, len(data))


_PNM_SIZE = re.compile(
    rb"P[1-6](?:\s|#[^\n]{0,999}\n){1,99}0{0,9}(\d{1,9})(?:\s|#[^\n]{0,999}\n){1,99}0{0,9}(\d{1,9})\D"
)

_FORMATS: dict[str, tuple[re.Pattern[bytes], Callable[[bytes], Header]]] = {
    "JPEG": (re.compile(rb"\xff\xd8\xff"), _jpeg),
    "PNG": (re.compile(rb"\x89PNG\r\n\x1a\n"), _png),
    "WebP": (re.compile(rb"RIFF....WEBP", re.DOTALL), _webp),
    "BMP": (re.compile(rb"BM.{12}[\x0c-\xff]", re.DOTALL), _bmp),
    "TIFF": (re.compile(rb"II[*+]\0|MM\0[*+]"), _tiff),
    "PNM": (re.compile(rb"P[1-6][\s#]"), _pnm),
    "GIF": (re.compile(rb"GIF8[79]a"), _gif),
}

_FOREIGN = tuple(
    (re.compile(starts, re.DOTALL), name)
    for starts, name in (
        (rb"....ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)", "a HEIC picture, as phones take them"),
        (rb"....ftypavi[fs]", "an AVIF picture"),
        (rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", "a JPEG 2000 picture"),
        (rb"\xff\x0a|\0\0\0\x0cJXL ", "a JPEG XL picture"),
        (rb"....(?:ftyp|moov|mdat)|\x1aE\xdf\xa3|RIFF....AVI ", "a film"),
        (rb"8BPS", "a Photoshop file"),
        (rb"%PDF", "a PDF document"),
        (rb"(?:\xef\xbb\xbf)?\s{0,99}<", "a page or a drawing in XML or HTML"),
        (rb"v/1\x01|#\?|P[Ff]\s", "a picture of light levels (EXR, HDR or PFM)"),
    )
)
