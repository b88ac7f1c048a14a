"""The commands that a person types, with the real model and a real MPD."""

from __future__ import annotations

import json
import os
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from moodbox.adapters.mpd.names import Names
from moodbox.adapters.mpd.player import LibraryCount
from moodbox.adapters.store import RuntimeFiles
from moodbox.cli import main, parser
from moodbox.commands.demo import camera_source
from moodbox.commands.library import lines
from moodbox.core.mood import Mood
from tests.support.accidents import disk_full_after
from tests.support.camera_parts import write_pictures, write_video
from tests.support.data import FACES, needs_scenes
from tests.support.mpd_server import MpdServer, write_song, write_songs

if TYPE_CHECKING:
    from collections.abc import Iterator

PORTRAIT = Path(__file__).parents[2] / "device" / "moodbox" / "demo" / "astronaut.png"


@pytest.fixture(autouse=True)
def _own_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the machine's own box."""
    for name in ("RUNTIME_DIRECTORY", "STATE_DIRECTORY"):
        folder = tmp_path / name.lower()
        folder.mkdir()
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")


# ── label ────────────────────────────────────────────────────────────────────────────────────────


def label(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    """The records that `moodbox label --jsonl` prints."""
    assert main(["label", "--jsonl", *arguments]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_label_prints_what_other_programs_rely_on(capsys: pytest.CaptureFixture[str]) -> None:
    (record,) = label(capsys, str(PORTRAIT))
    assert list(record) == ["file", "faces"]
    assert record["file"] == str(PORTRAIT)
    (face,) = record["faces"]
    assert list(face) == ["box", "scores", "mood"]
    assert len(face["box"]) == 4
    assert all(isinstance(edge, int) for edge in face["box"])
    assert set(face["scores"]) == set(Mood)
    assert sum(face["scores"].values()) == pytest.approx(1, abs=1e-4)
    assert face["mood"] == "happy"


@needs_scenes
def test_label_walks_folders_and_tells_the_largest_face_first(
    capsys: pytest.CaptureFixture[str],
) -> None:
    records = {Path(str(r["file"])).name: r["faces"] for r in label(capsys, str(FACES))}
    assert len(records) == 5
    assert records["happy.jpg"][0]["mood"] == "happy"
    areas = [face["box"][2] * face["box"][3] for face in records["five_people_happy.jpg"]]
    assert len(areas) == 5
    assert areas == sorted(areas, reverse=True)


def test_label_takes_a_cropped_face_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    face = tmp_path / "face.png"
    cv2.imwrite(str(face), np.random.default_rng(0).integers(0, 256, (48, 48), np.uint8))
    (record,) = label(capsys, "--cropped", str(face))
    assert record["faces"][0]["box"] == [0, 0, 48, 48]


def test_label_draws_copies_under_the_same_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "चित्र" / "अंदर"
    folder.mkdir(parents=True)
    (folder / "वह.png").write_bytes(PORTRAIT.read_bytes())
    out = tmp_path / "out"
    (record,) = label(capsys, "--out", str(out), str(tmp_path / "चित्र"))
    assert "वह" in str(record["file"])
    (copy,) = out.rglob("*.png")
    drawn = cv2.imdecode(np.frombuffer(copy.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    assert copy.parent.name == "अंदर"
    assert (drawn[..., 0] != drawn[..., 2]).any(), "the box is drawn in colour"


def test_label_says_so_where_there_are_no_pictures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["label", str(tmp_path)]) == 1
    assert "no pictures" in capsys.readouterr().err


# ── library, doctor, status, config ──────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def strange_mpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MpdServer]:
    """An MPD with few happy songs in Devanagari, and no angry ones."""
    music = tmp_path_factory.mktemp("music")
    write_songs(music, ("01.wav", "02.wav"))
    for path in (music / "angry").iterdir():
        path.unlink()
    write_song(music / "happy" / "वसन्त" / "राग बहार.wav")
    with MpdServer(tmp_path_factory.mktemp("mpd"), music) as server:
        yield server


def test_library_counts_and_says_what_is_missing(
    strange_mpd: MpdServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPD_HOST", strange_mpd.address.host)
    strange_mpd.save_playlist("happy", ["albums/one.wav", "happy/वसन्त/राग बहार.wav"])
    assert main(["library"]) == 0
    said = capsys.readouterr().out
    happy = next(line for line in said.splitlines() if line.startswith("happy"))
    assert "4 songs" in happy
    assert "folder happy/: 3, playlist happy: 2" in happy
    assert said.count("under 100 songs") == 4
    assert "no music: put songs into the folder angry/" in said


@pytest.mark.parametrize(
    ("folder", "empty", "meant"),
    [("Angry", True, True), ("ANGRY ", True, True), ("angry!", False, True), ("angri", True, True),
     ("angri", False, False), ("sadness", True, False), ("albums", True, False),
     ("Angry Birds", True, False)],
)  # fmt: skip
def test_a_folder_is_told_that_was_meant_for_a_mood(folder: str, empty: bool, meant: bool) -> None:
    count = LibraryCount(0 if empty else 200, 0.0, 0, 0 if empty else 200)
    for names in (Names(frozenset({folder})), Names(playlists=frozenset({folder, "angry"}))):
        said = "\n".join(lines(Mood.ANGRY, count, names))
        assert (" to 'angry'" in said) is meant
        assert (repr(folder) in said) is meant


def test_library_and_doctor_name_a_folder_that_was_meant_for_a_mood(
    strange_mpd: MpdServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPD_HOST", strange_mpd.address.host)
    write_song(strange_mpd.music / "Angry" / "1.wav")
    try:
        strange_mpd.update()
        for command in (["library"], ["doctor", "--camera", "scene"]):
            main(command)
            said = capsys.readouterr().out
            assert "rename the folder 'Angry' to 'angry'" in said
    finally:
        shutil.rmtree(strange_mpd.music / "Angry")
        strange_mpd.update()


def test_doctor_finds_a_full_disk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPD_HOST", str(tmp_path / "none"))
    with disk_full_after(1000):
        assert main(["doctor", "--camera", "scene"]) == 1
    said = capsys.readouterr().out
    for name in ("runtime_directory", "state_directory"):
        assert f"FAULT folders  {tmp_path / name} cannot be written: File too large" in said
        assert list((tmp_path / name).iterdir()) == []


def test_doctor_finds_everything_well_but_the_mood_without_songs(
    strange_mpd: MpdServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPD_HOST", strange_mpd.address.host)
    assert main(["doctor", "--camera", "scene"]) == 1
    lines = capsys.readouterr().out.splitlines()
    faults = [line for line in lines if line.startswith("FAULT")]
    assert len(faults) == 1
    assert "angry" in faults[0]
    for part in ("model", "faces", "camera", "MPD", "panel", "folders"):
        assert any(line.startswith(f"ok    {part}") for line in lines), part


def test_doctor_tells_how_the_camera_hangs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPD_HOST", str(tmp_path / "none"))
    film = tmp_path / "askew.avi"
    gray = cv2.imread(str(PORTRAIT), cv2.IMREAD_GRAYSCALE)
    turned = cv2.cvtColor(cv2.rotate(gray, cv2.ROTATE_90_COUNTERCLOCKWISE), cv2.COLOR_GRAY2BGR)
    writer = cv2.VideoWriter(str(film), cv2.VideoWriter.fourcc(*"MJPG"), 5, turned.shape[1::-1])
    for _ in range(30):
        writer.write(turned)
    writer.release()
    assert main(["doctor", "--camera", f"video:{film}"]) == 1
    assert "set camera.rotation_deg = 90" in capsys.readouterr().out


def test_status_without_a_box_is_69(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    RuntimeFiles(tmp_path / "runtime_directory").write_status({"schema": 1, "state": "watching"})
    assert main(["status"]) == 69, "what a box wrote that has ended is not how it is"
    assert "no box" in capsys.readouterr().err


def test_config_prints_what_is_in_force(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "box.toml"
    path.write_text("[sitting]\nleave_after_s = 60\n", encoding="utf-8")
    assert main(["config", "--config", str(path), "--camera", "webcam:2"]) == 0
    said = capsys.readouterr().out
    assert "leave_after_s = 60.0" in said
    assert 'source = "webcam:2"' in said
    path.write_text(said, encoding="utf-8")
    assert main(["config", "--config", str(path)]) == 0
    assert capsys.readouterr().out == said


# ── demo ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_demo_takes_pictures_a_video_or_a_webcam(tmp_path: Path) -> None:
    film = write_video(tmp_path / "film.avi")
    (picture,) = write_pictures(tmp_path / "p", ("a.png",)).iterdir()
    assert camera_source(None) == "scene"
    assert camera_source("webcam") == "webcam:0"
    assert camera_source("webcam:3") == "webcam:3"
    assert camera_source(str(tmp_path)) == f"pictures:{tmp_path}"
    assert camera_source(str(film)) == f"video:{film}"
    assert camera_source(str(picture)) == f"pictures:{picture}"


@pytest.mark.parametrize(
    ("name", "content", "answer"),
    [
        ("nothing", None, "there is no such folder, picture or video"),
        ("x" * 300, None, "File name too long"),
        ("empty", "folder", "it holds no picture; put some there"),
        ("words.jpg", b"no picture", "is neither a picture nor a film"),
        ("a.heic", b"\0\0\0\x18ftypheic" + bytes(100), "is a HEIC picture"),
        ("cut.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF", "breaks off"),
        ("film.mp4", b"\0\0\0\x18ftypmp42" + bytes(500), "is no video that can be played"),
        ("pipe", "pipe", "it is a pipe and no file"),
    ],
    ids=lambda value: str(value)[:12],
)
def test_a_demo_with_nothing_to_see_says_why_and_ends_with_1(
    name: str,
    content: bytes | str | None,
    answer: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / name
    if content == "folder":
        path.mkdir()
    elif content == "pipe":
        os.mkfifo(path)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    assert main(["demo", "--pictures", str(path)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert answer in line


@pytest.mark.parametrize("source", ["webcam:99", "webcam:" + "9" * 400, "webcam:x"])
def test_a_demo_without_its_webcam_says_so_and_ends_with_1(
    source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--pictures", source]) == 1
    assert "webcam" in capsys.readouterr().err


def test_the_demo_shows_one_evening_and_ends_with_what_mpd_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_songs(tmp_path / "music")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        assert main(["demo", "--music", str(tmp_path / "music")]) == 0
        with pytest.raises(BlockingIOError):  # it is no service: systemd hears nothing of it
            systemd.recv(100)
    said = capsys.readouterr().out
    order = [
        "sees   a face",
        "sees   somebody sits here",
        "reads  it reads happy",
        "plays  playing happy music: happy/",
        "sees   they have left; nobody is here",
        "MPD says: playing happy/",
    ]
    places = [said.index(line) for line in order]
    assert places == sorted(places)


def test_the_demo_without_music_says_how_to_get_some(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--music", str(tmp_path / "none")]) == 69
    assert "make music" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", ["run", "doctor", "status", "detect", "label", "library", "config", "demo"]
)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([command, "--help"])
    assert ended.value.code == 0
    assert len(capsys.readouterr().out.splitlines()) > 3
