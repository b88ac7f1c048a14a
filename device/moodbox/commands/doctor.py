"""`moodbox doctor`: each part is tried for real; each fault comes with what to do."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from moodbox.adapters.camera import make_camera
from moodbox.adapters.classifier import Classifier, ModelError
from moodbox.adapters.clock import SystemClock
from moodbox.adapters.face import FaceFinder
from moodbox.adapters.inbox import Inbox
from moodbox.adapters.mpd.player import MpdPlayer
from moodbox.adapters.panel import GpioPanel, PanelError
from moodbox.adapters.store import try_writing
from moodbox.commands.library import lines, names_of
from moodbox.commands.status import running
from moodbox.compose import directories, model_folder, mpd_address, status_directories
from moodbox.core.foreign import printable
from moodbox.core.mood import Mood
from moodbox.core.ports import CameraError, PlayerError
from moodbox.core.seeing import motion

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from moodbox.config import Config
    from moodbox.core.mood import GrayImage
    from moodbox.core.ports import Camera

SETTLE_S = 2.0
"""Auto exposure needs this long before a frame's brightness says anything."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked."""

    good: bool
    text: str


def main(arguments: argparse.Namespace, config: Config) -> int:
    """Check everything; 1 when anything is at fault."""
    checks: dict[str, Callable[[Config], Iterator[Finding]]] = {
        "model": check_model,
        "faces": check_faces,
        "camera": check_camera,
        "MPD": check_mpd,
        "panel": check_panel,
        "folders": check_folders,
    }
    status = _running()
    if status is not None:
        # It holds camera and pins: trying them would find them busy.
        checks["panel"] = lambda _: iter([Finding(True, "the running box holds its pins")])
        if arguments.camera is None:
            checks["camera"] = lambda _: _as_it_says(status)
    faults = 0
    for name, check in checks.items():
        for finding in check(config):
            faults += not finding.good
            print(
                f"{'ok   ' if finding.good else 'FAULT'} {name:<8} {printable(finding.text)}",
                flush=True,
            )
    print(_verdict(faults))
    return 1 if faults else 0


def _running() -> dict[str, Any] | None:
    """What a box that runs here says of itself; None where none runs, or none can be asked."""
    try:
        return running(status_directories(os.environ))
    except (OSError, ValueError):
        return None


def _as_it_says(status: dict[str, Any]) -> Iterator[Finding]:
    """The camera, as the running box has it."""
    camera = status.get("camera")
    if not isinstance(camera, dict):
        yield Finding(False, "the running box's status is damaged; start the box anew")
    elif camera.get("closed"):
        yield Finding(True, "closed by a long press; a short press opens it")
    elif camera.get("fault"):
        yield Finding(False, f"the running box says: {camera['fault']}")
    elif camera.get("dark"):
        yield Finding(False, "the running box sees only darkness: is the lens covered?")
    else:
        yield Finding(True, "the running box sees through it; to try it here, end the box before")


def _verdict(faults: int) -> str:
    if not faults:
        return "everything works"
    if faults == 1:
        return "1 fault; its line says what to do"
    return f"{faults} faults; each line says what to do"


def check_model(config: Config) -> Iterator[Finding]:
    """Verify the folder, build the interpreter and invoke it."""
    folder = model_folder(config)
    try:
        classifier = Classifier(folder)
    except (ModelError, ImportError) as error:
        yield Finding(False, str(error))
        return
    face = np.random.default_rng(0).integers(0, 256, (48, 48), np.uint8)
    began_s = time.perf_counter()
    scores = classifier.score_crop(face)
    took_ms = (time.perf_counter() - began_s) * 1000
    total = sum(scores.probability.values())
    yield Finding(abs(total - 1) < 1e-6, f"{folder.name} reads a face in {took_ms:.0f} ms")


def check_faces(config: Config) -> Iterator[Finding]:
    """Load the cascade."""
    try:
        FaceFinder(config.face.smallest_share)
    except (OSError, ValueError) as error:
        yield Finding(False, str(error))
    else:
        yield Finding(True, "OpenCV's face cascade is there")


