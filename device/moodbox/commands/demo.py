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

from moodbox.adapters.camera import make_camera
from moodbox.adapters.camera.video import START_BYTES, is_film
from moodbox.adapters.classifier import ModelError
from moodbox.adapters.clock import SystemClock
from moodbox.adapters.files import at_home, is_folder, read_start
from moodbox.adapters.mpd.private_server import PrivateMpd, PrivateMpdError
from moodbox.adapters.picture_header import foreign_format, picture_format
from moodbox.compose import Directories, composed
from moodbox.config import CameraConfig, Config, ConfigError, PanelConfig, SittingKeys
from moodbox.core import report
from moodbox.core.foreign import printable
from moodbox.core.music.playback import PlayState
from moodbox.core.ports import CameraError, CameraHangError, Stop

if TYPE_CHECKING:
    import argparse

    from moodbox.core.music.playback import Snapshot
    from moodbox.core.policy.state import State
    from moodbox.runtime import Daemon

PATIENCE_S = 10.0
"""Longest wait for a webcam's first picture."""

log = logging.getLogger("moodbox")

LEAVE_AFTER_S = 2.5
"""The box at home waits two minutes before it believes that somebody has left; a demonstration is
shorter, and so is the empty end of its scene."""

BETWEEN_PICTURES_S = 1.5
"""The same for pictures: of the 3 s between two, what moved as one vanished takes up to 1 s."""


def main(arguments: argparse.Namespace, config: Config) -> int:
    """Run the demonstration.

    1 when there is nothing to see or no music plays in the end, 69 when it cannot run at all.
    """
    log.setLevel(logging.ERROR)
    try:
        source = camera_source(arguments.pictures)
        try_camera(source)
    except (CameraError, ValueError) as error:
        print(f"moodbox: {printable(str(error))}", file=sys.stderr)
        return 1
    log.setLevel(logging.WARNING)
    if not is_folder(arguments.music):
        print(
            f"moodbox: {printable(str(arguments.music))} is no folder: 'make music' composes "
            "starter music there, or --music names yours",
            file=sys.stderr,
        )
        return os.EX_UNAVAILABLE
    with tempfile.TemporaryDirectory(prefix="moodbox-demo-") as folder:
        try:
            with PrivateMpd(Path(folder) / "mpd", arguments.music) as server:
                _introduce(source, server)
                return _run(source, server, Path(folder))
        except PrivateMpdError as error:
            print(f"moodbox: {printable(str(error))}", file=sys.stderr)
            return os.EX_UNAVAILABLE
        except ModelError as error:
            raise ConfigError(str(error)) from error


def camera_source(pictures: str | None) -> str:
    """The camera's source for what a person gave: pictures, a video file, or a webcam.

    Raises CameraError where there is no such thing.
    """
    if pictures is None:
        return "scene"
    if pictures == "webcam":
        return "webcam:0"
    if pictures.startswith("webcam:"):
        return pictures
    path = at_home(pictures)
    if is_folder(path):
        return f"pictures:{path}"
    try:
        start = read_start(path, START_BYTES)
    except FileNotFoundError as error:
        raise CameraError(
            f"{pictures}: there is no such folder, picture or video; 'webcam' takes a webcam"
        ) from error
    except OSError as error:
        raise CameraError(f"{pictures}: cannot be read: {error.strerror}") from error
    if _is_still(path, start):
        return f"pictures:{path}"
    if is_film(start):
        return f"video:{path}"
    raise CameraError(f"{pictures}: is neither a picture nor a film that can be read")


def _is_still(path: Path, start: bytes) -> bool:
    """Whether a file is a picture and no film, by its first bytes.

    A film of JPEG pictures begins as a JPEG picture does; only its name tells.
    """
    kind = picture_format(start)
    if kind is None:
        return "picture" in (foreign_format(start) or "")
    return kind != "GIF" and path.suffix.lower() not in (".mjpeg", ".mjpg")


def try_camera(source: str) -> None:
    """Take one picture from the source. Raises CameraError, and ValueError for no source."""
    camera = make_camera(source, CameraConfig(), SystemClock())
    until_s = time.monotonic() + PATIENCE_S
    try:
        camera.open()
        while True:
            try:
                camera.read()
                return
            except CameraHangError:  # a webcam may take seconds before its first picture
                if time.monotonic() > until_s:
                    raise
    finally:
        camera.close()


def leave_after_s(source: str) -> float:
    """How long somebody has to be away to count as gone, for this source."""
    return BETWEEN_PICTURES_S if source.startswith("pictures:") else LEAVE_AFTER_S


def _introduce(source: str, server: PrivateMpd) -> None:
    sound = "to your loudspeakers" if server.output != "null" else "silently: no sound card here"
    print(f"An MPD of its own plays {sound}. Any client reaches it: mpc -p {server.port}")
    if source == "scene":
        print("The camera shows a built-in scene: an empty room; somebody sits down, and leaves.")
    else:
        print(f"The camera is {printable(source)}; Ctrl-C ends.")
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
        narrator = Narrator(daemon)
        daemon.display.on_change = narrator.tell
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: daemon.parts.inbox.put(Stop()))
        daemon.run()
        playback = daemon.parts.player.snapshot()
    print(f"\n{printable(conclusion(playback))}")
    silent = source == "scene" and playback.state is not PlayState.PLAY
    return 1 if silent or narrator.camera_failed else 0


class Narrator:
    """Prints what the box sees, reads and plays, as it happens."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self._began_s = time.monotonic()
        self.camera_failed = False
        """Whether the camera, tried before, was lost for good."""

    def tell(self, before: State, after: State) -> None:
        """Print what changed; end when the pictures have come to their end, or the camera has."""
        for column, lines in (
            ("sees", report.seen(before, after)),
            ("reads", report.read(before, after)),
            ("plays", report.played(before, after)),
        ):
            for line in lines:
                since_s = time.monotonic() - self._began_s
                print(f"{since_s:5.1f} s  {column:<6} {printable(line)}", flush=True)
        ended = self._daemon.parts.eye.ended
        self.camera_failed |= bool(after.seeing.camera_fault) and not ended
        if ended or self.camera_failed:
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
