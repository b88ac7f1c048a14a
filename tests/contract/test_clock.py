"""What every clock promises, real and simulated."""

from __future__ import annotations

import threading

import pytest

from moodbox.adapters.clock import SystemClock
from moodbox.adapters.inbox import Inbox
from moodbox.core.ports import ButtonPressed, Clock, Message, Stop
from tests.support.fake_clock import SimClock


@pytest.fixture(params=[SystemClock, SimClock])
def clock(request: pytest.FixtureRequest) -> Clock:
    made: Clock = request.param()
    return made


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


def test_a_wait_without_events_ends_at_its_time(clock: Clock, inbox: Inbox) -> None:
    until_s = clock.now_s() + 0.05
    assert clock.wait(inbox, until_s) is None
    assert clock.now_s() >= until_s


def test_a_queued_event_comes_at_once(clock: Clock, inbox: Inbox) -> None:
    inbox.put(Stop())
    far_s = clock.now_s() + 3600
    assert clock.wait(inbox, far_s) == Stop()
    assert clock.now_s() < far_s


def test_events_come_in_their_order(clock: Clock, inbox: Inbox) -> None:
    for text in ("a", "b"):
        inbox.put(Message(text))
    until_s = clock.now_s() + 60
    assert [clock.wait(inbox, until_s) for _ in "ab"] == [Message("a"), Message("b")]


def test_an_event_is_not_lost_when_its_wait_is_over(clock: Clock, inbox: Inbox) -> None:
    """A loop that is late still takes what was put there."""
    inbox.put(ButtonPressed())
    assert clock.wait(inbox, clock.now_s() - 5) == ButtonPressed()
    assert clock.wait(inbox, clock.now_s() - 5) is None


def test_time_never_goes_backwards(clock: Clock, inbox: Inbox) -> None:
    times = []
    for back_s in (0.01, -10, 0.0):
        clock.wait(inbox, clock.now_s() + back_s)
        times.append(clock.now_s())
    assert times == sorted(times)


def test_a_real_wait_for_ever_is_ended_by_another_thread(inbox: Inbox) -> None:
    thread = threading.Thread(target=inbox.put, args=(Stop(),))
    thread.start()
    assert SystemClock().wait(inbox, float("inf")) == Stop()
    thread.join()


def test_a_planned_event_happens_at_its_moment(inbox: Inbox) -> None:
    clock = SimClock(start_s=0)
    clock.plan(30, Stop())
    assert clock.wait(inbox, 20) is None
    assert clock.now_s() == 20
    assert clock.wait(inbox, 40) == Stop()
    assert clock.now_s() == 30
