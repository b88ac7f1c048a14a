"""The music never runs out and is never dull, on a real MPD."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from moodbox.adapters.mpd.player import MpdPlayer
from moodbox.core.mood import Mood
from moodbox.core.ports import MOST_CANDIDATES, ButtonHeld, Message, PlayerChanged
from tests.bench.servers import server_of
from tests.support.mpd_server import MpdServer, write_song
from tests.support.simulated_box import SimulatedBox, simulated_box

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NEXT_SONG = PlayerChanged(frozenset({"player"}))
SIZES = {Mood.HAPPY: 40, Mood.SAD: 3}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MpdServer]:
    """An MPD with as many songs of each mood as `SIZES` says."""
    music = tmp_path_factory.mktemp("music")
    for mood, size in SIZES.items():
        for number in range(size):
            write_song(music / mood / f"{number:02d}.wav")
    with MpdServer(tmp_path_factory.mktemp("mpd"), music) as server:
        yield server


def box_that_plays(mood: Mood, server: MpdServer, folder: Path) -> SimulatedBox:
    """A box with its camera closed, which has read ahead and plays a mood's music."""
    server.reset()
    box = simulated_box("none", server, folder)
    box.live(60)
    box.happens(ButtonHeld(), Message(f"mood {mood}"))
    assert len(queue(server)) == box.daemon.rates.songs, "it plays"
    return box


def queue(server: MpdServer) -> list[str]:
    """URIs in MPD's queue."""
    with server.person() as client:
        return [song["file"] for song in client.playlistinfo()]


def hear(box: SimulatedBox, server: MpdServer, songs: int) -> list[str]:
    """Hear so many songs one after another, each for a while; which they were."""
    heard = []
    with server.person() as client:
        for _ in range(songs):
            heard.append(client.currentsong()["file"])
            box.live(45)
            client.next()
            box.happens(NEXT_SONG)
    return heard


def test_a_mood_of_three_songs_never_ends_and_never_plays_one_twice_in_a_row(
    server: MpdServer, tmp_path: Path
) -> None:
    box = box_that_plays(Mood.SAD, server, tmp_path)
    heard = hear(box, server, 100)
    assert len({*heard}) == SIZES[Mood.SAD]
    assert all(one != following for one, following in pairwise(heard))
    assert len(queue(server)) <= 40
    box.player.close()


def test_no_song_comes_again_within_a_quarter_of_the_mood(
    server: MpdServer, tmp_path: Path
) -> None:
    box = box_that_plays(Mood.HAPPY, server, tmp_path)
    heard, quarter = hear(box, server, 2 * SIZES[Mood.HAPPY]), SIZES[Mood.HAPPY] // 4
    for at, song in enumerate(heard, 1):
        assert song not in heard[at : at + quarter]
    assert box.switches == 1, "the queue is topped up before it runs out"
    assert len(queue(server)) <= 40
    box.player.close()


@pytest.mark.parametrize("before", [3, 15])
def test_a_song_that_a_person_takes_out_stays_out_for_a_quarter(
    before: int, server: MpdServer, tmp_path: Path
) -> None:
    """Also where the queue is filled up right after."""
    box = box_that_plays(Mood.HAPPY, server, tmp_path)
    hear(box, server, before)
    out = queue(server)[before + 2]
    with server.person() as client:
        client.delete(before + 2)
    box.after_user_action()
    assert out not in hear(box, server, SIZES[Mood.HAPPY] // 4)
    assert box.state.control.manual is None
    box.player.close()


# ── A mood of 100,000 songs ──────────────────────────────────────────────────────────────────────


VAST, LISTED = 100_000, 16_000
"""Songs of the happy folder, and of the neutral playlist: MPD keeps no longer one."""
ANSWER_KB = 640
"""Longest answer before MPD drops the connection, instead of 8 MB: it tells 60 bytes of each of
these songs, and of songs with all their tags more than ten times as much."""


@pytest.fixture(scope="module")
def vast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MpdServer]:
    """An MPD of which all music is happy."""
    config = f'max_output_buffer_size "{ANSWER_KB}"\n'
    with server_of(VAST, tmp_path_factory.mktemp("vast"), [Mood.HAPPY], config) as server:
        yield server


def test_a_mood_of_a_hundred_thousand_songs_never_ends_and_repeats_none(
    vast: MpdServer, tmp_path: Path
) -> None:
    box = box_that_plays(Mood.HAPPY, vast, tmp_path)
    heard = hear(box, vast, 60)
    assert len({*heard}) == 60
    assert len({uri.split("/")[1] for uri in heard}) > 30, "of many albums"
    box.player.close()


def test_a_playlist_as_long_as_mpd_keeps_one_is_a_moods_music(
    vast: MpdServer, tmp_path: Path
) -> None:
    songs = [f"happy/{number // 100:03d}/{number % 100:02d}.wav" for number in range(LISTED)]
    vast.reset()
    vast.save_playlist("neutral", songs)
    player = MpdPlayer(vast.address)
    (part,) = player.batches(Mood.NEUTRAL)
    assert (len(part.uris), part.total) == (MOST_CANDIDATES, LISTED)
    assert {*part.uris} <= {*songs}
    assert player.library(Mood.NEUTRAL).songs == LISTED
    player.close()


def test_of_a_long_playlist_songs_that_are_gone_are_passed_over(
    vast: MpdServer, tmp_path: Path
) -> None:
    known = [f"happy/{number // 100:03d}/{number % 100:02d}.wav" for number in range(2000)]
    vast.reset()
    vast.save_playlist("neutral", [*known, *(f"gone/{number}.wav" for number in range(500))])
    box = simulated_box("none", vast, tmp_path)
    box.happens(ButtonHeld(), Message("mood neutral"))
    assert {*hear(box, vast, 50)} <= {*known}
    box.player.close()
