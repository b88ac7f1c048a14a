"""The bench measures what it says, in small."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from moodbox.core.mood import Mood
from tests.bench import queueing
from tests.bench.figures import percentiles, resident_mb
from tests.bench.pressing import measure
from tests.bench.servers import server_of

if TYPE_CHECKING:
    from pathlib import Path


def test_percentiles_are_in_milliseconds() -> None:
    assert percentiles([0.001 * n for n in range(101)]) == pytest.approx((50.0, 95.0))


def test_resident_memory_is_read_as_the_kernel_tells_it(tmp_path: Path) -> None:
    status = tmp_path / "status"
    status.write_text("Name:\tmoodbox\nVmRSS:\t  1000 kB\n", encoding="utf-8")
    assert resident_mb(status) == pytest.approx(1.024)
    status.write_text("Name:\tmoodbox\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no resident memory"):
        resident_mb(status)


@pytest.mark.parametrize("moods", [tuple(Mood), (Mood.HAPPY,)])
def test_a_made_server_holds_its_songs_and_presses_play_them(
    moods: tuple[Mood, ...], tmp_path: Path
) -> None:
    with server_of(5000, tmp_path / "server", moods) as server:
        with server.person() as client:
            assert client.stats()["songs"] == "5000"
            assert client.count("base", str(Mood.HAPPY))["songs"] == str(5000 // len(moods))
        times = measure(server, tmp_path / "box", presses=2)
    assert len(times.whole) + times.undecided == 2
    assert all(0 <= mpd <= whole for mpd, whole in zip(times.mpd, times.whole, strict=True))


def test_a_long_queue_is_displaced_by_a_message_and_a_stop_ends_the_process(
    tmp_path: Path,
) -> None:
    with server_of(queueing.SONGS, tmp_path / "server", (Mood.HAPPY, Mood.SAD)) as server:
        figures = queueing.measure(server, tmp_path / "box", queued=400, messages=2)
    assert all(seconds > 0 for seconds in figures)
