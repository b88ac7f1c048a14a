"""`moodbox status`: what a running box wrote, or why there is nothing to tell."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from moodbox.adapters.lock import sole_user
from moodbox.adapters.store import RuntimeFiles
from moodbox.cli import main
from moodbox.core.foreign import printable
from tests.support.simulated_box import simulated_box

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.mpd_server import MpdServer


def test_it_tells_what_a_box_that_runs_here_wrote(
    mpd: MpdServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    box = simulated_box("scene", mpd, tmp_path)
    box.live(9, until_read=1)
    box.live(1)
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    with sole_user(tmp_path):
        assert main(["status"]) == 0
        rows = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
        assert main(["status", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (rows["mood"], told["mood"]) == ("happy", "happy")
    assert (rows["music"], rows["song"]) == ("controlled by the box", told["song"])
    assert rows["MPD"] == f"play, {told['mpd']['queue']} songs queued"


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        ("[]", "no JSON object"),
        ("{", "cannot be read"),
        ("{}", "another version of moodbox wrote it"),
        ('{"schema": 1, "camera": 5, "mpd": []}', "another version of moodbox wrote it"),
        ('{"a": ' + "9" * 400 + "}", "a number of 400 digits"),
        ("[" * 99_999, "nested too deeply"),
    ],
    ids=lambda value: value[:20],
)
def test_a_status_that_is_none_is_a_sentence(
    content: str,
    answer: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "status.json").write_text(content, encoding="utf-8")
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    with sole_user(tmp_path):
        assert main(["status"]) == 1
    assert answer in capsys.readouterr().err


def test_what_others_wrote_into_a_status_only_shows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = "no such file: \x1b[2J\u202e\x9b\nbox  fine \udcff"
    status = {
        "state": "no camera", "presence": "nobody", "mood": None, "manual_control": None,
        "needs_attention": [fault], "song": fault, "light": "off",
        "camera": {"fault": fault, "closed": False},
        "mpd": {"fault": None, "error": None, "state": "play", "queue": 3},
    }  # fmt: skip
    RuntimeFiles(tmp_path).write_status(status)
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    with sole_user(tmp_path):
        assert main(["status"]) == 0
        assert r"no such file: \x1b[2J\u202e\x9b\nbox  fine \xff" in capsys.readouterr().out
        assert main(["status", "--json"]) == 0
    told = capsys.readouterr().out
    assert json.loads(told) == status
    assert printable(told.rstrip("\n")) + "\n" == told


def test_a_runtime_directory_that_is_a_file_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.touch()
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(path))
    assert main(["status"]) == 1
    assert f"cannot be read: {path}: Not a directory" in capsys.readouterr().err