def check_camera(config: Config) -> Iterator[Finding]:
    """Open the camera, look at its brightness, and try which way up faces are found."""
    with ExitStack() as stack:
        try:
            # As it comes from the sensor: the turns are tried below.
            raw = replace(config.camera, rotation_deg=0, mirror=False)
            camera = make_camera(config.camera.source, raw, SystemClock())
            stack.callback(camera.close)
            camera.open()
            gray = _settled(camera)
        except (CameraError, ValueError) as error:
            yield Finding(False, str(error))
            return
    height_px, width_px = gray.shape
    yield Finding(
        True, f"{config.camera.source} gives {width_px}×{height_px}, brightness {gray.mean():.0f}"
    )
    if motion.is_dark(motion.to_grid(gray)):
        yield Finding(False, "the picture is dark or flat: is the lens covered, is there light?")
        return
    yield _upright(config, gray)


def _settled(camera: Camera) -> GrayImage:
    """A frame after the exposure has settled. Raises CameraError."""
    until_s = time.monotonic() + SETTLE_S
    frame = camera.read()
    while time.monotonic() < until_s:
        time.sleep(0.1)
        frame = camera.read() or frame
    if frame is None:
        raise CameraError("the source ends before it gives a picture")
    return frame.gray


def _upright(config: Config, gray: GrayImage) -> Finding:
    """Whether faces are found as configured, or at another turn."""
    finder = FaceFinder(config.face.smallest_share)
    found = {
        turn: len(finder.find(np.ascontiguousarray(np.rot90(gray, -turn // 90))))
        for turn in (0, 90, 180, 270)
    }
    configured = config.camera.rotation_deg
    best = max(found, key=lambda turn: (found[turn], turn == configured))
    if found[best] == 0:
        return Finding(True, "nobody is in the picture; sit down before it to try the rotation")
    if found[configured]:
        mirrored = ", mirrored" if config.camera.mirror else ""
        return Finding(True, f"a face is found with rotation_deg = {configured}{mirrored}")
    return Finding(
        False,
        f"a face is found only when the picture is turned: set camera.rotation_deg = {best}",
    )


def check_mpd(config: Config) -> Iterator[Finding]:
    """Ask MPD for its version, its outputs and each mood's songs."""
    address = mpd_address(config, os.environ)
    player = MpdPlayer(address)
    try:
        yield Finding(True, f"answers at {address}, protocol {player.version()}")
        outputs = [output.name for output in player.outputs() if output.enabled]
        yield Finding(
            bool(outputs),
            f"sound goes to {', '.join(outputs)}"
            if outputs
            else "no output is enabled: 'mpc outputs' lists them, 'mpc enable 1' enables one",
        )
        error = player.snapshot().error
        if error:
            yield Finding(False, f"says: {error}")
        names = names_of(player)
        for mood in Mood:
            count = player.library(mood)
            first, *more = lines(mood, count, names)
            yield Finding(count.songs > 0, "; ".join([first, *(line.strip() for line in more)]))
    except PlayerError as error:
        yield Finding(False, str(error))
    finally:
        player.close()


def check_panel(config: Config) -> Iterator[Finding]:
    """Claim the pins."""
    panel = config.panel
    if not panel.enabled:
        yield Finding(True, "none is configured")
        return
    try:
        GpioPanel(Inbox(), panel).close()
    except PanelError as error:
        yield Finding(False, str(error))
    else:
        yield Finding(True, f"button on BCM {panel.button_pin}, light on BCM {panel.light_pin}")


def check_folders(config: Config) -> Iterator[Finding]:
    """Write into the runtime and the state directory: as much as the box would, and to the disk."""
    where = directories(os.environ)
    for folder in (where.runtime, where.state):
        yield _writable(folder)


def _writable(folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try_writing(folder)
    except OSError as error:
        return Finding(False, f"{folder} cannot be written: {error.strerror}")
    return Finding(True, f"{folder} can be written")
