"""`moodbox sort`, as a person types it, with the shipped ear, the real ffmpeg and a real MPD."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from moodbox.adapters.lock import sole_user
from moodbox.cli import main
from moodbox.core.mood import Mood
from tests.sorting.sounds import band, noise, piano, pink_noise, write_wav
from tests.support.mpd_server import MpdServer


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes the machine's own box; where the state lies."""
    for name in ("RUNTIME_DIRECTORY", "STATE_DIRECTORY"):
        (tmp_path / name.lower()).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("MPD_HOST", str(tmp_path / "no mpd"))
    return tmp_path / "state_directory"


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two songs, one of them below, and what is no song."""
    folder = tmp_path_factory.mktemp("songs")
    write_wav(folder / "b" / "वसन्त.wav", band(20, seed=2, fast=False))
    write_wav(folder / "a.wav", band(31, seed=1))
    (folder / "c.mp3").write_text("no music")
    (folder / "._a.wav").write_text("what macOS leaves")
    (folder / "cover.jpg").touch()
    return folder


def test_a_line_of_json_for_each_song_of_a_folder(
    songs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sort", "--jsonl", str(songs)]) == 1  # one is no music
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [Path(record["file"]).name for record in records] == ["a.wav", "c.mp3", "वसन्त.wav"]
    for record in records:
        assert record["mood"] in {None, *map(str, Mood)}
        assert -1 <= record["valence"] <= 1
        assert -1 <= record["arousal"] <= 1
        assert 0 <= record["confidence"] <= 1
        assert record["why"].endswith(".")
    assert "no audio file" in records[1]["error"]
    assert "error" not in records[0]


def test_a_song_is_heard_once(
    songs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "songs"
    shutil.copytree(songs, folder)
    main(["sort", "--jsonl", str(folder)])
    first = capsys.readouterr().out
    (tmp_path / "bin").mkdir()
    for name in ("ffmpeg", "ffprobe"):
        (tmp_path / "bin" / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / "bin" / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    main(["sort", "--jsonl", str(folder)])
    assert capsys.readouterr().out == first
    write_wav(folder / "a.wav", noise(12))
    main(["sort", "--jsonl", str(folder / "a.wav")])
    assert "error" in json.loads(capsys.readouterr().out)


def test_it_says_why_and_draws_a_map(
    songs: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["sort", "--why", str(songs / "a.wav")]) == 0
    told = capsys.readouterr().out
    assert "valence" in told
    assert "the nearest of them are" in told
    drawn = tmp_path / "map.svg"
    main(["sort", str(songs), "--map", str(drawn)])
    titles = [e.text for e in ElementTree.parse(drawn).iter("{http://www.w3.org/2000/svg}title")]
    assert sorted(filter(None, titles)) == ["a", "वसन्त"]
    assert "Nothing left this box." in capsys.readouterr().out


def test_noise_and_a_solo_piano_are_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Music of a kind that it does not know; without the look at the distance it would be sure."""
    for seed in range(4):
        write_wav(tmp_path / "f" / f"piano{seed}.wav", piano(15, seed))
        make = noise if seed % 2 else pink_noise  # pink noise comes nearest to metal
        write_wav(tmp_path / "f" / f"noise{seed}.wav", make(12, seed))
    assert main(["sort", "--jsonl", str(tmp_path / "f")]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(records) == 8
    assert [record["mood"] for record in records] == [None] * 8


def test_no_songs_no_mpd_no_ffmpeg_and_a_second_run_have_their_sentences(
    tmp_path: Path,
    state: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "empty").mkdir()
    assert main(["sort", str(tmp_path / "empty")]) == 1
    assert "no songs there" in capsys.readouterr().err
    assert main(["sort"]) == 69
    assert "MPD at" in capsys.readouterr().err
    with sole_user(state):
        assert main(["sort"]) == 69
    assert "runs already" in capsys.readouterr().err
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["sort"]) == 69
    assert "apt install ffmpeg" in capsys.readouterr().err


@pytest.fixture(scope="module")
def unsorted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MpdServer]:
    """A private MPD with two unsorted songs, and one that a person put into a mood's folder."""
    music = tmp_path_factory.mktemp("unsorted")
    write_wav(music / "album" / "one.wav", band(12, seed=1))
    write_wav(music / "album" / "two.wav", band(12, seed=2, fast=False))
    write_wav(music / "sad" / "mine.wav", np.float32(0.5) * band(12, seed=3))
    with MpdServer(tmp_path_factory.mktemp("mpd"), music) as server:
        yield server


def test_mpds_library_is_sorted(
    unsorted: MpdServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPD_HOST", str(unsorted.address))
    assert main(["sort", "--dry-run", "--jsonl"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["file"] for record in records] == ["album/one.wav", "album/two.wav"]
    assert main(["sort"]) == 0
    told = capsys.readouterr().out
    assert "I listened to 2 songs." in told
    assert "surprise is not heard" in told
