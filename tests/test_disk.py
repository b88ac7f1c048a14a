"""The music disk is away for a while: what is said of it, and what plays once it is back."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from moodbox.core.mood import Mood
from moodbox.core.ports import Light, Message
from tests.support.drawn_room import DrawnEye, DrawnRoom
from tests.support.evening import RATES
from tests.support.fake_clock import SimClock
from tests.support.mpd_server import MpdServer, wait_until, write_songs
from tests.support.simulated_box import simulated_box

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.simulated_box import SimulatedBox


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MpdServer]:
    """An MPD whose music can be taken away."""
    write_songs(tmp_path / "music")
    with MpdServer(tmp_path / "mpd", tmp_path / "music") as server:
        yield server


def live_for(box: SimulatedBox, for_s: float) -> None:
    """Let time pass for a box that hears of each change."""
    end_s = box.clock.now_s() + for_s
    while box.clock.now_s() < end_s:
        box.after_user_action()
        box.live(1.0)


@pytest.mark.parametrize("word", ["mood happy", "mood sad"])
def test_an_outage_is_told_once_and_the_target_plays_after_it(
    word: str, server: MpdServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    clock, eye = SimClock(), DrawnEye()
    room = DrawnRoom(clock)
    box = simulated_box(
        room, server, tmp_path, reader=eye, finder=eye, clock=clock, rates=replace(RATES, songs=4)
    )
    box.happens(Message("mood happy"))
    wait_until(box.hears, "music")
    caplog.clear()
    away = server.music.with_name("away")
    server.music.rename(away)
    box.happens(Message(word))
    live_for(box, 60)
    assert box.state.playing.target is not None
    assert box.panel.shown[-1] is Light.TROUBLE
    away.rename(server.music)
    live_for(box, 310)
    wait_until(box.hears, "it sounds again")
    assert (box.state.playing.plays, box.state.playing.mood) == (
        True,
        Mood(word.removeprefix("mood ")),
    )
    said = [record.getMessage() for record in caplog.records]
    assert [line.partition(":")[0] for line in said] == [
        "next mood",
        "the music cannot be played",
        "the music plays again",
    ]
    box.player.close()
