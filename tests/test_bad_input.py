"""Bad input and its answers, as a table: each is a sentence that says what is wrong and where."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from moodbox.adapters.camera import make_camera
from moodbox.adapters.classifier import Classifier, ModelError
from moodbox.cli import main
from moodbox.compose import model_folder
from moodbox.config import CameraConfig, Config
from moodbox.core.mood import BBox, Frame, Mood
from moodbox.core.policy.events import Want
from moodbox.core.ports import CameraError
from moodbox.core.seeing.presence import Tracked
from moodbox.eye import Eye
from tests.support.fake_camera import FakeCamera
from tests.support.fake_clock import SimClock
from tests.support.mpd_server import MpdServer, write_songs
from tests.support.simulated_box import FixedScores

if TYPE_CHECKING:
    from collections.abc import Callable

PORTRAIT = Path(__file__).parents[1] / "device" / "moodbox" / "demo" / "astronaut.png"


@pytest.fixture(autouse=True)
def _own_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the machine's own box."""
    for name in ("RUNTIME_DIRECTORY", "STATE_DIRECTORY"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("MPD_HOST", str(tmp_path / "no-mpd"))
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")


# ── Configuration ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("[camera]\nsorce = 'none'\nmirror = 1\n", ["did you mean source?", "true or false"]),
        ("[camra]\n", ["unknown section [camra]; did you mean camera?"]),
        ("camera = 'none'\n", ["camera is a section: write [camera]"]),
        ("[camera\n", ["is not TOML"]),
        ("[camera]\nsource = 'telescope'\n", ["camera.source", "'telescope' is no camera"]),
        ("[panel]\nbutton_pin = 27\n", ["are both 27"]),
        ("[model]\nfolder = '/nowhere'\n", ["/nowhere", "model.folder"]),
    ],
)
def test_a_configuration_at_fault_ends_with_78_and_says_why(
    text: str, answers: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "box.toml"
    path.write_text(text, encoding="utf-8")
    assert main(["run", "--config", str(path)]) == 78
    said = capsys.readouterr().err
    assert said.startswith("moodbox: ")
    for answer in answers:
        assert answer in said


def test_a_pipe_is_no_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "box.toml")
    assert main(["config", "--config", str(tmp_path / "box.toml")]) == 78
    assert "it is a pipe and no file" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["..", "a..b", "/" + "x" * 200, os.fsdecode(b"m\xfcsik")])
def test_an_mpd_host_that_is_none_is_named(
    host: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPD_HOST", host)
    for command in ("library", "detect", "doctor"):
        assert main([command]) == 78
        assert "moodbox: MPD_HOST is '" in capsys.readouterr().err


def test_a_missing_configuration_and_a_bad_port_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["config", "--config", str(tmp_path / "none.toml")]) == 78
    assert "none.toml: cannot be read: No such file" in capsys.readouterr().err
    monkeypatch.setenv("MPD_PORT", "sixty")
    assert main(["library"]) == 78
    assert "MPD_PORT is 'sixty'" in capsys.readouterr().err
    for odd in ("9" * 5000, "0", "65536", "²"):
        monkeypatch.setenv("MPD_PORT", odd)
        assert main(["library"]) == 78
        assert "give a number from 1 to 65535" in capsys.readouterr().err


