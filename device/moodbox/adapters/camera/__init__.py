"""The camera, whatever it is: a Pi's, a webcam, a video, pictures, or the built-in scene."""

from __future__ import annotations

from pathlib import Path

from moodbox.adapters.camera.frames import Turned
from moodbox.adapters.camera.picamera import PiCamera
from moodbox.adapters.camera.scene import SceneCamera
from moodbox.adapters.camera.settings import CameraSettings
from moodbox.adapters.camera.slideshow import Slideshow
from moodbox.adapters.camera.video import VideoFile
from moodbox.adapters.camera.webcam import Webcam
from moodbox.core.foreign import shown
from moodbox.core.mood import Frame
from moodbox.core.ports import Camera, CameraError, Clock

__all__ = ["CameraSettings", "NoCamera", "make_camera"]

SOURCES = "picamera2, webcam:N, video:FILE, pictures:DIR, scene or none"

WEBCAM_DIGITS = 4
"""Linux numbers its video devices from 0 on."""


def make_camera(source: str, settings: CameraSettings, clock: Clock) -> Camera:
    """The camera that `source` names, closed yet; its frames are turned as `settings` say.

    `source` is picamera2, webcam:N, video:FILE, pictures:DIR, scene or none. Nothing is opened or
    looked for here. Raises ValueError for a source that is none of these.
    """
    return Turned(_source(source, settings, clock), settings.rotation_deg, settings.mirror)


def _source(source: str, settings: CameraSettings, clock: Clock) -> Camera:
    kind, colon, rest = source.partition(":")
    if kind == "video" and rest:
        return VideoFile(Path(rest), clock)
    if kind == "pictures" and rest:
        return Slideshow(Path(rest), clock, settings.width_px, settings.height_px)
    if kind == "webcam" and rest.isascii() and rest.isdigit() and len(rest) <= WEBCAM_DIGITS:
        return Webcam(int(rest), clock, settings.width_px, settings.height_px)
    if not colon:
        if kind == "picamera2":
            return PiCamera(clock, settings.width_px, settings.height_px)
        if kind == "scene":
            return SceneCamera(clock)
        if kind == "none":
            return NoCamera()
    raise ValueError(f"{shown(source)} is no camera; it must be {SOURCES}")


class NoCamera:
    """The camera of a box that has none."""

    _MESSAGE = (
        "no camera is configured: set camera.source to picamera2, webcam:N, video:FILE, "
        "pictures:DIR or scene"
    )

    def open(self) -> None:
        """Raises CameraError: there is none."""
        raise CameraError(self._MESSAGE)

    def read(self) -> Frame | None:
        """Raises CameraError: there is none."""
        raise CameraError(self._MESSAGE)

    def close(self) -> None:
        """Nothing to release."""
