"""`moodbox label --out`: a copy that cannot be written is told with its name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from moodbox.cli import main

PORTRAIT = Path(__file__).parents[2] / "device" / "moodbox" / "demo" / "astronaut.png"


def test_a_copy_that_cannot_be_written_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "a file"
    out.touch()
    assert main(["label", "--jsonl", "--out", str(out), str(PORTRAIT)]) == 1
    record = json.loads(capsys.readouterr().out)
    copy = out / "astronaut.png.png"
    assert record["error"] == f"{copy}: the copy cannot be written: File exists"
