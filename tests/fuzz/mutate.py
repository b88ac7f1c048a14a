"""Damage as cards, networks, editors and people do it; the same for the same seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

INTERESTING = (
    b"\0", b"\xff", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\x80\0\0\0",
    b"\xff\xd9", b"\xff\xda", b"\n", b"\r\n", b"\x1b[2J", b"\xe2\x80\xae", b"\xed\xb3\xbf", b"..",
    b"%s%n", b"NaN", b"1e999", b"1e308", b"-1", b"9" * 400, b"[" * 2000, b"{" * 200,
    b'{"a":' * 500, b"a." * 500, b"\\u0000",
    b"\\ud800", b"true", b"null", b'""', b"[]", b"{}", b"=", b"#",
)  # fmt: skip
"""What readers stumble over: ends of numbers and of texts, and what opens without closing."""


def mutate(seed: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """A seed with one to eight accidents; `others` are seeds that parts are taken from."""
    data = bytearray(seed)
    for _ in range(rng.choice((1, 1, 2, 3, 5, 8))):
        rng.choice(_ACCIDENTS)(data, others, rng)
    return bytes(data)


def _flip(data: bytearray, others: Sequence[bytes], rng: random.Random) -> None:
    if data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _set(data: bytearray, others: Sequence[bytes], rng: random.Random) -> None:
    if data:
        data[rng.randrange(len(data))] = rng.randrange(256)


def _number(data: bytearray, others: Sequence[bytes], rng: random.Random) -> None:
    """Another number of two or four bytes where one may stand."""
    at, size = _place(data, rng), rng.choice((2, 4))
    value = rng.choice((0, 1, rng.randrange(1 << 16), (1 << 8 * size) - 1, 1 << (8 * size - 1)))
    number = (value % (1 << 8 * size)).to_bytes(size, rng.choice(("little", "big")))
    data[at : at + size] = number


def _put_in(data: bytearray, others: Sequence[bytes], rng: random.Random) -> None:
    at = _place(data, rng)
    data[at : at + rng.choice((0, 0, 1, 8))] = rng.choice(INTERESTING)


def _take_out(data: bytearray, others: Sequence[bytes], rng: random.Random) -> None:
    at = _place(data, rng)
    del data[at : at + _length(data, rng)]


def _repeat(data: bytearray, others: Sequence[bytes], rng: random.Random) -> None:
    at = _place(data, rng)
    part = data[at : at + _length(data, rng)]
    data[at:at] = part * rng.choice((1, 2, 50))


def _cut(data: bytearray, others: Sequence[bytes], rng: random.Random) -> None:
    del data[_place(data, rng) :]


def _zero(data: bytearray, others: Sequence[bytes], rng: random.Random) -> None:
    """A block that a power cut left empty."""
    at, size = _place(data, rng), _length(data, rng)
    data[at : at + size] = bytes(min(size, len(data) - at))


def _splice(data: bytearray, others: Sequence[bytes], rng: random.Random) -> None:
    other = rng.choice(others)
    at = rng.randrange(len(other) + 1)
    data[_place(data, rng) :] = other[at:]


def _place(data: bytearray, rng: random.Random) -> int:
    """Anywhere, but mostly in the beginning, where headers stand."""
    most = len(data) if rng.random() < 0.5 else min(len(data), 200)
    return rng.randrange(most + 1)


def _length(data: bytearray, rng: random.Random) -> int:
    return rng.randrange(1, 1 + min(max(1, len(data)), rng.choice((4, 32, 1024))))


_ACCIDENTS: tuple[Callable[[bytearray, Sequence[bytes], random.Random], None], ...] = (
    _flip, _set, _number, _put_in, _take_out, _repeat, _cut, _zero, _splice,
)  # fmt: skip
