"""The real clock: the system's monotonic time, and an inbox that wakes a waiting loop."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from moodbox.core.ports import Event, Inbox


class SystemClock:
    """Seconds since some moment at or before boot; not moved by setting the time of day."""

    def now_s(self) -> float:
        """Seconds of the system's monotonic clock."""
        return time.monotonic()

    def wait(self, inbox: Inbox, until_s: float) -> Event | None:
        """Wait for an event until `until_s`, infinity included; None when that moment came first.

        An event that is there already is returned even when `until_s` has passed.
        """
        return inbox.get(until_s - self.now_s())
