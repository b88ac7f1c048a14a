"""`moodbox detect` says what came of it, by the status of the box that runs here."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from moodbox.adapters.lock import sole_user
from moodbox.adapters.store import RuntimeFiles
from moodbox.cli import main
from moodbox.commands.detect import hindrance, outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.mpd_server import MpdServer

WATCHING: dict[str, Any] = {
    "schema": 1,
    "state": "watching",
    "confidence": None,
    "last_reading": None,
    "manual_control": None,
    "camera": {"closed": False, "fault": None, "dark": False},
    "mpd": {"fault": None, "error": None, "mood_without_music": None},
}
READ = {"last_reading": {"mood": "happy", "why": None}, "confidence": 0.81}


@pytest.fixture
def heard(mpd: MpdServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The other end of the channel; nobody tells a status yet."""
    monkeypatch.setenv("MPD_HOST", mpd.address.host)
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    with mpd.person() as box:
        box.subscribe("moodbox")
        yield box


def answer(box: Any, tmp_path: Path, *statuses: dict[str, Any]) -> threading.Thread:
    """Tell these statuses, each for a while, once the message has come."""
    files = RuntimeFiles(tmp_path)

    def tell() -> None:
        box.idle("message")
        for status in statuses:
            files.write_status(status)
            told.wait(0.3)

    told = threading.Event()
    thread = threading.Thread(target=tell)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("after", "code", "says"),
    [
        (READ, 0, "it reads happy (81% sure); happy music plays"),
        ({**READ, "manual_control": "a person paused"}, 0, "stays as it is: a person paused"),
        (
            {**READ, "mpd": {"fault": "MPD is not there"}},
            0,
            "it reads happy (81% sure); the music waits: MPD is not there",
        ),
        ({**READ, "mpd": {"mood_without_music": "happy"}}, 0, "there is no music for happy"),
        ({"last_reading": {"mood": None, "why": "nobody"}}, 1, "no mood was read: nobody"),
        ({"last_reading": {"mood": None, "why": None}}, 1, "the box is not sure"),
    ],
)
def test_it_tells_what_was_read_and_what_becomes_of_the_music(
    after: dict[str, Any],
    code: int,
    says: str,
    heard: Any,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    RuntimeFiles(tmp_path).write_status(WATCHING)
    thread = answer(heard, tmp_path, {**WATCHING, "state": "reading"}, {**WATCHING, **after})
    with sole_user(tmp_path):
        assert main(["detect"]) == code
    thread.join()
    assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("camera", "says"),
    [({"closed": True}, "only a press of the box's button opens it"),
     ({"fault": "there is no webcam \x1b[31m0"}, r"there is no webcam \x1b[31m0")],
)  # fmt: skip
def test_a_box_that_cannot_see_is_a_sentence_and_1(
    camera: dict[str, Any],
    says: str,
    heard: Any,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    RuntimeFiles(tmp_path).write_status({**WATCHING, "camera": camera})
    with sole_user(tmp_path):
        assert main(["detect"]) == 1
    assert says in capsys.readouterr().err


def test_a_box_that_begins_no_reading_is_a_sentence_and_1(
    heard: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    RuntimeFiles(tmp_path).write_status(WATCHING)
    with sole_user(tmp_path):
        assert main(["detect"]) == 1
    assert "begins no reading" in capsys.readouterr().err


def test_a_box_of_another_machine_is_asked_and_that_is_said(
    heard: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["detect"]) == 0
    assert "none of this machine's" in capsys.readouterr().out


@pytest.mark.parametrize("odd", [None, 5, "text", [], {"mood": 7}, {"mood": ["x"]}], ids=repr)
def test_a_status_that_makes_no_sense_is_no_crash(odd: object) -> None:
    for status in ({}, {"camera": odd}, {"last_reading": odd, "mpd": odd, "confidence": odd}):
        assert hindrance(status) is None
        assert outcome(status)[1]
