"""What others wrote: JSON, TOML and numbers within bounds, and text that is safe to show.

Whoever wrote it may be a person with an editor, another program, a card that loses bits, or
somebody who means harm. There is one answer to all that cannot be taken: DamagedError, with a
reason.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from typing import Any, NoReturn

DEEPEST = 32
"""Levels of lists and tables that are followed; what the box and its users write has at most 5."""

LONGEST_KEY_DOTS = 200
"""Dots of a TOML key. tomllib takes a minute for one of 20,000 parts."""


LONGEST_SHOWN = 80
"""Characters of a value that are repeated in a message."""

_UNSAFE = re.compile(
    r"[\x00-\x1f\x7f-\x9f"  # control characters
    r"\xad\u180e\u200b\u2060-\u2065\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # that hide
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # that reorder
    r"\u2028\u2029"  # that break a line
    r"\ud800-\udfff]"  # halves, and bytes that are no UTF-8
)
"""Characters that do more than show. Not the joiners U+200C and U+200D, with which Hindi, Persian
and emoji are written."""


class DamagedError(ValueError):
    """What was read cannot be used; the message says why."""


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────


def parse_json(data: bytes) -> Any:
    """The value of a JSON text in UTF-8.

    Raises DamagedError for everything else, and for what no reader of ours needs: numbers beyond
    64 bits, not-a-number, infinity, and more than `DEEPEST` levels.
    """
    try:
        value = json.loads(
            _utf8(data), parse_int=_json_int, parse_float=_json_float, parse_constant=_json_constant
        )
    except RecursionError as error:
        raise DamagedError("it is nested too deeply") from error
    except ValueError as error:
        raise DamagedError(str(error)) from error
    _check(value)
    return value


def parse_json_object(data: bytes) -> dict[str, Any]:
    """The same, of a text that holds an object."""
    value = parse_json(data)
    if not isinstance(value, dict):
        raise DamagedError("it holds no JSON object")
    return value


def parse_toml(data: bytes) -> dict[str, Any]:
    """The tables of a TOML text in UTF-8, with a byte order mark or without.

    Raises DamagedError for everything else, for whole numbers beyond 64 bits and for more than
    `DEEPEST` levels. Other values are as TOML has them: dates, infinity.
    """
    text = _utf8(data).removeprefix("\ufeff")
    for line in text.splitlines():
        if any(part.count(".") > LONGEST_KEY_DOTS for part in line.split("=")):
            raise DamagedError("it is nested too deeply")
    try:
        tables = tomllib.loads(text)
    except RecursionError as error:
        raise DamagedError("it is nested too deeply") from error
    except (ValueError, OverflowError) as error:
        raise DamagedError(str(error)) from error
    _check(tables)
    return tables


def whole_number(text: str, least: int, most: int) -> int | None:
    """The number that `text` is in decimal digits; None where it is none, or out of range."""
    digits = text.lstrip("0") or text[-1:]
    if not (text.isascii() and text.isdecimal() and len(digits) <= len(str(most))):
        return None
    number = int(digits)
    return number if least <= number <= most else None


def _utf8(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DamagedError(f"it is no UTF-8: byte {error.start + 1}") from error


def _json_int(digits: str) -> int:
    if len(digits) > 20:
        raise DamagedError(f"a number of {len(digits)} digits")
    return _within_64_bits(int(digits))


def _json_float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise DamagedError(f"a number out of range: {shown(digits)}")
    return number


def _json_constant(name: str) -> NoReturn:
    raise DamagedError(f"{name} is no number of JSON's")


def _within_64_bits(number: int) -> int:
    if not -(2**63) <= number < 2**63:
        raise DamagedError("a whole number beyond 64 bits")
    return number


def _check(value: Any) -> None:
    """Raise DamagedError for too many levels or too large a whole number; never recurses."""
    level = [value]
    for _ in range(DEEPEST):
        for item in level:
            if isinstance(item, int):
                _within_64_bits(item)
        inner = [item for item in level if isinstance(item, dict | list)]
        if not inner:
            return
        level = [
            item
            for container in inner
            for item in (container.values() if isinstance(container, dict) else container)
        ]
    raise DamagedError("it is nested too deeply")


# ── Showing ──────────────────────────────────────────────────────────────────────────────────────


def printable(text: str) -> str:
    r"""The text on one line that only shows and does nothing.

    Control characters, those that reorder or hide text, line breaks and bytes that were no text
    come out as `\n`, `\x1b`, `\u202e`; a byte of a name that is no UTF-8 as `\xff`.
    """
    return _UNSAFE.sub(lambda found: _escape(found.group()), text)


def printable_lines(text: str) -> str:
    """The same for a text of several lines; whoever composed it has made its parts printable."""
    return "\n".join(printable(line) for line in text.split("\n"))


def json_text(value: Any) -> str:
    """JSON on one line, in any script, safe to show; it reads back as the same value."""
    text = json.dumps(value, ensure_ascii=False)
    # Such a character can only stand within a string, where an escape means the same.
    return _UNSAFE.sub(lambda found: json.dumps(found.group())[1:-1], text)


def toml_text(text: str) -> str:
    """A TOML string, quotes and all, safe to show."""
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNSAFE.sub(lambda found: f"\\U{ord(found.group()):08x}", quoted)


def shown(value: object) -> str:
    """A value as it was written, as far as a message has room for it."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a number of thousands of digits, endless levels
        text = f"a {type(value).__name__} beyond measure"
    text = printable(text)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def _escape(char: str) -> str:
    number = ord(char)
    if 0xDC80 <= number <= 0xDCFF:  # how Python carries a byte that is no UTF-8
        return f"\\x{number - 0xDC00:02x}"
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")
