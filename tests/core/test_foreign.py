"""What others wrote: taken within bounds, or damaged; shown so that it does nothing."""

from __future__ import annotations

import json
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodbox.core.foreign import (
    DEEPEST,
    LONGEST_SHOWN,
    DamagedError,
    json_text,
    parse_json,
    parse_json_object,
    parse_toml,
    printable,
    printable_lines,
    shown,
    toml_text,
    whole_number,
)

DIGITS = "9" * 400

# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "Expecting value"),
        (b"{", "Expecting"),
        (b"\xff\xfe{}", "no UTF-8: byte 1"),
        (b'{"a": "\xff"}', "no UTF-8: byte 8"),
        ('{"a": 1}'.encode("utf-16"), "no UTF-8"),
        (f'{{"a": {DIGITS}}}'.encode(), "a number of 400 digits"),
        (f'{{"a": -{DIGITS}}}'.encode(), "digits"),
        (b"9" * 5000, "a number of 5000 digits"),
        (b"9223372036854775808", "beyond 64 bits"),
        (b"1e999", "out of range"),
        (b'{"a": NaN}', "NaN"),
        (b"[-Infinity]", "Infinity"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"[" * 40 + b"]" * 40, "nested too deeply"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "nested too deeply"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_json_that_cannot_be_taken_is_damaged(data: bytes, why: str) -> None:
    with pytest.raises(DamagedError, match=why):
        parse_json(data)


@pytest.mark.parametrize("data", [b"[]", b"5", b"null", b'"a"'])
def test_json_that_is_no_object_is_damaged_where_one_is_wanted(data: bytes) -> None:
    assert parse_json(data) == json.loads(data)
    with pytest.raises(DamagedError, match="no JSON object"):
        parse_json_object(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)  # fmt: skip


@settings(max_examples=40)  # their making costs most of the time
@given(json_values)
def test_what_we_write_is_read_back_and_safe_to_show(value: object) -> None:
    for text in (json.dumps(value), json_text(value)):
        assert parse_json(text.encode()) == value
    assert printable(json_text(value)) == json_text(value)


@given(st.binary())
def test_any_bytes_are_json_or_damaged(data: bytes) -> None:
    why = "none"
    for parse in (parse_json, parse_toml):
        try:
            parse(data)
        except DamagedError as error:
            why = str(error)
    assert why


# ── TOML ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"a = = b", "Invalid value"),
        (b"\xff\xfe", "no UTF-8"),
        (b"a = " + b"9" * 5000, "digits"),
        (f"a = {DIGITS}".encode(), "beyond 64 bits"),
        (b"a = 0x" + b"f" * 10_000, "beyond 64 bits"),
        (b"a = " + b"[" * 10_000, "nested too deeply"),
        (b"a = " + b"[" * 40 + b"]" * 40, "nested too deeply"),
        (b"a = " + b"{b = " * 10_000, "nested too deeply"),
        (b".".join([b"a"] * 30_000) + b" = 1", "nested too deeply"),
        (b"[" + b".".join([b"a"] * 30_000) + b"]", "nested too deeply"),
        (b"x = {" + b".".join([b"a"] * 30_000) + b" = 1}", "nested too deeply"),
        (b".".join([b"a"] * 100) + b" = 1", "nested too deeply"),
        (b"a = 1979-99-99", "date|Expected"),
        (b'a = "\0"', "Illegal character"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_toml_that_cannot_be_taken_is_damaged(data: bytes, why: str) -> None:
    with pytest.raises(DamagedError, match=why):
        parse_toml(data)


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_a_file_of_any_editor_is_read(start: bytes, end: bytes) -> None:
    assert parse_toml(start + b"[a]" + end + b"b = 1" + end) == {"a": {"b": 1}}


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_text_is_written_as_toml_reads_it(text: str) -> None:
    assert tomllib.loads(f"a = {toml_text(text)}") == {"a": text}
    assert printable(toml_text(text)) == toml_text(text)


# ── Numbers ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("7", 7), ("007", 7), ("10", 10), ("11", None), ("9" * 5000, None), ("", None),
     ("0" * 5000, 0), ("-1", None), ("+1", None), ("1.5", None), ("1e1", None), ("٧", None),
     (" 7", None), ("7\n", None), ("1_0", None), ("²", None)],
    ids=lambda value: repr(value)[:12],
)  # fmt: skip
def test_a_number_is_decimal_digits_within_bounds(text: str, number: int | None) -> None:
    assert whole_number(text, 0, 10) == number


# ── Showing ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("plain – ünïcödé ✓", "plain – ünïcödé ✓"),
        ("क्‍ष می‌خواهم 👩‍🎤", "क्‍ष می‌خواهم 👩‍🎤"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("one\ntwo\r\tthree", r"one\ntwo\r\tthree"),
        ("a\x85b\u2028c\u2029d", r"a\x85b\u2028c\u2029d"),
        ("photo\u202egnp.exe", r"photo\u202egnp.exe"),
        ("\u2066a\u2069\u200e\u200f\u061c", r"\u2066a\u2069\u200e\u200f\u061c"),
        ("a\u200bb\ufeffc\u2060d\xad", r"a\u200bb\ufeffc\u2060d\xad"),
        ("M\udcfcller.jpg", r"M\xfcller.jpg"),
        ("\ud83d", r"\ud83d"),
        ("tag\U000e0041", r"tag\U000e0041"),
        ("\0\x08\x7f", r"\x00\x08\x7f"),
        ("C:\\Music", "C:\\Music"),
    ],
    ids=ascii,
)
def test_what_others_wrote_only_shows(text: str, safe: str) -> None:
    assert printable(text) == safe


@given(st.text())
def test_any_text_is_one_line_that_can_be_written(text: str) -> None:
    safe = printable(text)
    assert safe.splitlines() in ([safe], [])
    assert printable(safe) == safe
    safe.encode("utf-8")


def test_lines_of_our_own_stay_lines() -> None:
    assert printable_lines("one\n  - two\x1b\n") == "one\n  - two\\x1b\n"


def test_a_value_is_shown_as_far_as_there_is_room() -> None:
    deep: object = 1
    for _ in range(100_000):
        deep = [deep]
    assert shown("a\x1b") == r"'a\x1b'"
    assert shown(int(DIGITS)).startswith("9999")
    for value in (int(DIGITS), 16**10_000, "x" * 10**6, deep, {"a": ["b" * 500]}):
        assert 3 < len(shown(value)) <= LONGEST_SHOWN


def test_what_is_as_deep_as_allowed_is_read() -> None:
    depth = DEEPEST - 1
    assert parse_json(b"[" * depth + b"]" * depth) is not None
