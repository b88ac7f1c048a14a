"""The policy thread's inbox: the button and a stop come first, the network waits, bounded."""

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
"""Different messages that wait: more than a person sends before the first is answered."""

LONGEST_WAIT_S = 3600.0
"""One wait of the operating system; a longer one, or one for ever, is several of these."""


class Inbox:
    """Events from other threads and from signal handlers, for one thread that takes them.

    The order is: a stop, the button, changes of the player, messages. Changes wait as one. Of
    messages only the newest `MOST_MESSAGES` wait, and equal ones are one, so that whoever floods
    the network delays neither the button nor a stop, and fills no memory.
    """

    def __init__(self) -> None:
        self._urgent: deque[Event] = deque()
        self._wake: SimpleQueue[None] = SimpleQueue()
        self._lock = threading.Lock()
        """Of what follows; never taken by a signal handler, which puts only a `Stop`."""
        self._changed: PlayerChanged | None = None
        self._lost = False
        self._messages: dict[Message, None] = {}
        self._dropped = 0

    @property
    def has_urgent(self) -> bool:
        """Whether a stop or the button waits."""
        return bool(self._urgent)

    def put(self, event: Event) -> None:
        """Leave an event. A `Stop` may come from a signal handler, everything from any thread."""
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
        # Looked at after the event is there: whoever takes this token sees the event.
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
        """How many messages were dropped since this was asked last."""
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
    """Two changes as one; without subsystems, after a connection, anything may have changed."""
    if before is None:
        return now
    if not (before.subsystems and now.subsystems):
        return PlayerChanged()
    return PlayerChanged(before.subsystems | now.subsystems)
