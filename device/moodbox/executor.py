"""Carries out the policy's player commands, and reports their results as events."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from moodbox.core.music.plans import plan_undo
from moodbox.core.policy.commands import Plan, PlayMood, Restore, TopUp, Undo
from moodbox.core.policy.events import (
    GaveUp,
    NoMusic,
    PlanDone,
    PlanRefused,
    PlanSent,
    PlayerGone,
    Polled,
    Postponed,
)
from moodbox.core.policy.player import plan_for
from moodbox.core.ports import PlayerError, PlayerRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from moodbox.core.mood import Mood
    from moodbox.core.policy.commands import PlayerCommand
    from moodbox.core.policy.events import PlayerEvent
    from moodbox.core.policy.state import State
    from moodbox.core.ports import Player

PLAN_TRIES = 3
"""Attempts at `PlayMood` and `Restore`: a plan is refused when a person acts at the same moment."""


class UrgentEventError(Exception):
    """The button or a stop waits: postpone work that takes long."""


@dataclass(frozen=True, slots=True)
class Executor:
    """The only place that applies plans to the player.

    `report` passes an event to the policy and returns the state after it. `choose` returns the URIs
    of a mood's next songs (empty when it has none) and may raise PlayerError. `is_late` says that
    this iteration must begin nothing more. `raise_if_urgent` raises UrgentEventError if the button
    or a stop waits; it is called before each call that may take long.
    """

    player: Player
    report: Callable[[PlayerEvent], State]
    choose: Callable[[Mood], tuple[str, ...]]
    is_late: Callable[[], bool]
    raise_if_urgent: Callable[[], None]

    def poll(self) -> None:
        """Poll the player and report the result."""
        try:
            self.report(Polled(self.player.snapshot()))
        except PlayerError as error:
            self.report(PlayerGone(str(error)))

    def carry_out(self, command: PlayerCommand, state: State) -> None:
        """Carry out a command and report its result; `PlayMood` only if it is still the target."""
        if isinstance(command, PlayMood) and command.target != state.playing.target:
            return
        try:
            refusal = self._try(command)
        except UrgentEventError:
            self.report(Postponed(command))
            return
        except PlayerRefusedError as error:
            refusal = str(error)
        except PlayerError as error:
            self.report(PlayerGone(str(error)))
            return
        if refusal is not None:
            self.report(GaveUp(command, refusal))

    def _try(self, command: PlayerCommand) -> str | None:
        """Make a plan and apply it, again if it is refused; returns why it was refused at last."""
        self.raise_if_urgent()
        uris: tuple[str, ...] = ()
        if isinstance(command, PlayMood | TopUp):
            mood = command.target.mood if isinstance(command, PlayMood) else command.mood
            uris = self.choose(mood)
            if not uris:
                if isinstance(command, PlayMood):
                    self.report(NoMusic(mood))
                return None
        refusal = None
        for _ in range(PLAN_TRIES if isinstance(command, PlayMood | Restore) else 1):
            self.raise_if_urgent()
            # Poll right before the plan: a person may have acted since the last poll.
            snapshot = self.player.snapshot()
            state = self.report(Polled(snapshot, before=command))
            plan = plan_for(state, command, snapshot, uris)
            if plan is None:
                return None
            self.raise_if_urgent()
            refusal = self._apply(plan)
            if refusal is None or self.is_late():
                break
        return refusal

    def _apply(self, plan: Plan) -> str | None:
        """Apply a plan; returns why the player refused it, None if it did not."""
        self.report(PlanSent(plan))
        try:
            added = self.player.apply(plan.changes, plan.since)
        except PlayerRefusedError as error:
            self._undo(plan, error)
            return str(error)
        self.report(PlanDone(plan, added, self.player.snapshot()))
        return None

    def _undo(self, plan: Plan, refusal: PlayerRefusedError) -> None:
        """Delete what a refused plan has added, except the current song."""
        # Poll before deleting: a person's stop shows only while MPD has a current song.
        snapshot = self.player.snapshot()
        self.report(PlanRefused(plan, refusal.added, snapshot))
        restoring = plan.restoring is not None
        changes = plan_undo(snapshot, refusal.added, restoring=restoring)
        if not changes:
            return
        with contextlib.suppress(PlayerRefusedError):
            self.player.apply(changes, snapshot)
        self.report(PlanDone(Plan(Undo(), changes, snapshot), (), self.player.snapshot()))
