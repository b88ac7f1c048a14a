"""The daemon learns while it lives: on disk, over restarts, and in what it plays."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from statistics import median

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


def test_what_was_heard_does_not_come_again_too_soon_even_after_a_restart(house: House) -> None:
    """A quarter of 30 songs: the seven latest."""
    heard = [hear(house, 100) for _ in range(10)]
    house.inbox.put(Stop())
    house.daemon.run()
    house.player.hand_clear()
    house.again()
    house.live(10)
    first = [song.uri for song in house.player.queue][:4]
    assert len(first) == 4
    assert not {*first} & {*heard[-4:]}


def test_a_vast_moods_earlier_songs_wait_on_over_a_restart(tmp_path: Path) -> None:
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


@pytest.mark.parametrize(("size", "seed"), [(30, 1), (150, 2), (150, 3)])
def test_an_endless_evening_repeats_no_song_within_a_quarter(
    size: int, seed: int, tmp_path: Path
) -> None:
    house = House(tmp_path)
    house.daemon.rng.seed(seed)
    house.player.library[Mood.HAPPY] = tuple(f"happy/{number}.ogg" for number in range(size))
    house.live(4)
    house.happens(ButtonHeld())  # without the camera an evening takes fewer turns
    heard = [hear(house, 45) for _ in range(400)]
    last: dict[str, int] = {}
    for at, song in enumerate(heard):
        assert at - last.get(song, -size) > size // 4
        last[song] = at
    assert len(last) == size
    assert len(house.player.queue) <= 40


@pytest.mark.parametrize(("before", "ahead"), [(3, 12), (15, 1), (15, 4)])
@pytest.mark.parametrize("seed", range(4))
def test_a_song_that_a_person_takes_out_does_not_come_again_within_a_quarter(
    seed: int, before: int, ahead: int, tmp_path: Path
) -> None:
    """Also where the queue is about to be filled up: it is at 3 songs still to come."""
    house = House(tmp_path)
    house.daemon.rng.seed(seed)
    house.player.library[Mood.HAPPY] = tuple(f"happy/{number}.ogg" for number in range(150))
    house.live(4)
    house.happens(ButtonHeld())
    for _ in range(before):
        hear(house, 45)
    out = house.player.queue[before + ahead]
    house.player.hand_delete(out.id)
    house.happens(PlayerChanged())
    assert out.uri not in [hear(house, 45) for _ in range(150 // 4)]
    assert house.daemon.state.control.manual is None


def test_a_listener_hears_more_of_what_they_like_and_every_song(tmp_path: Path) -> None:
    """Of 150 songs they like a fifth, by chance thus 15 of 76; the others they skip."""
    counted = []
    for seed in range(3):
        folder = tmp_path / str(seed)
        folder.mkdir()
        house = House(folder)
        house.daemon.rng.seed(seed)
        house.player.library[Mood.HAPPY] = tuple(f"happy/{number}.ogg" for number in range(150))
        liked = {f"happy/{number}.ogg" for number in range(0, 150, 5)}
        house.live(4)
        house.happens(ButtonHeld())
        heard = [hear(house, 95 if house.current in liked else 5) for _ in range(200)]
        counted.append(sum(song in liked for song in heard[124:]))
        assert len({*heard}) == 150
    assert median(counted) >= 1.4 * 15.2


def test_a_mood_of_three_songs_goes_on_for_ever(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.player.library[Mood.HAPPY] = ("happy/a.ogg", "happy/b.ogg", "happy/c.ogg")
    house.live(4)
    house.happens(ButtonHeld())
    heard = [hear(house, 45) for _ in range(100)]
    assert {*heard} == {*house.player.library[Mood.HAPPY]}
    assert all(one != following for one, following in pairwise(heard))


def test_no_time_and_no_picture_is_in_the_file(house: House) -> None:
    hear(house, 5)
    house.happens(ButtonHeld())
    data = json.loads((house.folder / "state.json").read_text(encoding="utf-8"))
    assert set(data) == {"schema", "camera_closed", "tastes", "earlier"}
    assert data["earlier"] == {}, "before thousands of songs were heard"
    assert all(len(taste) == 2 for songs in data["tastes"].values() for taste in songs.values())
