"""What the box takes while nothing happens: processor and memory, in a process of its own.

`python -m tests.bench.watching ROOM SOCKET FOLDER` is that process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moodbox.adapters.mpd.address import MpdAddress
from moodbox.compose import Directories, composed
from moodbox.config import Config, PanelConfig
from moodbox.core.ports import Stop
from tests.bench.figures import resident_mb
from tests.bench.moving_room import Room, empty_room, occupied_room
from tests.bench.servers import server_of
from tests.support.mpd_server import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from moodbox.runtime import Daemon
    from tests.support.mpd_server import MpdServer

ROOMS = {"empty": empty_room, "occupied": occupied_room}
SETTLE_S, MEASURED_S = 10.0, 60.0
"""The sitting's reading and its music are over before the measurement begins."""
SONGS = 100_000
"""The memory is measured on the largest library."""


def watch(room: str, socket: str, folder: Path) -> dict[str, float | str]:
    """Watch a room for a while: processor time as a share of one core, and who was there."""
    with composed(
        Config(panel=PanelConfig(enabled=False)),
        {},
        Directories(folder, folder),
        MpdAddress(socket),
        Room(ROOMS[room]()),
    ) as daemon:
        measured: list[float] = []
        timer = threading.Thread(target=_measure, args=(daemon, measured))
        timer.start()
        daemon.run()
        timer.join()
        return {"share": measured[0], "presence": str(daemon.state.seeing.tracked.presence)}


def _measure(daemon: Daemon, measured: list[float]) -> None:
    try:
        time.sleep(SETTLE_S)
        began = time.process_time(), time.monotonic()
        time.sleep(MEASURED_S)
        ended = time.process_time(), time.monotonic()
        measured.append((ended[0] - began[0]) / (ended[1] - began[1]))
    finally:
        daemon.parts.inbox.put(Stop())


def report(folder: Path) -> list[str]:
    """Lines with the figures."""
    with server_of(SONGS, folder / "watching") as server:
        shares = {room: _watched(room, server, folder / room) for room in ROOMS}
        start_mb, later_mb = _resident(server, folder / "process")
    return [
        f"Watching: the daemon in a process of its own for {MEASURED_S:.0f} s after "
        f"{SETTLE_S:.0f} s to settle, 640×480 at 2 frames a second;",
        "processor time of all its threads. The frames are drawn beforehand: a real camera's own",
        "share comes on top. Memory: `moodbox run --camera scene`, resident, with a library of",
        f"{SONGS:,} songs: after its start, and after a sitting was read and its music put on.",
        "",
        "| | measured | goal |",
        "|---|---|---|",
        f"| an empty room | {shares['empty']:.1%} of one core | under 3 % |",
        f"| somebody sits there | {shares['occupied']:.1%} of one core | |",
        f"| resident memory after start | {start_mb:.0f} MB | under 120 MB |",
        f"| resident memory after a reading | {later_mb:.0f} MB | |",
    ]


def _watched(room: str, server: MpdServer, folder: Path) -> float:
    server.reset()  # what another box left playing is a person's music
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.watching", room, server.address.host, str(folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    expected = {"empty": "nobody", "occupied": "sitting"}[room]
    if told["presence"] != expected:
        raise AssertionError(f"{expected} was to be seen, not {told['presence']}")
    return float(told["share"])


def _resident(server: MpdServer, folder: Path) -> tuple[float, float]:
    """Resident memory in MB of the real process, after its start and after its first reading."""
    server.reset()  # what another box left playing is a person's music
    folder.mkdir()
    config = folder / "moodbox.toml"
    config.write_text("[panel]\nenabled = false\n", encoding="utf-8")
    environ = {
        **os.environ,
        "MPD_HOST": server.address.host,
        "RUNTIME_DIRECTORY": str(folder),
        "STATE_DIRECTORY": str(folder),
    }
    command = [sys.executable, "-m", "moodbox", "run", "--camera", "scene", "--config", str(config)]
    process = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)
    status = Path(f"/proc/{process.pid}/status")
    try:
        _wait_for_status(folder / "status.json", lambda told: told["mpd"]["state"] is not None)
        start_mb = resident_mb(status)
        _wait_for_status(folder / "status.json", lambda told: told["mood"] is not None)
        return start_mb, resident_mb(status)
    finally:
        process.terminate()
        process.wait()


def _wait_for_status(path: Path, holds: Callable[[dict[str, Any]], bool]) -> None:
    wait_until(
        lambda: path.exists() and holds(json.loads(path.read_text(encoding="utf-8"))),
        "the box says in its status that it got so far",
        60,
    )


if __name__ == "__main__":
    print(json.dumps(watch(sys.argv[1], sys.argv[2], Path(sys.argv[3]))))
