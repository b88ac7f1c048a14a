"""Carries the policy's commands out on the player, and reports as events what came of them."""

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
    PutOff,
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
"""Plans that are made anew when the player refuses one: a person changed the queue meanwhile."""


class SomebodyWaitsError(Exception):
    """The button was pressed, or a stop came: what takes its time is put off."""


@dataclass(frozen=True, slots=True)
class Executor:
    """The one place where plans meet the player.

    `report` lets the policy take in an event and returns the state after it; `choose` names the
    next songs of a mood (empty when it has none) and may raise PlayerError; `is_late` says that
    nothing more is to be begun in this iteration; `give_way` raises SomebodyWaitsError where a
    person at the box waits to be served: it is called before each call that may take its time.
    """

    player: Player
    report: Callable[[PlayerEvent], State]
    choose: Callable[[Mood], tuple[str, ...]]
    is_late: Callable[[], bool]
    give_way: Callable[[], None]

    def poll(self) -> None:
        """Look at the player."""
        try:
            self.report(Polled(self.player.snapshot()))
        except PlayerError as error:
            self.report(PlayerGone(str(error)))

    def carry_out(self, command: PlayerCommand, state: State) -> None:
        """Do what the policy wants of the player, as long as it still wants it in `state`."""
        if isinstance(command, PlayMood) and command.target != state.playing.target:
            return
        try:
            refusal = self._try(command)
        except SomebodyWaitsError:
            self.report(PutOff(command))
            return
        except PlayerRefusedError as error:
            refusal = str(error)
        except PlayerError as error:
            self.report(PlayerGone(str(error)))
            return
        if refusal is not None:
            self.report(GaveUp(command, refusal))

    def _try(self, command: PlayerCommand) -> str | None:
        """Make a plan and apply it, anew where it is refused; why it was refused in the end."""
        self.give_way()
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
            self.give_way()
            # The last poll before the act: a person may have come in between.
            snapshot = self.player.snapshot()
            state = self.report(Polled(snapshot, before=command))
            plan = plan_for(state, command, snapshot, uris)
            if plan is None:
                return None
            self.give_way()
            refusal = self._apply(plan)
            if refusal is None or self.is_late():
                break
        return refusal

    def _apply(self, plan: Plan) -> str | None:
        """Apply a plan; why the player refused it, if it did."""
        self.report(PlanSent(plan))
        try:
            added = self.player.apply(plan.changes, plan.since)
        except PlayerRefusedError as error:
            self._undo(plan, error)
            return str(error)
        self.report(PlanDone(plan, added, self.player.snapshot()))
        return None

    def _undo(self, plan: Plan, refusal: PlayerRefusedError) -> None:
        """Take out again what a refused plan has added, unless it plays."""
        # Polled before anything is taken out: a stop leaves its trace in the current song.
        snapshot = self.player.snapshot()
        self.report(PlanRefused(plan, refusal.added, snapshot))
        restoring = plan.restoring is not None
        changes = plan_undo(snapshot, refusal.added, restoring=restoring)
        if not changes:
            return
        with contextlib.suppress(PlayerRefusedError):
            self.player.apply(changes, snapshot)
        self.report(PlanDone(Plan(Undo(), changes, snapshot), (), self.player.snapshot()))
