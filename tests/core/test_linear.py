"""Work is linear in the queue: a person may have put 16,384 songs there.

Counted, not timed: every song carries an id and a URI that count how often they are compared and
hashed, and nothing in the core can tell songs apart without doing one of the two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import ClassVar

import pytest

from moodbox.core.mood import Mood
from moodbox.core.music.manual_control import user_action, user_action_since_switch
from moodbox.core.music.ownership import Ownership, is_own, recognise
from moodbox.core.music.plans import (
    after_delete,
    after_restore,
    owned_ahead,
    plan_restore,
    plan_switch,
    plan_top_up,
    plan_undo,
    removed_by_user,
    split_owned,
)
from moodbox.core.music.playback import PlayState, QueuedSong, Snapshot
from moodbox.core.music.trigger_tracks import PLAYLISTS
from moodbox.core.music.triggers import cleared, plays_trigger, requested
from moodbox.core.policy.commands import Plan, PlayMood, Restore, Target, TopUp
from moodbox.core.policy.control import Control
from moodbox.core.policy.events import Event, PlanDone, PlanRefused, Polled, Sensed, Tick
from moodbox.core.policy.playing import Playing
from moodbox.core.policy.state import State
from moodbox.core.policy.step import step
from moodbox.core.ports import ButtonPressed, Message
from moodbox.core.report import light, status, transitions
from moodbox.runtime_state import record_differs
from tests.support.evening import PERSON, POLICY, SAD

SMALL, LARGE = 1_000, 16_000
TRIGGER = PLAYLISTS["Read my mood"]


class Uri(str):
    """A URI that counts how often it is compared or hashed."""

    work: ClassVar[int] = 0

    def __eq__(self, other: object) -> bool:
        Uri.work += 1
        return str.__eq__(self, other)

    def __hash__(self) -> int:
        Uri.work += 1
        return str.__hash__(self)


class Id(int):
    """A song's id that counts how often it is compared or hashed."""

    def __eq__(self, other: object) -> bool:
        Uri.work += 1
        return int.__eq__(self, other)

    def __hash__(self) -> int:
        Uri.work += 1
        return int.__hash__(self)


def songs(count: int, first_id: int = 1, folder: str = "albums") -> tuple[QueuedSong, ...]:
    """Songs of their own, never the same object as any other equal one."""
    return tuple(QueuedSong(Id(first_id + n), Uri(f"{folder}/{n}.ogg")) for n in range(count))


class Stage:
    """A queue of a person's songs and as many of the box's, and what became of it since."""

    def __init__(self, in_queue: int) -> None:
        count = in_queue // 2
        self.theirs, self.own = songs(count), songs(count, count + 1, "happy")
        queue = (*self.theirs, *self.own)
        self.before = Snapshot(queue, PlayState.PLAY, Id(count + 1), 1.0, 180.0)
        # Read anew: equal songs, none of them the same object.
        again = (*songs(count), *songs(count, count + 1, "happy")[:-1])
        trigger = QueuedSong(Id(5 * count), Uri(TRIGGER))
        self.now = replace(self.before, queue=(*again, trigger), version=7)
        self.empty = replace(self.before, queue=(trigger,), version=9)
        self.known = Ownership(self.own, self.theirs)
        self.users = Ownership(self.own, user_songs=self.theirs)
        self.pending = Ownership(pending=tuple(song.uri for song in self.own))
        playing = Playing(mood=Mood.HAPPY, playback=self.before, polled_s=1.0)
        self.state = State(playing=playing, control=Control(None, self.known))
        gone = cleared(self.before, 1.0, self.empty, 2.0, self.known, None)
        assert gone is not None
        self.gone = gone

    def step(self, event: Event, state: State | None = None) -> None:
        """An event, and everything that is shown of it."""
        before = state or self.state
        after, _ = step(before, event, 10.0, POLICY)
        light(after)
        status(after)
        transitions(before, after)
        record_differs(before, after)


