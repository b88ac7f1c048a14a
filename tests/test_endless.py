"""The music never runs out and is never dull, on a real MPD."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from moodbox.core.mood import Mood
from moodbox.core.ports import ButtonHeld, Message
from tests.box import SimulatedBox, simulated_box
from tests.mpd_server import MpdServer, write_song

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIZES = {Mood.HAPPY: 40}


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
    """A box with its camera closed, which plays a mood's music."""
    server.reset()
    box = simulated_box("none", server, folder)
    box.happens(ButtonHeld(), Message(f"mood {mood}"))
    assert len(queue(server)) == box.daemon.pace.songs
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
            box.after_a_hand()
    return heard


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
    box.after_a_hand()
    assert out not in hear(box, server, SIZES[Mood.HAPPY] // 4)
    assert box.state.hands_off is None
    box.player.close()
