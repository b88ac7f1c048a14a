"""The real clock: the system's monotonic time, and an inbox that wakes a waiting loop."""

from __future__ import annotations

import time
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from moodbox.core.ports import Event

LONGEST_WAIT_S = 3600.0
"""One wait of the operating system; a longer one, or one for ever, is several of these."""


class SystemClock:
    """Seconds since some moment at or before boot; not moved by setting the time of day."""

    def now_s(self) -> float:
        """Seconds of the system's monotonic clock."""
        return time.monotonic()

    def wait(self, inbox: SimpleQueue[Event], until_s: float) -> Event | None:
        """Wait for an event until `until_s`, infinity included; None when that moment came first.

        An event that is there already is returned even when `until_s` has passed.
        """
        while True:
            left_s = until_s - self.now_s()
            try:
                return inbox.get(timeout=min(max(left_s, 0.0), LONGEST_WAIT_S))
            except Empty:
                if left_s <= LONGEST_WAIT_S:
                    return None
