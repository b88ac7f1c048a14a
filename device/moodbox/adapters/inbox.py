"""The policy thread's inbox: a stop and the button first, then a bounded number of messages."""

from __future__ import annotations

import threading
import time
from collections import deque
from queue import Empty, SimpleQueue
from typing import assert_never

from moodbox.core.ports import (
    ButtonHeld,
    ButtonHeldLonger,
    ButtonHolding,
    ButtonPressed,
    Event,
    Message,
    PlayerChanged,
    PlayerLost,
    Stop,
)

MOST_MESSAGES = 8
"""Most different messages that wait: a person sends fewer before the first is answered."""

LONGEST_WAIT_S = 3600.0
"""Longest single wait of the operating system; longer or endless waits are made of several."""


class Inbox:
    """Events from other threads and from signal handlers, for one thread that takes them.

    The order is: a stop, the button, changes of the player, messages. Changes are merged into one.
    Only the newest `MOST_MESSAGES` messages wait, and equal ones are merged, so that a flood from
    the network delays neither the button nor a stop, and does not fill the memory.
    """

    def __init__(self) -> None:
        self._urgent: deque[Event] = deque()
        self._wake: SimpleQueue[None] = SimpleQueue()
        self._lock = threading.Lock()
        """Guards the attributes below. Signal handlers put only a `Stop`, and so never lock it."""
        self._changed: PlayerChanged | None = None
        self._lost = False
        self._messages: dict[Message, None] = {}
        self._dropped = 0

    @property
    def has_urgent(self) -> bool:
        """Whether a stop or a button event waits."""
        return bool(self._urgent)

    def put(self, event: Event) -> None:
        """Add an event, from any thread; a `Stop` also from a signal handler."""
        match event:
            case Stop():
                self._urgent.appendleft(event)
            case ButtonPressed() | ButtonHolding() | ButtonHeld() | ButtonHeldLonger():
                self._urgent.append(event)
            case PlayerChanged() | PlayerLost() | Message():
                with self._lock:
                    self._put_from_network(event)
            case _:
                assert_never(event)
        # Only after the event was added: the thread that takes this token then finds the event.
        if self._wake.empty():
            self._wake.put(None)

    def get(self, timeout_s: float = 0.0) -> Event | None:
        """The next event; None when none came within `timeout_s`, which may be infinite."""
        until_s = time.monotonic() + timeout_s
        while (event := self._next()) is None:
            left_s = until_s - time.monotonic()
            try:
                self._wake.get(timeout=min(max(left_s, 0.0), LONGEST_WAIT_S))
            except Empty:
                if left_s <= LONGEST_WAIT_S:
                    return None
        return event

    def take_dropped(self) -> int:
        """How many messages were dropped since the last call."""
        with self._lock:
            dropped, self._dropped = self._dropped, 0
        return dropped

    def _put_from_network(self, event: PlayerChanged | PlayerLost | Message) -> None:
        match event:
            case PlayerLost():
                self._lost = True
            case PlayerChanged():
                self._changed = _together(self._changed, event)
            case Message():
                self._messages.pop(event, None)
                self._messages[event] = None
                if len(self._messages) > MOST_MESSAGES:
                    del self._messages[next(iter(self._messages))]
                    self._dropped += 1

    def _next(self) -> Event | None:
        if self._urgent:
            return self._urgent.popleft()
        with self._lock:
            if self._lost:
                self._lost = False
                return PlayerLost()
            if self._changed is not None:
                changed, self._changed = self._changed, None
                return changed
            if self._messages:
                message = next(iter(self._messages))
                del self._messages[message]
                return message
        return None


def _together(before: PlayerChanged | None, now: PlayerChanged) -> PlayerChanged:
    """Merge two changes. No subsystems, after a new connection, means that anything may differ."""
    if before is None:
        return now
    if not (before.subsystems and now.subsystems):
        return PlayerChanged()
    return PlayerChanged(before.subsystems | now.subsystems)
