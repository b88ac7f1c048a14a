"""A drawn room, and an eye that reads it: whoever sits there wears the mood on their sleeve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from moodbox.core.mood import BBox, Frame, GrayImage, Mood, Scores
from moodbox.core.ports import CameraError

if TYPE_CHECKING:
    from moodbox.core.ports import Clock

HEIGHT_PX, WIDTH_PX = 120, 160
FACE = BBox(60, 30, 40, 40)
FACE_LEVEL, MOOD_STEP = 200, 10
"""Gray level of a happy face, and from each mood to the next; the room is darker."""

MOODS = tuple(Mood)
WALL = np.tile(np.linspace(40, 160, WIDTH_PX), (HEIGHT_PX, 1)).astype(np.uint8)


class DrawnRoom:
    """The Camera port before a room in which a test says who sits and what goes wrong."""

    def __init__(self, clock: Clock) -> None:
        self.sitter: Mood | None = None
        """Whose face is in the room; None for an empty one."""
        self.lit = True
        self.fault: CameraError | None = None
        """Raised by every `open` and `read` while it is set."""
        self._clock = clock
        self._is_open = False
        self._number = 0

    def open(self) -> None:
        """Start the camera."""
        if self.fault is not None:
            raise self.fault
        self._is_open = True

    def read(self) -> Frame:
        """The room as it is; a face in it sways from frame to frame."""
        if self.fault is not None:
            raise self.fault
        if not self._is_open:
            raise CameraError("the drawn camera is closed: open it first")
        self._number += 1
        gray = WALL.copy() if self.lit else np.zeros_like(WALL)
        if self.sitter is not None and self.lit:
            left = FACE.x_px + 8 * (self._number % 2)
            area = np.s_[FACE.y_px : FACE.y_px + FACE.height_px, left : left + FACE.width_px]
            gray[area] = FACE_LEVEL + MOOD_STEP * MOODS.index(self.sitter)
        return Frame(self._clock.now_s(), gray)

    def close(self) -> None:
        """Stop the camera."""
        self._is_open = False


class DrawnEye:
    """Face finder and classifier for the drawn room, in one."""

    def find(self, gray: GrayImage) -> list[BBox]:
        """The face, if somebody sits there."""
        rows, columns = np.nonzero(gray >= FACE_LEVEL)
        if not len(rows):
            return []
        top, left = int(rows.min()), int(columns.min())
        return [BBox(left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1)]

    def predict(self, gray: GrayImage, box: BBox) -> Scores:
        """The face's mood, nearly for sure."""
        level = int(gray[box.y_px + box.height_px // 2, box.x_px + box.width_px // 2])
        mood = MOODS[(level - FACE_LEVEL) // MOOD_STEP]
        return Scores({each: 0.96 if each is mood else 0.01 for each in Mood})
