"""What the box says in its log, counted: each fault once, until its end is told."""

from __future__ import annotations

import logging
from collections import Counter, deque

CLOSED = ("the camera is closed until", "the camera is open again")
FAULTS = {
    "MPD at ": ("MPD answers again",),
    "the music cannot be played": ("the music plays again",),
    "the camera is busy": ("the camera works again", *CLOSED),
    "the camera gives no picture": ("the camera works again", *CLOSED),
    "it is dark": ("there is light again", "the camera "),
}
"""How a fault's sentence begins, and the sentences that end it: a closed camera has no fault, and
one that is lost sees no darkness."""


class Heard(logging.Handler):
    """Counts the box's faults; notes a fault that is told twice without an end in between."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.counts: Counter[str] = Counter()
        """Beginnings of each fault."""
        self.twice: list[str] = []
        """Faults that were told again while they lasted."""
        self.false: list[str] = []
        """Music that was told to play while none could be played."""
        self.worst: list[str] = []
        """Lines of the level error and above."""
        self.last: deque[str] = deque(maxlen=60)
        """For whoever looks for what went wrong."""
        self._lasting: set[str] = set()

    def forget(self) -> None:
        """The box starts anew, and may tell again what lasts."""
        self._lasting.clear()

    def emit(self, record: logging.LogRecord) -> None:
        """Take in a line."""
        line = record.getMessage()
        self.last.append(line)
        if record.levelno >= logging.ERROR:
            self.worst.append(line)
        for begin, ends in FAULTS.items():
            if line.startswith(begin):
                if begin in self._lasting:
                    self.twice.append(line)
                self._lasting.add(begin)
                self.counts[begin] += 1
            elif line.startswith(ends):
                self._lasting.discard(begin)
        if line.startswith("playing ") and "the music cannot be played" in self._lasting:
            self.false.append(line)
