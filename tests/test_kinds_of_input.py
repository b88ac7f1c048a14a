"""What people and programs give the commands, by kind: a sentence, never a crash or a traceback.

Each case is one that was seen; the kind is what the code answers. Details of each reader stand in
its own tests, and `tests/fuzz` has the cases that nobody thinks of.
"""

from __future__ import annotations

import json
import os
import shutil
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from moodbox.adapters.lock import sole_user
from moodbox.cli import main
from moodbox.compose import model_folder
from moodbox.config import Config
from tests.support.camera_parts import write_video

if TYPE_CHECKING:
    from collections.abc import Callable

PORTRAIT = Path(__file__).parents[1] / "device" / "moodbox" / "demo" / "astronaut.png"
DIGITS, DEEP = "9" * 400, 20_000


@dataclass(frozen=True, slots=True)
class Case:
    """One input, the command that gets it, and the answer."""

    kind: str
    name: str
    make: Callable[[Path], list[str]]
    """Make the input in a folder; the command's arguments."""
    code: int
    says: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"


def file(name: str, content: bytes | str, *command: str) -> Callable[[Path], list[str]]:
    """A file of this content, as the last argument."""

    def make(folder: Path) -> list[str]:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return [*command, str(path)]

    return make


def pipe(*command: str) -> Callable[[Path], list[str]]:
    """A pipe into which nobody writes."""

    def make(folder: Path) -> list[str]:
        os.mkfifo(folder / "pipe")
        return [*command[:-1], command[-1].format(folder / "pipe")]

    return make


def arguments(*command: str) -> Callable[[Path], list[str]]:
    """A command without any file."""
    return lambda folder: [*command]


def config(text: str | bytes) -> Callable[[Path], list[str]]:
    """A configuration of this content."""
    return file("box.toml", text, "config", "--config")


def manifest(**change: object) -> Callable[[Path], list[str]]:
    """The shipped model with something else in its manifest, or with another text for one."""

    def make(folder: Path) -> list[str]:
        model = folder / "model"
        shutil.copytree(model_folder(Config()), model)
        path = model / "manifest.json"
        data = json.loads(path.read_text(encoding="utf-8")) | change
        path.write_text(str(change.get("text") or json.dumps(data)), encoding="utf-8")
        return file(
            "box.toml", f"[model]\nfolder = '{model}'\n", "label", str(PORTRAIT), "--config"
        )(folder)

    return make


def kept(name: str, text: str, *command: str) -> Callable[[Path], list[str]]:
    """A file of the box's own, in its runtime or state directory."""

    def make(folder: Path) -> list[str]:
        (folder / name).write_text(text, encoding="utf-8")
        return [*command]

    return make


def jpeg(width_px: int = 64) -> bytes:
    """A gray JPEG picture."""
    return cv2.imencode(".jpg", np.full((48, width_px), 99, np.uint8))[1].tobytes()


