"""A clock that jumps: an evening of waiting takes no time."""

from __future__ import annotations

import math

from moodbox.core.ports import Event, Inbox


class SimClock:
    """Simulated time. It moves when somebody waits, or when a test says so."""

    def __init__(self, start_s: float = 1000.0) -> None:
        """`start_s` is not zero, so that nothing relies on that."""
        self._now_s = start_s
        self._planned: list[tuple[float, Event]] = []

    def now_s(self) -> float:
        """Simulated seconds."""
        return self._now_s

    def advance(self, by_s: float) -> None:
        """Let `by_s` seconds pass."""
        assert by_s >= 0, "time never goes backwards"
        self._now_s += by_s

    def plan(self, at_s: float, event: Event) -> None:
        """Let `event` happen at `at_s`: a wait that reaches that moment returns it."""
        self._planned.append((at_s, event))
        self._planned.sort(key=lambda entry: entry[0])

    def wait(self, inbox: Inbox, until_s: float) -> Event | None:
        """A queued event at once; else a planned one, at its moment; else jump to `until_s`."""
        event = inbox.get()
        if event is not None:
            return event
        if self._planned and self._planned[0][0] <= max(until_s, self._now_s):
            at_s, event = self._planned.pop(0)
            self._now_s = max(self._now_s, at_s)
            return event
        assert until_s < math.inf, "a wait for ever, and nothing is planned to end it"
        self._now_s = max(self._now_s, until_s)
        return None
