"""A queue as full as MPD lets a person fill it: message to music, and stop to end.

The daemon is the real process, without a camera.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from statistics import median
from typing import TYPE_CHECKING, Any

from moodbox.core.mood import Mood
from tests.bench.servers import ALBUM, server_of
from tests.support.mpd_server import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.mpd_server import MpdServer

SONGS = 20_000
QUEUED = 16_000
"""Songs of a person's: MPD holds 16,384, and the box needs room for its own."""
MESSAGES = 5


def report(folder: Path) -> list[str]:
    """Lines with the figures."""
    with server_of(SONGS, folder / "queueing", (Mood.HAPPY, Mood.SAD)) as server:
        to_music_s, to_end_s = measure(server, folder / "queueing-box", QUEUED, MESSAGES)
    return [
        f"A long queue: a person has put {QUEUED:,} songs into MPD's queue and plays them; a",
        "client sends `mood happy`, and polls until its music plays. In the end the process is",
        "told to end right after such a message.",
        "",
        "| | measured | goal |",
        "|---|---|---|",
        f"| message → music, median of {MESSAGES} | {to_music_s * 1000:.0f} ms | under 1,000 ms |",
        f"| SIGTERM right after a message → end | {to_end_s * 1000:.0f} ms | under 1,000 ms |",
    ]


def measure(server: MpdServer, folder: Path, queued: int, messages: int) -> tuple[float, float]:
    """Median seconds from a message to its music, and from a stop after a message to the end."""
    to_music_s = []
    with _process(server, folder) as process, server.person() as person:
        for _ in range(messages):
            _fill(person, queued)
            _settle(folder, queued)
            began_s = time.monotonic()
            person.sendmessage("moodbox", "mood happy")
            _wait_for_music_of(person, Mood.HAPPY)
            to_music_s.append(time.monotonic() - began_s)
        _fill(person, queued)
        person.sendmessage("moodbox", "mood happy")
        began_s = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        return median(to_music_s), time.monotonic() - began_s


@contextmanager
def _process(server: MpdServer, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    folder.mkdir()
    config = folder / "moodbox.toml"
    config.write_text("[panel]\nenabled = false\n", encoding="utf-8")
    directories = {"RUNTIME_DIRECTORY": str(folder), "STATE_DIRECTORY": str(folder)}
    command = [sys.executable, "-m", "moodbox", "run", "--camera", "none", "--config", str(config)]
    process = subprocess.Popen(
        command,
        env={**os.environ, "MPD_HOST": server.address.host, **directories},
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until((folder / "status.json").exists, "the box is up", 60)
        yield process
    finally:
        process.kill()
        process.wait()


def _fill(person: Any, queued: int) -> None:
    """Put on this many songs, all of another mood, and play them."""
    person.clear()
    albums = queued // ALBUM
    for number in range(albums):
        person.add(f"{Mood.SAD}/{number % (SONGS // 2 // ALBUM):03d}")
    person.play()


def _settle(folder: Path, queued: int) -> None:
    """Wait until the box has polled all of it."""
    wait_until(
        lambda: f'"queue": {queued}' in (folder / "status.json").read_text(encoding="utf-8"),
        "the box has polled the queue",
        120,
    )


def _wait_for_music_of(person: Any, mood: Mood) -> None:
    person.idletimeout = 120
    while not person.currentsong().get("file", "").startswith(f"{mood}/"):
        person.idle("player")
