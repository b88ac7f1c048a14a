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
from tests.test_runtime import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A box that plays happy music."""
    house = House(tmp_path)
    house.live(4)
    assert (house.current or "").startswith("happy/")
    return house


def hear(house: House, for_s: float) -> str:
    """Hear the current song so long, then go on to the next; which song it was."""
    song = house.current
    assert song is not None
    house.live(for_s)
    house.player.finish_song()
    house.happens(PlayerChanged())
    return song


def test_what_is_heard_and_skipped_is_learned_in_its_mood(house: House) -> None:
    liked, skipped = hear(house, 170), hear(house, 5)
    tastes = house.daemon.parts.memory.tastes
    assert tastes == {Mood.HAPPY: {liked: Taste(1, 0), skipped: Taste(0, 1)}}


def test_it_is_written_after_ten_minutes_and_not_before(house: House) -> None:
    hear(house, 5)
    file = house.folder / "state.json"
    house.live(SAVE_TASTES_S - 10)
    assert not file.exists()
    house.live(20)
    written = file.stat().st_mtime_ns
    saved = StateStore(house.folder).load().tastes
    assert to_record(saved) == to_record(house.daemon.parts.memory.tastes)
    house.live(SAVE_TASTES_S + 20)
    assert file.stat().st_mtime_ns == written, "nothing new, nothing written"


def test_it_is_written_at_a_stop(house: House) -> None:
    song = hear(house, 5)
    house.inbox.put(Stop())
    house.daemon.run()
    assert StateStore(house.folder).load().tastes[Mood.HAPPY][song] == Taste(0, 1)


def test_closing_the_camera_writes_both(house: House) -> None:
    song = hear(house, 5)
    house.happens(ButtonHeld())
    kept = StateStore(house.folder).load()
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
    house = House(tmp_path)
    house.player.library[Mood.HAPPY] = tuple(songs)
    house.live(4)
    first = [song.uri for song in house.player.queue]
    assert len(first) == 20
    assert not {*first} & {*heard}
    hear(house, 100)
    assert house.daemon.parts.memory.history[Mood.HAPPY][-1] == fingerprint(heard[REMEMBERED])
    house.inbox.put(Stop())
    house.daemon.run()
    assert StateStore(tmp_path).load().history == house.daemon.parts.memory.history


def test_no_time_and_no_picture_is_in_the_file(house: House) -> None:
    hear(house, 5)
    house.happens(ButtonHeld())
    data = json.loads((house.folder / "state.json").read_text(encoding="utf-8"))
    assert set(data) == {"schema", "camera_closed", "tastes", "earlier"}
    assert data["earlier"] == {}, "before thousands of songs were heard"
    assert all(len(taste) == 2 for songs in data["tastes"].values() for taste in songs.values())
