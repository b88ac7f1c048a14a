"""The eye: a camera, a face finder and a classifier become what one frame showed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from moodbox.core.policy.events import Sensed, Want
from moodbox.core.ports import Camera, CameraError, SourceEndedError
from moodbox.core.seeing import motion
from moodbox.core.seeing.motion import Grid
from moodbox.core.seeing.preprocess import check_gray
from moodbox.core.seeing.presence import Presence, SeenFace, Sight, Tracked, target

if TYPE_CHECKING:
    from moodbox.core.mood import BBox, Frame, GrayImage, Scores

REFERENCE_S = 0.4
"""Age of the frame that a new one is compared with: a person who sits still moves too little in an
eighth of a second to stand out from noise."""

SEARCH_S = 3.0
"""Faces are searched for this long after motion: whoever comes in turns to the box by then."""

NEAR = 3.0
"""Times the face's size: shoulders, hands and a book in them lie within."""

FIRST_RETRY_S, MOST_RETRY_S = 1.0, 30.0
"""Pauses between attempts to open a camera that is gone or busy; each is twice the one before."""


class FaceFinder(Protocol):
    """Finds faces in a gray frame (H, W) uint8."""

    def find(self, gray: GrayImage) -> list[BBox]:
        """Boxes in pixels, largest first; empty when there is no face."""


class Classifier(Protocol):
    """Reads a face."""

    def predict(self, gray: GrayImage, bbox: BBox) -> Scores:
        """Calibrated probabilities of the moods for the face in `bbox`."""


@dataclass(slots=True)
class _Memory:
    """What was seen a moment ago; frames themselves are never kept."""

    grid: Grid | None = None
    grid_s: float = 0.0
    moved_s: float = float("-inf")


class Eye:
    """Opens and closes the camera as wanted, and takes in one frame at a time."""

    def __init__(self, camera: Camera, finder: FaceFinder, classifier: Classifier) -> None:
        self._camera = camera
        self._finder = finder
        self._classifier = classifier
        self._memory = _Memory()
        self._is_open = False
        self._failures = 0
        self._retry_at_s = float("-inf")
        self.ended = False
        """The source has come to its end (a video, a folder of pictures): it gives no more."""

    def sense(self, want: Want, tracked: Tracked, now_s: float) -> Sensed | None:
        """Take in one frame, as the policy wants; None while there is nothing new to say.

        Raises CameraError, once for each failed attempt, when the camera cannot be used.
        """
        if want is Want.OFF:
            self.close()
            # Whoever opens the camera again wants it tried at once, and pictures from their start.
            self.ended, self._failures, self._retry_at_s = False, 0, float("-inf")
            return None
        if self.ended or (not self._is_open and now_s < self._retry_at_s):
            return None
        frame = self._take(now_s)
        if frame is None:
            self.ended = True
            self.close()
            raise SourceEndedError("the pictures have come to their end; nothing more is seen")
        return self._examine(frame, want, tracked, now_s)

    def close(self) -> None:
        """Release the camera and forget what was seen. Never raises."""
        if self._is_open:
            self._camera.close()
        self._is_open = False
        self._memory = _Memory()

    def _take(self, now_s: float) -> Frame | None:
        """The newest frame; a camera that fails is closed and opened anew, ever more rarely."""
        try:
            if not self._is_open:
                self._camera.open()
                self._is_open = True
            frame = self._camera.read()
            if frame is not None:
                _check(frame)
        except CameraError:
            self._camera.close()
            self.close()
            self._failures += 1
            wait_s = min(FIRST_RETRY_S * 2 ** min(self._failures - 1, 10), MOST_RETRY_S)
            self._retry_at_s = now_s + wait_s
            raise
        self._failures = 0
        return frame

    def _examine(self, frame: Frame, want: Want, tracked: Tracked, now_s: float) -> Sensed:
        grid = motion.to_grid(frame.gray)
        if motion.is_dark(grid):
            self._memory = _Memory()
            return Sensed(Sight(dark=True))
        changed = self._changes(grid, now_s)
        if changed.any():
            self._memory.moved_s = now_s
        shape = (frame.gray.shape[0], frame.gray.shape[1])
        near = tracked.bbox is not None and motion.any_in(
            changed, motion.around(tracked.bbox, NEAR), shape
        )
        if not self._worth_searching(want, tracked, now_s):
            return Sensed(Sight(moved_near=near))
        bboxes = self._finder.find(frame.gray)
        faces = tuple(SeenFace(bbox, motion.any_in(changed, bbox, shape)) for bbox in bboxes)
        face = target(faces, tracked, now_s)
        prediction = None
        if want is Want.READ and face is not None:
            prediction = self._classifier.predict(frame.gray, face.bbox)
        return Sensed(Sight(face, near), prediction)

    def _changes(self, grid: Grid, now_s: float) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """What moved since the reference frame; nothing at the first frame."""
        memory = self._memory
        changed = (
            np.zeros(grid.shape, np.bool_)
            if memory.grid is None
            else motion.changes(memory.grid, grid)
        )
        if memory.grid is None or now_s - memory.grid_s >= REFERENCE_S:
            memory.grid, memory.grid_s = grid, now_s
        return changed

    def _worth_searching(self, want: Want, tracked: Tracked, now_s: float) -> bool:
        """The search for faces costs most of all: an empty room in which nothing moves has none."""
        busy = want is Want.READ or tracked.presence is not Presence.NOBODY
        return busy or now_s - self._memory.moved_s <= SEARCH_S


def _check(frame: Frame) -> None:
    """Raise CameraError for a frame that is no gray picture: a driver may give anything."""
    try:
        check_gray(frame.gray)
    except ValueError as error:
        raise CameraError(f"the camera gives no usable picture: {error}") from error