def png_of(side_px: int) -> bytes:
    """A PNG file that says how large it is, and no more."""
    size = struct.pack(">II5B", side_px, side_px, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + size + bytes(4)


def film(name: str) -> Callable[[Path], list[str]]:
    """A good film under an odd name."""

    def make(folder: Path) -> list[str]:
        path = write_video(folder / "v.avi").rename(folder / name)
        return ["doctor", "--camera", f"video:{path}"]

    return make


FOREIGN = bytes(4) + b"ftypheic" + bytes(40)
ONE_LINE = "a text without zero bytes"

CASES = [
    # What is no file
    Case("no file", "a pipe to label", pipe("label", "{}"), 1, "it is a pipe and no file"),
    Case("no file", "a device to label", arguments("label", "/dev/zero"), 1, "it is a device"),
    Case("no file", "a pipe as film", pipe("doctor", "--camera", "video:{}"), 1, "it is a pipe"),
    Case("no file", "a pipe as picture", pipe("demo", "--pictures", "{}"), 1, "it is a pipe"),
    Case("no file", "a pipe as configuration", pipe("config", "--config", "{}"), 78, "is a pipe"),
    Case("no file", "a long name", arguments("label", "x" * 300), 1, "File name too long"),
    Case("no file", "a folder as film", arguments("doctor", "--camera", "video:/"), 1, "Is a dir"),
    # Pictures
    Case("format", "HEIC", file("a.jpg", FOREIGN, "label"), 1, "is a HEIC picture"),
    Case("format", "JPEG 2000", file("a.jp2", b"\xff\x4f\xff\x51abc", "label"), 1, "JPEG 2000"),
    Case("format", "a page", file("a.jpg", "<html>404", "label"), 1, "in XML or HTML"),
    Case("format", "a film", file("a.jpg", b"\x1aE\xdf\xa3" + bytes(9), "label"), 1, "is a film"),
    Case("format", "JPEG named PNG", file("a.png", jpeg(), "label"), 0, "no face"),
    Case("size", "a huge PNG", file("a.png", png_of(20_000), "label"), 1, "400 million pixels"),
    Case("end", "a film behind", file("a.jpg", jpeg() + b"ftyp\xff\xda\0", "label"), 0, "no face"),
    Case("end", "no end", file("a.jpg", jpeg()[:-2], "label"), 0, "no face"),
    Case("end", "half of it", file("a.jpg", jpeg()[:200], "label"), 1, "breaks off"),
    # Films
    Case("name", "no UTF-8", film(os.fsdecode(b"m\xfcll.avi")), 1, "64×48, brightness"),
    Case("name", "a colon", film("12:30 party.avi"), 1, "64×48, brightness"),
    Case("name", "a series", film("clip%03d.avi"), 1, "64×48, brightness"),
    Case("name", "an escape sequence", film("a\x1b[2J.avi"), 1, r"a\x1b[2J.avi gives 64×48"),
    Case("film", "a list", file("a.mp4", "#EXTM3U\n", "demo", "--pictures"), 1, "neither a pict"),
    # Demonstrations
    Case("demo", "no such path", arguments("demo", "--pictures", "/nowhere"), 1, "no such folder"),
    Case("demo", "no home", arguments("demo", "--pictures", "~nobody-here/a"), 1, "no such folder"),
    Case("demo", "no webcam", arguments("demo", "--pictures", "webcam:99"), 1, "no webcam 99"),
    Case(
        "demo", "many digits", arguments("demo", "--pictures", f"webcam:{DIGITS}"), 1, "no camera"
    ),
    # Configuration
    Case("number", "whole", config(f"[mpd]\nport = {DIGITS}"), 78, "beyond 64 bits"),
    Case("number", "of thousands", config(f"[mpd]\nport = {DIGITS * 20}"), 78, "is not TOML"),
    Case("number", "hexadecimal", config("[mpd]\nport = 0x" + "f" * 9999), 78, "beyond 64 bits"),
    Case("number", "broken", config(f"[face]\nsmallest_share = {DIGITS}.0"), 78, "finite number"),
    Case("depth", "lists", config("a = " + "[" * DEEP), 78, "nested too deeply"),
    Case("depth", "keys", config(".".join("a" * DEEP) + " = 1"), 78, "nested too deeply"),
    Case("depth", "tables", config("a = " + "{b = " * 5000), 78, "nested too deeply"),
    Case("host", "dots", config('[mpd]\nhost = ".."'), 78, "mpd.host is '..', it must be"),
    Case("host", "a long label", config(f'[mpd]\nhost = "{"a" * 64}.org"'), 78, "it must be"),
    Case("host", "a long path", config(f'[mpd]\nhost = "/{"a" * 200}"'), 78, "at most 107 bytes"),
    Case("zero byte", "source", config('[camera]\nsource = "video:\\u0000"'), 78, ONE_LINE),
    Case("zero byte", "folder", config('[model]\nfolder = "a\\u0000b"'), 78, ONE_LINE),
    Case("zero byte", "host", config('[mpd]\nhost = "/run/\\u0000"'), 78, ONE_LINE),
    Case("bytes", "no UTF-8", config(b"\xff\xfe["), 78, "is not TOML: it is no UTF-8: byte 1"),
    Case("bytes", "a byte order mark", config(b"\xef\xbb\xbf[mpd]\r\nport = 1\r\n"), 0, "port = 1"),
    Case("escape", "a section", config('["\\u001b[2J\\u202e"]'), 78, r"[\x1b[2J\u202e]"),
    Case("escape", "a value", config('[log]\nlevel = "\\u009b2J"'), 78, r"'\x9b2J'"),
    # The model's manifest
    Case("number", "manifest", manifest(temperature=10**400), 78, "a number of 401 digits"),
    Case("depth", "manifest", manifest(text="[" * DEEP), 78, "nested too deeply"),
    Case("zero byte", "manifest", manifest(file="a\0"), 78, "no file can have this name"),
    Case("escape", "manifest", manifest(preprocess="\x1b[2J"), 78, r"preprocess is '\x1b[2J'"),
    # What the box keeps and tells
    Case("number", "status", kept("status.json", f"[{DIGITS}]", "status"), 1, "400 digits"),
    Case("depth", "status", kept("status.json", "[" * DEEP, "status"), 1, "nested too deeply"),
    Case("shape", "status", kept("status.json", "{}", "status"), 1, "it is damaged"),
    Case("number", "state", kept("state.json", f"[{DIGITS}]", "library", "--learned"), 1, "digits"),
    Case("depth", "state", kept("state.json", "[" * DEEP, "library", "--forget"), 1, "too deeply"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_sentence_for_each_kind_of_input(
    case: Case,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("RUNTIME_DIRECTORY", "STATE_DIRECTORY"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("MPD_HOST", str(tmp_path / "no-mpd"))
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    command = case.make(tmp_path)
    if (tmp_path / "status.json").exists():
        with sole_user(tmp_path):  # as a running box holds it
            code = main(command)
    else:
        code = main(command)
    said = capsys.readouterr()
    assert code == case.code
    assert case.says in said.out + said.err
    assert "Traceback" not in said.err
    assert not set(said.out + said.err) & set("\x1b\x9b\u202e")
