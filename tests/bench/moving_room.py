"""A camera at 30 frames a second before a room that costs nothing to draw."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from moodbox.adapters.camera.scene import SCENARIO, scene_frame
from moodbox.core.mood import Frame, GrayImage
from moodbox.core.ports import CameraError

if TYPE_CHECKING:
    from collections.abc import Sequence

CAMERA_HZ = 30.0

SAMPLED_HZ = 8.0
"""Pictures of the built-in scene a second: one for each prediction of a reading."""


def empty_room() -> list[GrayImage]:
    """The built-in scene before anybody came: the same room with ever other noise."""
    return [scene_frame(number / SAMPLED_HZ) for number in range(8)]


def occupied_room() -> list[GrayImage]:
    """Five seconds of somebody who sits before the box, breathing and swaying a little."""
    since_s = SCENARIO.empty_s + SCENARIO.walk_s + 0.3
    return [scene_frame(since_s + number / SAMPLED_HZ) for number in range(40)]


class Room:
    """The Camera port: pictures drawn beforehand, as they would come from a camera.

    `read` waits for the next frame, at most a thirtieth of a second, as a real camera does.
    """

    def __init__(self, pictures: Sequence[GrayImage]) -> None:
        self._pictures = pictures
        self._is_open = False

    def open(self) -> None:
        """Start; there is nothing to start."""
        self._is_open = True

    def read(self) -> Frame:
        """The next frame, when it is due."""
        if not self._is_open:
            raise CameraError("the bench's camera is closed: open it first")
        number = math.ceil(time.monotonic() * CAMERA_HZ)
        t_s = number / CAMERA_HZ
        time.sleep(max(0.0, t_s - time.monotonic()))
        return Frame(t_s, self._pictures[int(t_s * SAMPLED_HZ) % len(self._pictures)])

    def close(self) -> None:
        """Stop."""
        self._is_open = False