def test_pins_that_are_not_there_are_told_with_what_to_do() -> None:
    """In a process of its own: gpiozero keeps the first driver that it finds."""
    environ = {**os.environ, "GPIOZERO_PIN_FACTORY": "nonsense"}
    command = [sys.executable, "-m", "moodbox", "run", "--camera", "none"]
    ended = subprocess.run(
        command, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 78
    assert "panel.enabled = false" in ended.stderr
    assert "Traceback" not in ended.stderr


# ── The model ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A copy of the shipped model folder, to be damaged."""
    folder = tmp_path / "model"
    shutil.copytree(model_folder(Config()), folder)
    return folder


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest."""
    path = folder / "manifest.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")


def refused(folder: Path) -> str:
    """The message with which the folder is refused."""
    with pytest.raises(ModelError) as caught:
        Classifier(folder)
    return str(caught.value)


def replace_weights(folder: Path, content: bytes) -> None:
    """Other weights, with a manifest that knows them."""
    (folder / "mood.tflite").write_bytes(content)
    edit(folder, lambda data: data.update(sha256=hashlib.sha256(content).hexdigest()))


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"schema": 2}, "schema is 2"),
        ({"preprocess": "other"}, "weights and program do not belong together"),
        ({"labels": ["happy", "sad"]}, "labels are ['happy', 'sad']"),
        ({"labels": ["happy", "happy", "sad", "angry", "neutral"]}, "labels are"),
        ({"input": {"shape": [1, 64, 64, 3]}}, "the device feeds"),
        ({"temperature": 0}, "temperature is 0"),
        ({"temperature": "warm"}, "temperature is 'warm'"),
        ({"bias": {}}, "bias.happy is None"),
        ({"mirrored_look": "yes"}, "mirrored_look is 'yes'"),
        ({"file": "../mood.tflite"}, "it must name a file of this folder"),
        ({"file": "other.tflite"}, "other.tflite cannot be read"),
        ({"sha256": "0" * 64}, "its sha256 differs"),
        ({"file": "a\0b"}, "no file can have this name"),
        ({"file": "\ud83d"}, "no file can have this name"),
        ({"file": "."}, "file is '.'"),
        ({"file": "x" * 300}, "File name too long"),
        ({"schema": ["\x1b[31m"] * 500}, "schema is ['\\x1b[31m', "),
        ({"temperature": 10**400}, "a number of 401 digits"),
        ({"temperature": float("nan")}, "NaN"),
        ({"bias": [0, 0, 0, 0, 0]}, "bias.happy is None"),
        ({"reading": 5}, "reading.temperature is None"),
        ({"labels": [["happy"], {}, None, 5, True]}, "labels are"),
    ],
)
def test_a_manifest_at_fault_is_refused(change: dict[str, Any], answer: str, model: Path) -> None:
    edit(model, lambda data: data.update(change))
    said = refused(model)
    assert answer in said
    assert "Fetch the folder again" in said


def test_all_faults_of_a_model_are_told_at_once(model: Path) -> None:
    edit(model, lambda data: data.update(schema=7, labels=[], temperature=-1, sha256=""))
    said = refused(model)
    assert said.count("\n  - ") == 4


def test_an_altered_a_truncated_and_a_foreign_file_are_refused(model: Path) -> None:
    weights = (model / "mood.tflite").read_bytes()
    for damaged in (weights[:-1] + b"\x01", weights[: len(weights) // 2], b""):
        # Never given to the runtime, which would read beyond the file's end.
        (model / "mood.tflite").write_bytes(damaged)
        assert "its sha256 differs" in refused(model)
    replace_weights(model, b"no network at all")
    assert "the runtime refuses it" in refused(model)


@pytest.mark.parametrize(
    "text", [None, "", "[]", "{", "\udcff", "[" * 99_999, '{"a": ' + "9" * 400 + "}"], ids=ascii
)
def test_a_manifest_that_is_none_is_named(text: str | None, model: Path) -> None:
    path = model / "manifest.json"
    path.unlink()
    if text is not None:
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert str(path) in refused(model)


def test_weights_that_are_no_file_are_refused_and_not_waited_for(model: Path) -> None:
    (model / "mood.tflite").unlink()
    os.mkfifo(model / "mood.tflite")
    assert "mood.tflite cannot be read: it is a pipe" in refused(model)


def test_labels_in_another_order_are_put_right_by_name(model: Path) -> None:
    face = np.random.default_rng(5).integers(0, 256, (48, 48), np.uint8)
    before = Classifier(model).logits(face)
    edit(model, lambda data: data["labels"].reverse())
    np.testing.assert_array_equal(Classifier(model).logits(face), before[::-1])


# ── Pictures and frames ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        (b"", "the file is empty"),
        (b"these are words", "is no picture"),
        (PORTRAIT.read_bytes()[:9000], "breaks off"),
        (None, "cannot be read: No such file"),
    ],
    ids=["empty", "words", "cut off", "missing"],
)
def test_a_picture_that_is_none_is_a_line_and_the_others_are_read(
    content: bytes | None, answer: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "चित्र.png"
    if content is not None:
        bad.write_bytes(content)
    assert main(["label", "--jsonl", str(bad), str(PORTRAIT)]) == 1
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["file"] == str(bad)
    assert answer in first["error"]
    assert (first["faces"], "error" in second) == ([], False)
    assert second["faces"][0]["mood"] == "happy"


class Odd(FakeCamera):
    """A camera that gives whatever it was given."""

    def read(self) -> Frame | None:
        """The odd frame."""
        return Frame(0.0, self._script[0])  # type: ignore[arg-type]


class Nobody:
    """A face finder that finds nobody."""

    def find(self, gray: object) -> list[BBox]:
        """Nobody."""
        return []


@pytest.mark.parametrize(
    ("frame", "answer"),
    [
        (np.zeros((0, 640), np.uint8), "empty"),
        (np.zeros((480, 640, 3), np.uint8), r"shape \(H, W\)"),
        (np.zeros((480, 640), np.float32), "uint8"),
    ],
    ids=["zero size", "colour", "wrong dtype"],
)
def test_a_frame_that_is_no_gray_picture_is_a_fault_of_the_camera(frame: Any, answer: str) -> None:
    eye = Eye(Odd(SimClock(), [frame]), Nobody(), FixedScores(Mood.HAPPY))
    with pytest.raises(CameraError, match=answer):
        eye.sense(Want.WATCH, Tracked(), 0.0)


def test_a_video_that_is_none_is_told_by_doctor(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"no film")
    assert main(["doctor", "--camera", f"video:{film}"]) == 1
    said = capsys.readouterr().out
    (line,) = [line for line in said.splitlines() if "camera " in line and "FAULT" in line]
    assert "film.mp4" in line


def test_a_video_that_ends_is_told_and_the_box_stays(tmp_path: Path) -> None:
    film = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(film), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for level in range(5):
        writer.write(np.full((48, 64, 3), 40 * level, np.uint8))
    writer.release()
    clock = SimClock()
    eye = Eye(
        make_camera(f"video:{film}", CameraConfig(), clock), Nobody(), FixedScores(Mood.HAPPY)
    )
    eye.sense(Want.WATCH, Tracked(), clock.now_s())
    clock.advance(60)
    eye.sense(Want.WATCH, Tracked(), clock.now_s())  # its last frame
    with pytest.raises(CameraError, match="come to their end"):
        eye.sense(Want.WATCH, Tracked(), clock.now_s())
    assert eye.sense(Want.WATCH, Tracked(), clock.now_s()) is None, "told once"


# ── MPD ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("command", ["library", "detect"])
def test_mpd_that_is_absent_is_69_and_what_to_do(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command]) == 69
    said = capsys.readouterr().err
    assert "is not there" in said
    assert "MPD_HOST" in said


def test_nobody_listens_for_detect(
    mpd: MpdServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPD_HOST", mpd.address.host)
    assert main(["detect"]) == 69
    assert "no box listens" in capsys.readouterr().err


def test_mpd_that_refuses_a_command_is_named_with_what_to_give(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    music = tmp_path / "music"
    write_songs(music, ("01.wav",))
    everything = "read,add,control,admin"
    rights = f'password "secret@{everything}"\nlocal_permissions "{everything}"\n'
    rights += 'default_permissions ""\n'  # by TCP, nothing without the password
    with MpdServer(tmp_path / "mpd", music, rights) as server:
        monkeypatch.setenv("MPD_HOST", "127.0.0.1")
        monkeypatch.setenv("MPD_PORT", str(server.port))
        for command, status in (("library", 69), ("detect", 69), ("doctor", 1)):
            more = ["--camera", "scene"] if command == "doctor" else []
            assert main([command, *more]) == status
            said = capsys.readouterr()
            assert "Give the box MPD's password" in said.out + said.err
