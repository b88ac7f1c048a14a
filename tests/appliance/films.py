"""Films and disks for machines to be tried with."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from moodbox.adapters.camera.scene import Scenario, scene_frame

MARKER_ROWS = slice(470, 474)
"""At the frame's lower edge, below the person."""


def film(
    path: Path, scenarios: Iterable[Scenario], marker: bytes | None = None, rate_hz: int = 8
) -> None:
    """Film the built-in scene, once for each scenario.

    With a `marker` every frame holds it as gray levels, in some rows from the left, and the film is
    lossless: the bytes are in the memory of whoever decodes it, but not in the film's own file.
    """
    fourcc = cv2.VideoWriter.fourcc(*("MJPG" if marker is None else "FFV1"))
    writer = cv2.VideoWriter(str(path), fourcc, rate_hz, (640, 480), False)
    for scenario in scenarios:
        for index in range(int(scenario.total_s * rate_hz)):
            frame = scene_frame(index / rate_hz, scenario)
            if marker is not None:
                frame[MARKER_ROWS, : len(marker)] = np.frombuffer(marker, np.uint8)
            writer.write(frame)
    writer.release()


def ext4_image(image: Path, content: Path, size_mib: int = 32) -> Path:
    """Make a disk's image with the files of a folder, their owners and modes."""
    with image.open("wb") as file:
        file.truncate(size_mib << 20)
    subprocess.run(["mkfs.ext4", "-q", "-d", content, image], check=True)
    return image
