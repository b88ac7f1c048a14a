"""When to sense: at the frame rate that the policy's `Want` calls for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from moodbox.core.policy.events import CameraLost, Sensed, Want
from moodbox.core.ports import CameraError, CameraHangError, SourceEndedError

if TYPE_CHECKING:
    from moodbox.core.policy.state import State
    from moodbox.eye import Eye


class CameraHangsError(RuntimeError):
    """The camera hung again after it was reopened; only a new process may help."""


@dataclass(slots=True)
class Sensing:
    """Calls the eye at the right rate, and counts how often in a row the camera hangs."""

    eye: Eye
    watch_hz: float
    read_hz: float
    _due_s: float = float("-inf")
    _sensed_for: Want = Want.OFF
    _hangs: int = 0

    def due_s(self, want: Want) -> float | None:
        """When to sense next: at once when a reading has just begun; None: the camera is off."""
        if want is Want.OFF:
            return None
        began = want is Want.READ and self._sensed_for is not Want.READ
        return float("-inf") if began else self._due_s

    def sense(self, state: State, now_s: float) -> Sensed | CameraLost | None:
        """What a frame shows, if one is due; None if none is, or if the camera is off.

        Raises CameraHangsError when the camera hangs twice in a row.
        """
        want = state.want
        due_s = self.due_s(want)
        if due_s is not None and now_s < due_s:
            return None
        rate_hz = self.read_hz if want is Want.READ else self.watch_hz
        self._due_s, self._sensed_for = now_s + 1 / rate_hz, want
        try:
            sensed = self.eye.sense(want, state.seeing.tracked, now_s)
        except CameraError as error:
            self._hangs = self._hangs + 1 if isinstance(error, CameraHangError) else 0
            if self._hangs > 1:
                raise CameraHangsError(str(error)) from error
            return CameraLost(str(error), ended=isinstance(error, SourceEndedError))
        self._hangs = 0 if sensed is not None else self._hangs
        return sensed
