"""`moodbox label --out`: a copy that cannot be written is told with its name."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from moodbox.cli import main

PORTRAIT = Path(__file__).parents[2] / "device" / "moodbox" / "demo" / "astronaut.png"


def test_a_copy_that_cannot_be_written_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "a file"
    out.touch()
    assert main(["label", "--jsonl", "--out", str(out), str(PORTRAIT)]) == 1
    record = json.loads(capsys.readouterr().out)
    copy = out / "astronaut.png.png"
    assert record["error"] == f"{copy}: the copy cannot be written: File exists"


ODD_NAMES = {
    b"M\xfcller.png": r"M\xfcller.png",
    b"esc\x1b[31mred.png": r"esc\x1b[31mred.png",
    b"new\nline.png": r"new\nline.png",
    "photo\u202egnp.png".encode(): r"photo\u202egnp.png",
    "c1\x9b31m.png".encode(): r"c1\x9b31m.png",
    "लड़की.png".encode(): "लड़की.png",
}


def test_names_of_others_only_show_and_read_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ODD_NAMES:
        (tmp_path / os.fsdecode(name)).write_bytes(b"no picture")
    assert main(["label", str(tmp_path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert sorted(line.removeprefix(f"{tmp_path}/").partition(":")[0] for line in lines) == sorted(
        ODD_NAMES.values()
    )
    assert main(["label", "--jsonl", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert not set(said) & set("\x1b\x9b\u202e")
    read = {os.fsencode(Path(json.loads(line)["file"]).name) for line in said.splitlines()}
    assert read == set(ODD_NAMES)


def test_pipes_devices_and_long_names_are_a_line_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    paths = [str(tmp_path / "pipe.jpg"), "/dev/zero", str(tmp_path / ("x" * 300))]
    assert main(["label", "--jsonl", *paths]) == 1
    errors = [json.loads(line)["error"] for line in capsys.readouterr().out.splitlines()]
    for error, reason in zip(errors, ("a pipe", "a device", "File name too long"), strict=True):
        assert reason in error


def test_a_folder_of_phone_pictures_says_what_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "IMG_0001.HEIC").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    assert main(["label", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert "IMG_0001.HEIC: is a HEIC picture" in said.out
    assert "save it as JPEG" in said.out
    assert "no pictures there" not in said.err
