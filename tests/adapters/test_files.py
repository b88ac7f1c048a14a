"""Files of others: what is no file is never waited for, and nothing is read without end."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from moodbox.adapters.files import at_home, is_folder, open_file, read_file, read_start


@pytest.fixture
def odd(tmp_path: Path) -> dict[str, Path]:
    """What is no regular file, by what it is."""
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    return {
        "it is a pipe": pipe,
        "a pipe and no file": link,
        "it is a socket": tmp_path / "socket",
        "it is a device": Path("/dev/zero"),
        "Is a directory": tmp_path,
        "No such file": tmp_path / "none",
        "Not a directory": Path("/dev/null/a"),
        "File name too long": tmp_path / ("x" * 300),
        "symbolic links": loop,
        "can have this name": tmp_path / "a\0b",
    }


def test_what_is_no_file_is_refused_at_once_with_a_reason(odd: dict[str, Path]) -> None:
    for reason, path in odd.items():
        for read in (lambda p: read_file(p, 10), lambda p: read_start(p, 10), open_file):
            with pytest.raises(OSError, match=reason) as caught:
                read(path)
            assert reason in str(caught.value.strerror)


def test_half_a_character_is_no_name() -> None:
    with pytest.raises(OSError, match="no file can have this name"):
        read_file(Path("\ud83d"), 10)


def test_a_file_is_read_through_a_link_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"M\xfcll \x1b.toml")
    path.write_bytes(b"0123456789")
    (tmp_path / "link").symlink_to(path)
    assert read_file(tmp_path / "link", 10) == b"0123456789"
    assert read_start(path, 4) == b"0123"


@pytest.mark.parametrize(("most_bytes", "size"), [(2 << 10, "2 kB"), (3 << 20, "3 MB")])
def test_a_file_that_is_too_large_is_refused(tmp_path: Path, most_bytes: int, size: str) -> None:
    path = tmp_path / "large"
    path.touch()
    os.truncate(path, most_bytes)
    assert len(read_file(path, most_bytes)) == most_bytes
    os.truncate(path, 1 << 40)  # sparse: a terabyte that takes no room
    with pytest.raises(OSError, match=f"it is larger than {size}"):
        read_file(path, most_bytes)


def test_a_home_is_found_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert at_home("~/a") == tmp_path / "a"
    for text in ("~nobody-of-this-name/a", "a/~", "~\udcff"):
        assert at_home(text) == Path(text)


def test_no_name_is_a_folder_that_cannot_be_one(odd: dict[str, Path], tmp_path: Path) -> None:
    folders = {reason for reason, path in odd.items() if is_folder(path)}
    assert folders == {"Is a directory"}