FUNCTIONS: dict[str, Callable[[Stage], object]] = {
    "recognise": lambda it: recognise(it.now.queue, it.known),
    "recognise a person's": lambda it: recognise(it.now.queue, it.users),
    "recognise what is pending": lambda it: recognise(it.now.queue, it.pending),
    "recognise after a restart": lambda it: recognise(
        songs(len(it.own)), Ownership(it.own, it.theirs), anew=True
    ),
    "is_own": lambda it: is_own(it.now, it.known),
    "displacing": lambda it: it.users.displacing(),
    "restored": lambda it: Ownership().restored(it.now.queue, it.gone.own_uris),
    "user_action": lambda it: user_action(it.before, it.now, it.known),
    "user_action, stopped": lambda it: user_action(
        it.before, replace(it.now, state=PlayState.STOP, current_id=None), it.known
    ),
    "user_action_since_switch": lambda it: user_action_since_switch(it.before, it.now, it.known),
    "plan_switch": lambda it: plan_switch(it.now, ["a"], it.known),
    "plan_top_up": lambda it: plan_top_up(it.now, ["a"], it.known),
    "plan_restore": lambda it: plan_restore(it.now, it.gone),
    "plan_undo": lambda it: plan_undo(it.now, it.own, restoring=True),
    "after_restore": lambda it: after_restore(it.empty, it.gone, it.own),
    "after_delete": lambda it: after_delete(it.now, [song.id for song in it.own]),
    "owned_ahead": lambda it: owned_ahead(it.before, it.known),
    "split_owned": lambda it: split_owned(it.before, it.known),
    "removed_by_user": lambda it: removed_by_user(it.before, it.now, it.known),
    "cleared": lambda it: cleared(it.before, 1.0, it.now, 2.0, it.known, None),
    "requested": lambda it: requested(it.before, it.now, 2.0, it.gone, None),
    "plays_trigger": lambda it: plays_trigger(it.now),
    "a poll": lambda it: it.step(Polled(it.now)),
    "a poll of a cleared queue": lambda it: it.step(Polled(it.empty)),
    "a first poll": lambda it: it.step(
        Polled(it.now), replace(it.state, playing=Playing(mood=Mood.HAPPY))
    ),
    "a press": lambda it: it.step(ButtonPressed()),
    "a message": lambda it: it.step(Message("mood sad")),
    "a switch": lambda it: it.step(
        PlanDone(Plan(PlayMood(Target(Mood.SAD, True)), (), it.before), it.own, it.now)
    ),
    "a refused top-up": lambda it: it.step(
        PlanRefused(Plan(TopUp(Mood.HAPPY), (), it.before), it.own, it.now)
    ),
    "a restored queue": lambda it: it.step(
        PlanDone(Plan(Restore(), (), it.empty, it.gone), it.own, it.now)
    ),
}

OF_NO_POLL: dict[str, Callable[[Stage], object]] = {
    "a frame": lambda it: it.step(Sensed(PERSON.first_sight)),
    "a prediction": lambda it: it.step(Sensed(PERSON.first_sight, SAD)),
    "a tick": lambda it: it.step(Tick()),
}


stage = cache(Stage)


def work(act: Callable[[Stage], object], count: int) -> int:
    """Comparisons and hashes of an act on a queue of this size."""
    it = stage(count)
    Uri.work = 0
    act(it)
    return Uri.work


@pytest.mark.parametrize("name", FUNCTIONS)
def test_sixteen_times_the_queue_is_sixteen_times_the_work(name: str) -> None:
    small, large = (work(FUNCTIONS[name], count) for count in (SMALL, LARGE))
    assert large <= 16 * small + 1_000
    assert large <= 50 * LARGE, "each song is looked at a few times"


@pytest.mark.parametrize("name", OF_NO_POLL)
def test_a_frame_costs_nothing_that_grows_with_the_queue(name: str) -> None:
    assert work(OF_NO_POLL[name], LARGE) == 0


def test_the_count_sees_a_quadratic_scan() -> None:
    def scan(it: Stage) -> object:
        return [song for song in it.now.queue[:100] if song not in it.before.queue[50:150]]

    assert work(scan, 400) > 100 * 50
