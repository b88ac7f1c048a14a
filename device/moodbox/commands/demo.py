"""`moodbox demo`: the real daemon with an MPD of its own, telling what it does as it does it."""

from __future__ import annotations

import logging
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from moodbox.adapters.classifier import ModelError
from moodbox.adapters.mpd.private_server import PrivateMpd, PrivateMpdError
from moodbox.compose import Directories, composed
from moodbox.config import CameraConfig, Config, ConfigError, PanelConfig, SittingKeys
from moodbox.core import report
from moodbox.core.music.playback import PlayState
from moodbox.core.ports import Stop

if TYPE_CHECKING:
    import argparse

    from moodbox.core.music.playback import Snapshot
    from moodbox.core.policy.state import State
    from moodbox.runtime import Daemon

LEAVE_AFTER_S = 2.5
"""The box at home waits two minutes before it believes that somebody has left; a demonstration is
shorter, and so is the empty end of its scene."""

BETWEEN_PICTURES_S = 1.5
"""The same for pictures: of the 3 s between two, what moved as one vanished takes up to 1 s."""


def main(arguments: argparse.Namespace, config: Config) -> int:
    """Run the demonstration; 1 when no music plays in the end, 69 when it cannot run at all."""
    logging.getLogger("moodbox").setLevel(logging.WARNING)
    source = camera_source(arguments.pictures)
    if not arguments.music.is_dir():
        print(
            f"moodbox: {arguments.music} is no folder: 'make music' composes starter music there, "
            "or --music names yours",
            file=sys.stderr,
        )
        return os.EX_UNAVAILABLE
    with tempfile.TemporaryDirectory(prefix="moodbox-demo-") as folder:
        try:
            with PrivateMpd(Path(folder) / "mpd", arguments.music) as server:
                _introduce(source, server)
                return _run(source, server, Path(folder))
        except PrivateMpdError as error:
            print(f"moodbox: {error}", file=sys.stderr)
            return os.EX_UNAVAILABLE
        except ModelError as error:
            raise ConfigError(str(error)) from error


def camera_source(pictures: str | None) -> str:
    """The camera's source for what a person gave: a folder, a video file, or a webcam."""
    if pictures is None:
        return "scene"
    if pictures == "webcam":
        return "webcam:0"
    if pictures.startswith("webcam:"):
        return pictures
    path = Path(pictures).expanduser()
    if not path.exists():
        raise ConfigError(f"{pictures}: no such folder or video; 'webcam' takes a webcam")
    return f"{'pictures' if path.is_dir() else 'video'}:{path}"


def leave_after_s(source: str) -> float:
    """How long somebody has to be away to count as gone, for this source."""
    return BETWEEN_PICTURES_S if source.startswith("pictures:") else LEAVE_AFTER_S


def _introduce(source: str, server: PrivateMpd) -> None:
    sound = "to your loudspeakers" if server.output != "null" else "silently: no sound card here"
    print(f"An MPD of its own plays {sound}. Any client reaches it: mpc -p {server.port}")
    if source == "scene":
        print("The camera shows a built-in scene: an empty room; somebody sits down, and leaves.")
    else:
        print(f"The camera is {source}; Ctrl-C ends.")
    print(
        "(At home somebody counts as gone after 120 s without a face or motion; here after "
        f"{leave_after_s(source)} s.)\n"
    )


def _run(source: str, server: PrivateMpd, folder: Path) -> int:
    config = Config(
        camera=CameraConfig(source=source),
        sitting=SittingKeys(leave_after_s=leave_after_s(source)),
        panel=PanelConfig(enabled=False),
    )
    where = Directories(folder / "run", folder / "state")
    # No environment: it is no service, and systemd is told nothing of it.
    with composed(config, {}, where, server.address) as daemon:
        daemon.display.on_change = Narrator(daemon).tell
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: daemon.parts.inbox.put(Stop()))
        daemon.run()
        playback = daemon.parts.player.snapshot()
    print(f"\n{conclusion(playback)}")
    return 0 if playback.state is PlayState.PLAY or source != "scene" else 1


class Narrator:
    """Prints what the box sees, reads and plays, as it happens."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self._began_s = time.monotonic()

    def tell(self, before: State, after: State) -> None:
        """Print what changed; end the demonstration when the pictures have come to their end."""
        for column, lines in (
            ("sees", report.seen(before, after)),
            ("reads", report.read(before, after)),
            ("plays", report.played(before, after)),
        ):
            for line in lines:
                print(f"{time.monotonic() - self._began_s:5.1f} s  {column:<6} {line}", flush=True)
        if self._daemon.parts.eye.ended:
            self._daemon.parts.inbox.put(Stop())


def conclusion(playback: Snapshot) -> str:
    """What MPD itself says in the end."""
    song = next((song.uri for song in playback.queue if song.id == playback.current_id), None)
    if playback.state is not PlayState.PLAY or song is None:
        return f"MPD says: {playback.state}, nothing is playing."
    return (
        f"MPD says: playing {song}, {playback.elapsed_s or 0:.0f} s of "
        f"{playback.duration_s or 0:.0f} s, {len(playback.queue)} songs in its queue."
    )
