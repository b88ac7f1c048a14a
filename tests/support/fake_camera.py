"""A camera that shows what a test says."""

from __future__ import annotations

from collections.abc import Iterable

from moodbox.core.mood import Frame, GrayImage
from moodbox.core.ports import CameraError, Clock

Shown = GrayImage | CameraError | None
"""A frame, a fault that is raised, or the end."""


class FakeCamera:
    """Shows a script, an entry a read; the last entry stays."""

    def __init__(self, clock: Clock, script: Iterable[Shown]) -> None:
        """`script` is taken up where it was when the camera is reopened."""
        self._clock = clock
        self._script = list(script)
        assert self._script, "a script needs an entry"
        self.is_open = False
        self.openings = 0
        """How often it was opened."""
        self.opening_fault: CameraError | None = None
        """Raised by `open` while it is set."""

    def open(self) -> None:
        """Start; harmless when open."""
        if self.is_open:
            return
        if self.opening_fault is not None:
            raise self.opening_fault
        self.is_open = True
        self.openings += 1

    def read(self) -> Frame | None:
        """The script's next entry."""
        if not self.is_open:
            raise CameraError("the fake camera is closed: open it first")
        shown = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        if isinstance(shown, CameraError):
            raise shown
        return None if shown is None else Frame(self._clock.now_s(), shown)

    def close(self) -> None:
        """Stop."""
        self.is_open = False
