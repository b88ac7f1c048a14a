"""One library, composed once by the real command, and what was heard in it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from music.compose import file_name
from music.pieces import PIECES
from tests.music import analysis
from tests.music.analysis import Samples

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Heard:
    """What a listener measures in one sound file."""

    path: Path
    stereo: Samples
    tempo_bpm: float
    key: tuple[int, str]
    melody_midi: Samples

    @property
    def mono(self) -> Samples:
        """The mean of left and right."""
        return analysis.mono(self.stereo)


def run_music(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m music`` as a person would, with additions to the environment."""
    return subprocess.run(
        [sys.executable, "-m", "music", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A music directory with all starter pieces; its name is in Devanagari."""
    directory = tmp_path_factory.mktemp("library") / "मेरा संगीत"
    done = run_music("compose", directory)
    assert done.returncode == 0, done.stderr
    return directory


@pytest.fixture(scope="session")
def heard(library: Path) -> dict[str, Heard]:
    """Every piece by title, decoded and listened to."""
    return {piece.title: _listen(library / piece.mood / file_name(piece)) for piece in PIECES}


def _listen(path: Path) -> Heard:
    stereo = analysis.decode(path)
    sound = analysis.mono(stereo)
    return Heard(
        path, stereo, analysis.tempo_bpm(sound), analysis.key(sound), analysis.melody_midi(sound)
    )
