"""An hour of the soak, and that it can fail."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tests.soak.__main__ import MOST_GROWTH_MB, SITTINGS, live
from tests.soak.log import Heard
from tests.soak.plan import ACCIDENTS, draw

if TYPE_CHECKING:
    from pathlib import Path


def test_an_hour_of_sittings_user_actions_and_accidents_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    outcome = live(seed=5, sittings=60, folder=tmp_path)
    assert outcome.threads_left == []
    assert outcome.descriptors_left <= 0, "fewer, where another test's were let go meanwhile"
    assert outcome.growth_mb <= MOST_GROWTH_MB
    assert outcome.counts["sittings"] == 60
    assert outcome.counts["moods found in force"] > 10


def test_a_seed_brings_the_same_day_again() -> None:
    assert draw(7, 50) == draw(7, 50)
    assert draw(7, 50) != draw(8, 50)


def test_every_accident_comes_many_times_in_the_long_day() -> None:
    happened = [h.what for sitting in draw(0, SITTINGS) for h in sitting.happenings]
    assert all(happened.count(accident) >= 5 for accident in ACCIDENTS)


def test_a_fault_that_is_told_twice_is_noticed() -> None:
    heard = Heard()

    def say(line: str) -> None:
        heard.handle(logging.makeLogRecord({"msg": line, "levelno": logging.INFO}))

    for line in ("MPD at x is gone", "MPD answers again", "MPD at x is gone", "the camera is busy"):
        say(line)
    assert heard.twice == []
    say("MPD at x does not answer")
    assert heard.twice == ["MPD at x does not answer"]
    assert heard.counts["MPD at "] == 3
    say("the music cannot be played: the disk is away")
    assert heard.false == []
    say("playing happy music: happy/01.wav")
    assert heard.false == ["playing happy music: happy/01.wav"]
