"""The inbox: who comes first, what waits as one, and what a flood does to it."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from moodbox.adapters.inbox import MOST_MESSAGES, Inbox
from moodbox.core.ports import (
    ButtonHeld,
    ButtonHolding,
    ButtonPressed,
    Event,
    Hold,
    Message,
    PlayerChanged,
    PlayerLost,
    Stop,
)


def taken(inbox: Inbox) -> list[Event]:
    """Everything that waits, in order."""
    events = []
    while (event := inbox.get()) is not None:
        events.append(event)
    return events


def test_a_stop_comes_before_the_button_the_button_before_the_player_and_messages_last() -> None:
    inbox = Inbox()
    holding = ButtonHolding(Hold.CLOSE_CAMERA)
    changed = PlayerChanged(frozenset({"player"}))
    for event in (Message("a"), changed, PlayerLost(), holding, ButtonHeld(), Stop()):
        inbox.put(event)
    assert taken(inbox) == [Stop(), holding, ButtonHeld(), PlayerLost(), changed, Message("a")]


def test_only_a_stop_and_the_button_are_urgent() -> None:
    inbox = Inbox()
    for event in (Message("detect"), PlayerChanged(), PlayerLost()):
        inbox.put(event)
    assert not inbox.has_urgent
    inbox.put(ButtonPressed())
    assert inbox.has_urgent
    taken(inbox)
    assert not inbox.has_urgent


@pytest.mark.parametrize(
    ("changes", "together"),
    [
        ([{"player"}, {"playlist", "player"}], {"player", "playlist"}),
        ([{"player"}, set()], set()),
        ([set(), {"player"}], set()),
    ],
)
def test_changes_wait_as_one(changes: list[set[str]], together: set[str]) -> None:
    inbox = Inbox()
    for subsystems in changes:
        inbox.put(PlayerChanged(frozenset(subsystems)))
    assert taken(inbox) == [PlayerChanged(frozenset(together))]


def test_equal_messages_are_one_and_stand_where_the_newest_stood() -> None:
    inbox = Inbox()
    for text in ("mood sad", "detect", "mood sad"):
        inbox.put(Message(text))
    assert taken(inbox) == [Message("detect"), Message("mood sad")]
    assert inbox.take_dropped() == 0


def test_of_a_flood_the_newest_few_wait_and_the_others_are_counted() -> None:
    inbox = Inbox()
    for number in range(100_000):
        inbox.put(Message(str(number)))
    assert inbox.take_dropped() == 100_000 - MOST_MESSAGES
    assert inbox.take_dropped() == 0
    newest = range(100_000 - MOST_MESSAGES, 100_000)
    assert taken(inbox) == [Message(str(number)) for number in newest]


def test_nothing_is_lost_between_threads() -> None:
    inbox = Inbox()

    def press() -> None:
        for _ in range(2000):
            inbox.put(ButtonPressed())

    pressing = [threading.Thread(target=press) for _ in range(4)]
    for thread in pressing:
        thread.start()
    got = sum(inbox.get(20) == ButtonPressed() for _ in range(8000))
    for thread in pressing:
        thread.join()
    assert (got, inbox.get()) == (8000, None)


def test_a_wait_ends_at_its_time_and_an_event_ends_a_wait_for_ever() -> None:
    inbox = Inbox()
    began_s = time.monotonic()
    assert inbox.get(0.05) is None
    assert time.monotonic() - began_s >= 0.05
    thread = threading.Thread(target=inbox.put, args=(Message("detect"),))
    thread.start()
    assert inbox.get(float("inf")) == Message("detect")
    thread.join()


def test_a_signal_handler_may_leave_a_stop_at_any_moment() -> None:
    """Whatever the thread that takes events does meanwhile, also while others put events."""
    inbox, number = Inbox(), signal.SIGUSR1
    before = signal.signal(number, lambda *_: inbox.put(Stop()))
    stops = 300

    def send() -> None:
        for count in range(stops):
            os.kill(os.getpid(), number)
            inbox.put(Message(str(count)))
            arrived.wait(20)
            arrived.clear()

    arrived = threading.Event()
    thread = threading.Thread(target=send)
    try:
        thread.start()
        got = 0
        while got < stops:
            event = inbox.get(20)
            assert event is not None, "a stop was lost"
            if event == Stop():
                got += 1
                arrived.set()
        thread.join()
    finally:
        signal.signal(number, before)
