"""`moodbox library --learned` and `--forget`, as a person types them."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from moodbox.adapters.lock import sole_user
from moodbox.adapters.mpd.player import MpdPlayer
from moodbox.adapters.store import PersistentState, StateStore
from moodbox.cli import main
from moodbox.core.mood import Mood
from moodbox.core.music.history import History, fingerprint
from moodbox.core.music.tastes import Taste
from moodbox.core.ports import Message
from tests.support.box_of_fakes import BoxOfFakes
from tests.support.mpd_server import MpdServer

TASTES = {
    Mood.HAPPY: {"happy/वसन्त.ogg": Taste(0, 2), "happy/1.ogg": Taste(2.7, 0.9)},
    Mood.SAD: {"happy/1.ogg": Taste(0, 1)},
}
HISTORY: History = {Mood.HAPPY: (fingerprint("happy/2.ogg"),)}


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes the machine's own box; where the state lies."""
    for name in ("RUNTIME_DIRECTORY", "STATE_DIRECTORY"):
        folder = tmp_path / name.lower()
        folder.mkdir()
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setenv("MPD_HOST", str(tmp_path / "no mpd"))
    return tmp_path


def store(folders: Path) -> StateStore:
    return StateStore(folders / "state_directory")


def test_what_was_learned_is_shown_by_mood_the_best_liked_first(
    folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store(folders).save(PersistentState(tastes=TASTES))
    assert main(["library", "--learned"]) == 0
    when, _, *told = capsys.readouterr().out.splitlines()
    assert when == f"as written 0 minutes ago to {store(folders).path}"
    assert told == [
        "happy, songs heard: 2",
        "    2.7      0.9   happy/1.ogg",
        "    0.0      2.0   happy/वसन्त.ogg",
        "sad, songs heard: 1",
        "    0.0      1.0   happy/1.ogg",
    ]


def test_how_old_it_is_is_said_and_that_a_running_box_knows_more(
    folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store(folders).save(PersistentState(tastes=TASTES))
    for age_s, told in ((540, "9 minutes"), (3 * 86400, "72 hours"), (-600, "0 minutes")):
        then_s = time.time() - age_s
        os.utime(store(folders).path, (then_s, then_s))
        with sole_user(folders / "runtime_directory"):
            assert main(["library", "--learned"]) == 0
        when = capsys.readouterr().out.splitlines()[0]
        assert when.startswith(f"as written {told} ago to ")
        assert when.endswith("; what the running box has learned since is not in it")


def test_a_songs_name_only_shows(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("esc\x1b[2J.mp3", "new\nline.mp3", "M\udcfcll.mp3", "photo\u202egpm.mp3")
    store(folders).save(PersistentState(tastes={Mood.SAD: {name: Taste(1, 0) for name in names}}))
    assert main(["library", "--learned"]) == 0
    shown = {line.split()[-1] for line in capsys.readouterr().out.splitlines()[3:]}
    assert shown == {r"esc\x1b[2J.mp3", r"new\nline.mp3", r"M\xfcll.mp3", r"photo\u202egpm.mp3"}


def test_nothing_learned_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["library", "--learned"]) == 0
    assert "nothing has been learned" in capsys.readouterr().out
    assert main(["library", "--forget"]) == 0
    assert "nothing had been learned" in capsys.readouterr().out


def test_without_a_box_the_file_is_cleared_and_the_camera_stays_closed(folders: Path) -> None:
    store(folders).save(PersistentState(camera_closed=True, tastes=TASTES, history=HISTORY))
    assert main(["library", "--forget"]) == 0
    assert store(folders).load() == PersistentState(camera_closed=True)


def test_a_box_that_runs_and_cannot_be_told_keeps_what_it_knows(
    folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store(folders).save(PersistentState(tastes=TASTES))
    with sole_user(folders / "runtime_directory"):
        assert main(["library", "--forget"]) == 69
    assert "the box runs and cannot be told" in capsys.readouterr().err
    assert store(folders).load() == PersistentState(tastes=TASTES)


def test_a_box_that_runs_is_told_by_message(
    mpd: MpdServer, folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPD_HOST", mpd.address.host)
    with mpd.person() as box:
        box.subscribe("moodbox")
        assert main(["library", "--forget"]) == 0
        assert [message["message"] for message in box.readmessages()] == ["forget"]


def test_a_message_is_heard_or_not(mpd: MpdServer) -> None:
    player = MpdPlayer(mpd.address)
    assert player.send("detect") is False
    with mpd.person() as box:
        box.subscribe("moodbox")
        assert player.send("detect") is True
    player.close()


def kept(box: BoxOfFakes) -> PersistentState:
    """What the box remembers."""
    memory = box.daemon.parts.memory
    return PersistentState(False, memory.tastes, memory.history)


def test_the_box_forgets_at_once_and_on_its_disk(tmp_path: Path) -> None:
    store = StateStore(tmp_path)
    store.save(PersistentState(tastes=TASTES, history=HISTORY))
    box = BoxOfFakes(tmp_path)
    assert kept(box) == PersistentState(tastes=TASTES, history=HISTORY)
    box.happens(Message("forget"))
    assert kept(box) == store.load() == PersistentState()


@pytest.mark.parametrize("option", ["--learned", "--forget"])
@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"schema": 1, "tastes": 5})])
def test_a_damaged_file_is_named_and_left_alone(
    option: str, text: str, folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = store(folders).path
    path.write_text(text, encoding="utf-8")
    assert main(["library", option]) == 1
    assert capsys.readouterr().err.startswith("moodbox: what was learned cannot be")
    assert path.read_text(encoding="utf-8") == text
