"""The real clock: the system's monotonic time, and an inbox that wakes a waiting loop."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from moodbox.core.ports import Event, Inbox


class SystemClock:
    """The system's monotonic clock: setting the time of day does not change it."""

    def now_s(self) -> float:
        """Seconds since some moment at or before boot."""
        return time.monotonic()

    def wait(self, inbox: Inbox, until_s: float) -> Event | None:
        """Wait for an event until `until_s`, which may be infinite; None when none
        came by then.

        An event that is already in the inbox is returned even if `until_s` has passed.
        """
        return inbox.get(until_s - self.now_s())
