"""What is remembered of songs survives breaks, changed files and a damaged database."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from moodbox.core.mood import Mood
from moodbox.sorting.memory import NAME, RememberingError, SongMemory, Stamp
from moodbox.sorting.place import Heard, Place
from moodbox.sorting.taste import Correction

HEARD = Heard(Place((0.5, 0.25, 0.125, 0.125), 0.75), np.arange(4, dtype=np.float32))
STAMP = Stamp(10, 20)


def test_a_song_is_known_until_its_file_or_the_ear_changes(tmp_path: Path) -> None:
    with SongMemory(tmp_path, "ear-1") as memory:
        memory.remember("/a/\udcff.mp3", STAMP, HEARD)
        memory.remember("/a/bad.mp3", STAMP, "it is silent.")
    with SongMemory(tmp_path, "ear-1") as memory:
        known = memory.song("/a/\udcff.mp3", STAMP)
        assert isinstance(known, Heard)
        assert known.place == HEARD.place
        assert (known.sound == HEARD.sound).all()
        assert memory.song("/a/bad.mp3", STAMP) == "it is silent."
        assert memory.song("/a/\udcff.mp3", Stamp(11, 20)) is None
        assert memory.song("/a/\udcff.mp3", Stamp(10, 19)) is None
    with SongMemory(tmp_path, "ear-2") as memory:
        assert memory.song("/a/\udcff.mp3", STAMP) is None


def test_what_was_written_and_said_is_kept(tmp_path: Path) -> None:
    out = Correction(Mood.SAD, "a", False, HEARD.sound)
    with SongMemory(tmp_path, "ear") as memory:
        memory.note_written(Mood.SAD, ["a", "b"], [])
        memory.note_written(Mood.SAD, [], ["a"])
        memory.adopt(Mood.SAD)
        memory.correct([Correction(Mood.SAD, "a", True, None)])
        memory.correct([out])
    with SongMemory(tmp_path, "ear") as memory:
        assert memory.written(Mood.SAD) == {"b"}
        assert memory.is_adopted(Mood.SAD)
        assert not memory.is_adopted(Mood.HAPPY)
        (told,) = memory.corrections()
        assert (told.mood, told.uri, told.belongs) == (out.mood, out.uri, out.belongs)
        assert told.is_of("renamed", HEARD.sound)
        memory.disown(Mood.SAD)
        assert not memory.is_adopted(Mood.SAD)
        assert memory.written(Mood.SAD) == set()


def test_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"this is no database" * 100)
    with SongMemory(tmp_path, "ear") as memory:
        assert memory.song("a", STAMP) is None
        memory.remember("a", STAMP, HEARD)
    assert (tmp_path / "songs.damaged").read_bytes().startswith(b"this is no")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RememberingError, match="disk full"):
        SongMemory(tmp_path / "file" / "below", "ear")
