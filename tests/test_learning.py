"""The daemon learns while it lives: on disk, over restarts, and in what it plays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from moodbox.adapters.store import PersistentState, StateStore
from moodbox.core.mood import Mood
from moodbox.core.music.history import fingerprint
from moodbox.core.music.tastes import REMEMBERED, Taste, to_record
from moodbox.core.ports import ButtonHeld, PlayerChanged, Stop
from moodbox.memory import SAVE_TASTES_S
from tests.support.box_of_fakes import BoxOfFakes


@pytest.fixture
def box(tmp_path: Path) -> BoxOfFakes:
    """A box that plays happy music."""
    box = BoxOfFakes(tmp_path)
    box.live(4)
    assert (box.current or "").startswith("happy/")
    return box


def hear(box: BoxOfFakes, for_s: float) -> str:
    """Hear the current song so long, then go on to the next; which song it was."""
    song = box.current
    assert song is not None
    box.live(for_s)
    box.player.finish_song()
    box.happens(PlayerChanged())
    return song


def test_what_is_heard_and_skipped_is_learned_in_its_mood(box: BoxOfFakes) -> None:
    liked, skipped = hear(box, 170), hear(box, 5)
    tastes = box.daemon.parts.memory.tastes
    assert tastes == {Mood.HAPPY: {liked: Taste(1, 0), skipped: Taste(0, 1)}}


def test_it_is_written_after_ten_minutes_and_not_before(box: BoxOfFakes) -> None:
    hear(box, 5)
    file = box.folder / "state.json"
    box.live(SAVE_TASTES_S - 10)
    assert not file.exists()
    box.live(20)
    written = file.stat().st_mtime_ns
    saved = StateStore(box.folder).load().tastes
    assert to_record(saved) == to_record(box.daemon.parts.memory.tastes)
    box.live(SAVE_TASTES_S + 20)
    assert file.stat().st_mtime_ns == written, "nothing new, nothing written"


def test_it_is_written_at_a_stop(box: BoxOfFakes) -> None:
    song = hear(box, 5)
    box.inbox.put(Stop())
    box.daemon.run()
    assert StateStore(box.folder).load().tastes[Mood.HAPPY][song] == Taste(0, 1)


def test_closing_the_camera_writes_both(box: BoxOfFakes) -> None:
    song = hear(box, 5)
    box.happens(ButtonHeld())
    kept = StateStore(box.folder).load()
    assert (kept.camera_closed, list(kept.tastes[Mood.HAPPY])) == (True, [song])


def test_a_vast_moods_history_bars_its_songs_after_a_restart_too(tmp_path: Path) -> None:
    """Of 40,000 songs 10,000; of half of these the tastes are forgotten."""
    songs = [f"happy/{number}.ogg" for number in range(40_000)]
    heard = songs[: 2 * REMEMBERED]
    StateStore(tmp_path).save(
        PersistentState(
            tastes={Mood.HAPPY: dict.fromkeys(heard[REMEMBERED:], Taste(1, 0))},
            history={Mood.HAPPY: tuple(map(fingerprint, heard[:REMEMBERED]))},
        )
    )
    box = BoxOfFakes(tmp_path)
    box.player.library[Mood.HAPPY] = tuple(songs)
    box.live(4)
    first = [song.uri for song in box.player.queue]
    assert len(first) == 20
    assert not {*first} & {*heard}
    hear(box, 100)
    assert box.daemon.parts.memory.history[Mood.HAPPY][-1] == fingerprint(heard[REMEMBERED])
    box.inbox.put(Stop())
    box.daemon.run()
    assert StateStore(tmp_path).load().history == box.daemon.parts.memory.history


def test_no_time_and_no_picture_is_in_the_file(box: BoxOfFakes) -> None:
    hear(box, 5)
    box.happens(ButtonHeld())
    data = json.loads((box.folder / "state.json").read_text(encoding="utf-8"))
    assert set(data) == {"schema", "camera_closed", "tastes", "earlier"}
    assert data["earlier"] == {}, "before thousands of songs were heard"
    assert all(len(taste) == 2 for songs in data["tastes"].values() for taste in songs.values())
