"""From the press of the button to the new song, on real MPD servers of several sizes."""

from __future__ import annotations

import random
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moodbox.compose import Directories, composed
from moodbox.config import Config, PanelConfig
from moodbox.core.mood import Mood
from moodbox.core.ports import ButtonPressed, Stop
from tests.bench.figures import percentiles
from tests.bench.moving_room import Room, occupied_room
from tests.bench.servers import server_of
from tests.support.mpd_server import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from moodbox.core.policy.state import State
    from moodbox.runtime import Daemon
    from tests.support.mpd_server import MpdServer

SIZES: tuple[tuple[int, tuple[Mood, ...]], ...] = (
    (1_000, tuple(Mood)),
    (10_000, tuple(Mood)),
    (100_000, tuple(Mood)),
    (100_000, (Mood.HAPPY,)),
)
"""Songs, and the moods among which they are divided: in the end all are of the sitter's mood."""
PRESSES = 40
LONGEST_S = 15.0
"""A press that has brought no new song by then is a fault."""


@dataclass
class Times:
    """Seconds of each press of a decided reading."""

    whole: list[float] = field(default_factory=list)
    """From the press to the new song playing."""
    mpd: list[float] = field(default_factory=list)
    """Of that, from the reading's decision on."""
    undecided: int = 0
    """Presses whose reading had no mood: not counted."""


class _Noted:
    """When the last reading came to its end, and whether it had a mood."""

    def __init__(self, daemon: Daemon) -> None:
        self.at_s = 0.0
        self.decided = False
        daemon.display.on_change = self._note

    def _note(self, before: State, after: State) -> None:
        if after.seeing.reading is not None and after.seeing.reading is not before.seeing.reading:
            self.at_s, self.decided = time.monotonic(), after.seeing.reading.mood is not None


@contextmanager
def running(server: MpdServer, folder: Path) -> Iterator[Daemon]:
    """The daemon of real parts on a thread of its own, before somebody who sits there."""
    folder.mkdir()
    with composed(
        Config(panel=PanelConfig(enabled=False)),
        {},
        Directories(folder, folder),
        server.address,
        Room(occupied_room()),
    ) as daemon:
        thread = threading.Thread(target=daemon.run, name="box")
        thread.start()
        try:
            yield daemon
        finally:
            daemon.parts.inbox.put(Stop())
            thread.join()


def measure(server: MpdServer, folder: Path, presses: int) -> Times:
    """Press so many times, at random moments, while music plays and the camera is warm."""
    rng = random.Random(6)
    times = Times()
    with running(server, folder) as daemon, server.person() as client:
        noted = _Noted(daemon)
        wait_until(lambda: client.status()["state"] == "play", "the first sitting plays", 30)
        for _ in range(presses):
            time.sleep(rng.uniform(0.4, 0.9))
            before = client.status()["songid"]
            began_s = time.monotonic()
            daemon.parts.inbox.put(ButtonPressed())
            heard_s = _wait_for_another_song(client, before)
            if noted.decided:
                times.whole.append(heard_s - began_s)
                times.mpd.append(heard_s - noted.at_s)
            else:
                times.undecided += 1
    return times


def _wait_for_another_song(client: Any, before: str) -> float:
    """The monotonic moment at which MPD says that another song plays."""
    until_s = time.monotonic() + LONGEST_S
    client.idletimeout = LONGEST_S
    while True:
        status = client.status()
        if status["state"] == "play" and status["songid"] != before:
            return time.monotonic()
        if time.monotonic() > until_s:
            raise AssertionError("a press brought no new song")
        client.idle("player")


def report(folder: Path) -> list[str]:
    """Lines with the figures."""
    lines = [
        f"Pressing: {PRESSES} presses at random moments with music playing and the camera warm",
        "(30 frames a second, the built-in scene's sitter, the shipped model), until another MPD",
        "client is told that the new song plays. Readings that decided are counted. The MPD part",
        "begins with the decision: choosing, looking, adding, playing, and the client's hearing.",
        "",
        "| songs | press → new song p50 | p95 | MPD part p50 | p95 | decided |",
        "|---|---|---|---|---|---|",
    ]
    for number, (size, moods) in enumerate(SIZES):
        with server_of(size, folder / f"pressing-{number}", moods) as server:
            times = measure(server, folder / f"box-{number}", PRESSES)
        whole, mpd = percentiles(times.whole), percentiles(times.mpd)
        lines.append(
            f"| {size:,} {_divided(moods)} | {whole[0]:.0f} ms | {whole[1]:.0f} ms "
            f"| {mpd[0]:.0f} ms | {mpd[1]:.0f} ms | {len(times.whole)} of {PRESSES} |"
        )
    lines.append("| goal | | under 1,000 ms | | under 50 ms | |")
    return lines


def _divided(moods: Sequence[Mood]) -> str:
    return f"in {len(moods)} moods" if len(moods) > 1 else "in one mood"
