"""`moodbox config`: what it prints is read back as what is in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from moodbox.cli import main
from moodbox.config import Config, ModelConfig, load, render

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "folder",
    ["भाव/मॉडल", 'the "blue" one', "back\\slash", "tab\tand\nline", "bell\x07", "delete\x7f", "🎻"],
)
def test_any_text_is_printed_so_that_it_is_read_back(folder: str, tmp_path: Path) -> None:
    config = Config(model=ModelConfig(folder=folder))
    path = tmp_path / "box.toml"
    path.write_text(render(config), encoding="utf-8")
    assert load(path) == config


def test_the_password_of_a_file_is_not_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "box.toml"
    path.write_text('[mpd]\npassword = "hunter2"\n', encoding="utf-8")
    assert main(["config", "--config", str(path)]) == 0
    said = capsys.readouterr()
    assert "hunter2" not in said.out + said.err
    assert "password is set" in said.out
