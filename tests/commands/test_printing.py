"""What others wrote reaches the terminal and the log so that it only shows."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from moodbox.cli import OneLine, main

ODD = "esc\x1b[2J\u202e\x9b"
SAFE = r"esc\x1b[2J\u202e\x9b"


def test_a_message_in_the_log_is_a_line_whatever_is_in_it() -> None:
    record = logging.LogRecord("a", 20, "p", 1, "%s ends\nMPD answers", (f"{ODD}\udcff",), None)
    assert OneLine("%(message)s").format(record) == rf"{SAFE}\xff ends\nMPD answers"


def test_a_configuration_of_others_is_refused_in_words_that_only_show(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"{ODD}.toml"
    path.write_text('["esc\\u001b[2J\\u202e"]\n[mpd]\n"\\u009b" = 1\nhost = "\\u202e"\n', "utf-8")
    assert main(["config", "--config", str(path)]) == 78
    said = capsys.readouterr().err
    assert not set(said) & set("\x1b\x9b\u202e")
    assert said.startswith(f"moodbox: {tmp_path}/{SAFE}.toml has 2 fault(s):\n  - unknown")


def test_a_camera_source_of_others_is_said_by_the_box_so_that_it_only_shows(
    tmp_path: Path,
) -> None:
    """The whole way: the box itself, in a process of its own, to its log and its status."""
    environ = {
        **os.environ,
        "RUNTIME_DIRECTORY": str(tmp_path / "run"),
        "STATE_DIRECTORY": str(tmp_path / "state"),
        "MPD_HOST": str(tmp_path / "none"),
        "GPIOZERO_PIN_FACTORY": "mock",
    }
    source = os.fsencode(f"video:{tmp_path}/{ODD}") + b"M\xfcll\nfine.mp4"
    command: list[str | bytes] = [sys.executable, "-m", "moodbox", "doctor", "--camera", source]
    ended = subprocess.run(command, env=environ, capture_output=True, timeout=60, check=False)
    said = ended.stdout.decode()
    assert f"{tmp_path}/{SAFE}" in said
    assert r"M\xfcll\nfine.mp4: there is no such video file" in said
    assert not set(said + ended.stderr.decode()) & set("\x1b\x9b\u202e")
