"""The chimes: six short sounds that MPD can be interrupted in."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from music.chimes import FOLDER, chime, write_chimes
from music.synth import SAMPLE_RATE_HZ
from tests.music.conftest import run_music

DRAINED_BYTES = 64 * 4096
"""What MPD plays of a queue's last song without answering anybody."""


def test_the_command_makes_six_and_leaves_those_that_are_there(tmp_path: Path) -> None:
    first = run_music("chimes", tmp_path)
    assert "6 made, 0 existed already" in first.stdout
    files = sorted((tmp_path / FOLDER).glob("*.flac"))
    assert len(files) == 6
    files[0].write_bytes(b"a person's own chime")
    assert "0 made, 6 existed already" in run_music("chimes", tmp_path).stdout
    assert files[0].read_bytes() == b"a person's own chime"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("in the way", encoding="utf-8")
    done = run_music("chimes", tmp_path)
    assert done.returncode == 1
    assert str(tmp_path / FOLDER) in done.stderr


def test_each_sounds_and_then_is_silent_for_as_long_as_mpd_answers_nobody(tmp_path: Path) -> None:
    lines: list[str] = []
    write_chimes(tmp_path, lines.append)
    for path in (tmp_path / FOLDER).iterdir():
        sound = chime(path.stem)
        loud = np.flatnonzero(np.abs(sound).max(axis=0) > 0.001)
        heard_s, silent_s = loud[-1] / SAMPLE_RATE_HZ, (sound.shape[1] - loud[-1]) / SAMPLE_RATE_HZ
        assert 0.5 < heard_s < 1.5
        assert 0.1 < np.abs(sound).max() < 0.3
        assert silent_s > DRAINED_BYTES / (4 * SAMPLE_RATE_HZ) + 1.0
