"""How much of a chain of runs is done, and how long the rest will take."""

from __future__ import annotations

import time
from collections.abc import Callable


class Progress:
    """Counts work, in any unit, of runs whose epochs cost differently."""

    def __init__(self, total: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._total, self._monotonic = total, monotonic
        self._done = self._measured = self._measured_s = 0.0
        self._of_an_epoch = 1.0
        self._since_s = monotonic()

    def start(self, work_of_an_epoch: float) -> None:
        """Say what each epoch costs from now on."""
        self._of_an_epoch = work_of_an_epoch
        self._since_s = self._monotonic()

    def skip(self, epochs: int) -> None:
        """Count epochs that were done before, at another time."""
        self._done += epochs * self._of_an_epoch
        self._since_s = self._monotonic()

    def after_an_epoch(self) -> str:
        """Count one more epoch; say in words how much is done and how long the rest will take."""
        now_s = self._monotonic()
        self._done += self._of_an_epoch
        self._measured += self._of_an_epoch
        self._measured_s += now_s - self._since_s
        self._since_s = now_s
        left_min = (self._total - self._done) * self._measured_s / self._measured / 60
        return f"{self._done / self._total:.0%} of the training, {left_min:.0f} min left"
