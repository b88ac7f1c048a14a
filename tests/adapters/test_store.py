"""What the daemon writes: whole or not at all, and never in the way of going on."""

from __future__ import annotations

import json
import logging
import os
import threading
from pathlib import Path

import pytest

from moodbox.adapters.store import (
    PersistentState,
    RuntimeFiles,
    StateStore,
    try_writing,
    write_atomically,
)
from moodbox.core.foreign import DamagedError
from moodbox.core.mood import Mood
from moodbox.core.music.history import fingerprint
from moodbox.core.music.tastes import Taste
from tests.support.accidents import disk_full_after

KEPT = PersistentState(
    camera_closed=True,
    tastes={Mood.SAD: {"खुशी/गाना.flac": Taste(1.9, 2), "bad\udcff.mp3": Taste()}},
    history={Mood.HAPPY: (fingerprint("खुशी/गाना.flac"), fingerprint("bad\udcff.mp3"))},
)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# ── Writing ──────────────────────────────────────────────────────────────────────────────────────


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    for text in ("first", "zweite ü\n"):
        write_atomically(tmp_path / "a.json", text)
        assert (tmp_path / "a.json").read_text(encoding="utf-8") == text
    assert names(tmp_path) == ["a.json"]


def test_a_full_disk_leaves_the_old_content_and_nothing_else(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.json", "old")
    with disk_full_after(10), pytest.raises(OSError, match="too large"):
        write_atomically(tmp_path / "a.json", "new" * 100)
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == "old"
    assert names(tmp_path) == ["a.json"]


def test_what_a_power_cut_left_behind_is_written_over(tmp_path: Path) -> None:
    (tmp_path / ".a.json.new").write_text("half of someth", encoding="utf-8")
    write_atomically(tmp_path / "a.json", "whole")
    assert names(tmp_path) == ["a.json"]


def test_what_cannot_ask_for_switching_off_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert not RuntimeFiles(tmp_path / "missing").ask_to_switch_off()
    assert "the machine stays on" in caplog.text


def test_a_reader_sees_the_old_or_the_new_and_never_a_part(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    contents = {letter * 100_000 for letter in "ab"}
    write_atomically(path, "a" * 100_000)
    done = threading.Event()

    def write() -> None:
        for number in range(40):
            write_atomically(path, "ab"[number % 2] * 100_000)
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    seen = set()
    while not done.is_set():
        seen.add(path.read_text(encoding="utf-8"))
    thread.join()
    assert seen <= contents


# ── State ────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_saved_is_loaded_again(tmp_path: Path) -> None:
    assert StateStore(tmp_path).save(KEPT)
    assert StateStore(tmp_path).load() == KEPT
    assert names(tmp_path) == ["state.json"]


def test_without_a_file_the_camera_is_open_and_nothing_is_known(tmp_path: Path) -> None:
    assert StateStore(tmp_path).load() == PersistentState(camera_closed=False, tastes={})


def test_a_file_of_before_earlier_hearings_were_kept_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text(
        '{"schema": 1, "camera_closed": false, "tastes": {"sad": {"a.mp3": [1, 0]}}}'
    )
    assert StateStore(tmp_path).load() == PersistentState(tastes={Mood.SAD: {"a.mp3": Taste(1, 0)}})


@pytest.mark.parametrize(
    ("content", "closed"),
    [
        (b"", True),
        (b"\0" * 200, True),
        (b"{", True),
        (b"[]", True),
        (b"\xff\xfe", True),
        (b"[" * 100_000, True),
        (b"{}", True),
        (b'{"schema": 1, "camera_closed": "no", "tastes": {}}', True),
        (b'{"schema": 1, "camera_closed": true, "tastes": []}', True),
        (b'{"schema": 1, "camera_closed": false, "tastes": []}', False),
        (b'{"schema": 1, "camera_closed": true, "tastes": {"happy": {"a": "often"}}}', True),
        (b'{"schema": 1, "camera_closed": false, "tastes": {"sleepy": {}}}', False),
        (b'{"schema": 1, "camera_closed": false, "tastes": {}, "earlier": []}', False),
        (b'{"schema": 1, "camera_closed": true, "tastes": {}, "earlier": {"sad": "?"}}', True),
        (b'{"schema": 2, "camera_closed": false, "tastes": {}}', False),
        (b'{"schema": 1, "camera_closed": false, "tastes": {"sad": {"a": [' + b"9" * 400, True),
        (b'{"schema": 1, "camera_closed": false, "a": ' + b"9" * 400 + b"}", True),
        (b'{"schema": 1, "camera_closed": false, "tastes": {"sad": {"a": [1e999, 0]}}}', True),
        (b'{"schema": 1, "camera_closed": false, "tastes": {"sad": {"a": [1e308, 0]}}}', False),
        (b'{"a": ' * 40 + b"1" + b"}" * 40, True),
    ],
)
def test_a_damaged_file_is_set_aside_and_opens_no_camera(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes, closed: bool
) -> None:
    """Only the button opens a camera that may have been closed."""
    (tmp_path / "state.json").write_bytes(content)
    assert StateStore(tmp_path).load() == PersistentState(camera_closed=closed, tastes={})
    assert names(tmp_path) == ["state.json.damaged"]
    assert (tmp_path / "state.json.damaged").read_bytes() == content
    assert len(caplog.messages) == 1
    assert "state.json.damaged" in caplog.text


def test_a_file_that_cannot_be_read_opens_no_camera(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "state.json").mkdir()
    assert StateStore(tmp_path).load() == PersistentState(camera_closed=True)
    assert "stays closed until a press" in caplog.text


def test_a_full_disk_is_said_once_and_so_is_its_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    store = StateStore(tmp_path)
    with disk_full_after(10):
        assert [store.save(KEPT) for _ in range(3)] == [False] * 3
    assert len(caplog.messages) == 1
    assert [store.save(KEPT) for _ in range(2)] == [True] * 2
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]
    assert StateStore(tmp_path).load() == KEPT


def test_a_missing_state_directory_is_no_crash(tmp_path: Path) -> None:
    assert StateStore(tmp_path / "gone").load() == PersistentState()
    assert not StateStore(tmp_path / "gone").save(KEPT)


# ── Runtime files ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", ["[1, 2", '{"a": ' + "9" * 400 + "}", "[" * 99_999], ids=ascii)
def test_a_damaged_status_or_record_is_no_more_than_damaged(tmp_path: Path, text: str) -> None:
    for name in ("status.json", "owned.json"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(DamagedError):
        RuntimeFiles(tmp_path).read_status()
    assert RuntimeFiles(tmp_path).read_owned() is None


def test_a_pipe_in_a_files_place_is_not_waited_for(tmp_path: Path) -> None:
    for name in ("state.json", "status.json", "owned.json"):
        os.mkfifo(tmp_path / name)
    assert StateStore(tmp_path).load() == PersistentState(camera_closed=True)
    assert RuntimeFiles(tmp_path).read_owned() is None
    with pytest.raises(OSError, match="it is a pipe"):
        RuntimeFiles(tmp_path).read_status()


def test_a_full_disk_is_found_by_writing(tmp_path: Path) -> None:
    try_writing(tmp_path)
    with disk_full_after(1000), pytest.raises(OSError, match="too large"):
        try_writing(tmp_path)
    assert names(tmp_path) == []


def test_status_and_owned_songs_are_read_as_they_were_written(tmp_path: Path) -> None:
    files = RuntimeFiles(tmp_path)
    status, owned = {"state": "watching", "mood": None}, {"owned": [[3, "happy/क.flac"]]}
    assert files.write_status(status)
    assert files.write_owned(owned)
    assert RuntimeFiles(tmp_path).read_status() == status
    assert RuntimeFiles(tmp_path).read_owned() == owned
    assert json.loads((tmp_path / "status.json").read_text(encoding="utf-8")) == status


def test_a_fresh_boot_has_neither(tmp_path: Path) -> None:
    assert RuntimeFiles(tmp_path).read_status() is None
    assert RuntimeFiles(tmp_path).read_owned() is None


def test_a_damaged_record_owns_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "owned.json").write_text("[1, 2", encoding="utf-8")
    assert RuntimeFiles(tmp_path).read_owned() is None
    assert "no song counts as owned" in caplog.text


def test_the_status_can_be_read_by_everybody(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        RuntimeFiles(tmp_path).write_status({})
    finally:
        os.umask(before)
    assert (tmp_path / "status.json").stat().st_mode & 0o444 == 0o444
