"""The loop: sense, wait for an event, let the policy decide, carry out its commands."""

from __future__ import annotations

import logging
import random
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from moodbox.core.music.trigger_tracks import PLAYLISTS
from moodbox.core.policy.commands import (
    Command,
    Forget,
    Learn,
    PauseMusic,
    PlayMood,
    Remark,
    Restore,
    SaveCamera,
    SwitchOff,
    TopUp,
)
from moodbox.core.policy.events import Event, PlayerGone, Tick, Want
from moodbox.core.policy.state import State
from moodbox.core.policy.step import deadline_s, step
from moodbox.core.ports import (
    ButtonHeld,
    ButtonHeldLonger,
    ButtonHolding,
    ButtonPressed,
    Message,
    PlayerChanged,
    PlayerError,
    PlayerLost,
    PlayerRefusedError,
    Stop,
)
from moodbox.display import Display
from moodbox.executor import Executor, UrgentEventError
from moodbox.library_cache import LibraryCache
from moodbox.selection import next_songs
from moodbox.sensing import Sensing

if TYPE_CHECKING:
    from moodbox.adapters.store import RuntimeFiles
    from moodbox.adapters.systemd import Notifier
    from moodbox.core import ports
    from moodbox.core.mood import Mood
    from moodbox.core.policy.settings import Policy, Rates
    from moodbox.core.ports import ButtonEvent
    from moodbox.eye import Eye
    from moodbox.memory import Memory

PLAYER_RETRY_S = 2.0
"""Pause between polls while the player is gone, or has not been heard to play. Usually the listener
reports a returned player sooner."""

IDLE_S = 5.0
"""Longest wait in one iteration: the watchdog is served after each."""

MOST_EVENTS = 64
"""Events taken in one iteration, so that a client that floods the channel blocks neither the camera
nor the watchdog."""

ITERATION_S = 2.0
"""After this time an iteration begins nothing more; the rest waits for the next one. Without it, 64
messages to a player that answers each call just in time would take minutes."""

LOG_DROPPED_S = 60.0
"""Shortest pause between log lines about dropped messages, so that a flood cannot fill the log."""

log = logging.getLogger("moodbox")


@dataclass(slots=True)
class Dependencies:
    """Everything that the loop uses."""

    clock: ports.Clock
    inbox: ports.Inbox
    eye: Eye
    player: ports.Player
    panel: ports.Panel
    notifier: Notifier
    files: RuntimeFiles
    memory: Memory
    policy: Policy


@dataclass(slots=True)
class Daemon:
    """The daemon's only policy thread. Call `run`; a `Stop` in the inbox ends it."""

    parts: Dependencies
    rates: Rates
    state: State = field(default_factory=State)
    rng: random.Random = field(default_factory=random.Random)
    log_moods: bool = False
    display: Display = field(init=False)

    _sensing: Sensing = field(init=False)
    _executor: Executor = field(init=False)
    _library: LibraryCache = field(init=False)
    _commands: deque[Command] = field(default_factory=deque)
    _poll_at_s: float = float("-inf")
    _is_poll_due: bool = False
    """Whether the player reported a change since the last poll."""
    _late_at_s: float = float("inf")
    _log_dropped_at_s: float = float("-inf")
    _may_lack_playlists: bool = True
    """Whether the stored playlists of the trigger tracks may be missing."""

    def __post_init__(self) -> None:
        parts = self.parts
        self.display = Display(parts.panel, parts.files, parts.notifier, self.log_moods)
        self._sensing = Sensing(parts.eye, self.rates.watch_hz, self.rates.read_hz)
        self._library = LibraryCache(parts.player)
        self._executor = Executor(
            parts.player, self._feed, self._choose, self._is_late, self._raise_if_urgent
        )

    def run(self) -> None:
        """Run until a `Stop` comes. Raises CameraHangsError if only a new process may help."""
        self.display.show(None, self.state)
        try:
            self._poll()
            self.parts.notifier.ready()
            while self.iterate():
                self.parts.notifier.watchdog()
        finally:
            self.parts.notifier.stopping()
            self.parts.eye.close()
            self.parts.memory.save_unsaved(self._now_s, camera_closed=self._is_closed)

    def iterate(self) -> bool:
        """One iteration: sense, wait, decide, act. Returns False after a `Stop`."""
        self._set_deadline()
        sensed = self._sensing.sense(self.state, self._now_s)
        if sensed is not None:
            self._feed(sensed)
        event = self.parts.clock.wait(self.parts.inbox, self._next_s())
        self._set_deadline()
        if event is None:
            self._feed(Tick())
        elif not self._take_in(event):
            return False
        self._log_dropped()
        again = self.state.playing.is_player_watched and self._now_s >= self._poll_at_s
        if (self._is_poll_due or again) and not self._is_late():
            self._poll()
        if self._may_prefetch and not self._is_late():
            self._prefetch()
        self.parts.memory.save_if_due(self._now_s, camera_closed=self._is_closed)
        return True

    @property
    def _now_s(self) -> float:
        return self.parts.clock.now_s()

    @property
    def _is_closed(self) -> bool:
        return self.state.appliance.camera_closed

    def _set_deadline(self) -> None:
        """Begin a new time limit of `ITERATION_S`."""
        self._late_at_s = self._now_s + ITERATION_S

    def _is_late(self) -> bool:
        """Whether to begin nothing more: the iteration took long, or the button or a stop waits."""
        return self._now_s >= self._late_at_s or self.parts.inbox.has_urgent

    def _raise_if_urgent(self) -> None:
        """Raise UrgentEventError if the button or a stop waits."""
        if self.parts.inbox.has_urgent:
            raise UrgentEventError

    def _next_s(self) -> float:
        """When the loop has to go on even without an event."""
        due_s = self._sensing.due_s(self.state.want)
        moments = [self._now_s + IDLE_S, deadline_s(self.state), due_s]
        if self.state.playing.is_player_watched:
            moments.append(self._poll_at_s)
        if self._may_prefetch or self._is_poll_due:
            moments.append(self._now_s)
        return min(moment for moment in moments if moment is not None)

    # ── Events ───────────────────────────────────────────────────────────────────────────────────

    def _take_in(self, event: ports.Event | None) -> bool:
        """Take in up to `MOST_EVENTS` events from the inbox; False at a `Stop`."""
        taken = 0
        while event is not None:
            match event:
                case Stop():
                    return False
                case PlayerChanged(subsystems):
                    self._library.changed(subsystems)
                    # A playlist that a person removes comes back only at the next connection or
                    # database update: they may not want it now.
                    self._may_lack_playlists |= not subsystems or "database" in subsystems
                    self._is_poll_due = True  # many changes need one poll only
                case PlayerLost():
                    self._is_poll_due = True
                case (
                    ButtonPressed()
                    | ButtonHolding()
                    | ButtonHeld()
                    | ButtonHeldLonger()
                    | Message()
                ):
                    self._take_user_event(event)
            taken += 1
            more = taken < MOST_EVENTS and not self._is_late()
            event = self.parts.clock.wait(self.parts.inbox, self._now_s) if more else None
        return True

    def _log_dropped(self) -> None:
        dropped = self.parts.inbox.take_dropped()
        if dropped and self._now_s >= self._log_dropped_at_s:
            self._log_dropped_at_s = self._now_s + LOG_DROPPED_S
            log.warning("%d messages were dropped: no person sends so many at once", dropped)

    def _take_user_event(self, event: ButtonEvent | Message) -> None:
        """Take in a button event or a message."""
        if isinstance(event, ButtonPressed | Message) and not self.state.playing.player_fault:
            # Poll first, so that earlier user actions do not seem to come after the press.
            self._poll()
        self._feed(event)

    # ── Deciding and acting ──────────────────────────────────────────────────────────────────────

    def _feed(self, event: Event) -> State:
        """Pass an event to the policy, show the new state, and carry out the commands."""
        before = self.state
        self.state, commands = step(before, event, self._now_s, self.parts.policy)
        self.display.show(before, self.state)
        outermost = not self._commands
        self._commands.extend(commands)
        while outermost and self._commands:
            self._carry_out(self._commands[0])
            self._commands.popleft()
        return self.state

    def _carry_out(self, command: Command) -> None:
        memory = self.parts.memory
        match command:
            case PlayMood() | TopUp() | PauseMusic() | Restore():
                self._executor.carry_out(command, self.state)
            case SaveCamera(closed):
                memory.save(self._now_s, camera_closed=closed)
            case SwitchOff():
                self.parts.files.ask_to_switch_off()
            case Learn(heard):
                memory.learn(heard, self._now_s)
            case Forget():
                memory.forget()
                memory.save(self._now_s, camera_closed=self._is_closed)
            case Remark(text):
                log.info("%s", text)

    # ── Playing ──────────────────────────────────────────────────────────────────────────────────

    def _poll(self) -> None:
        self._is_poll_due = False
        self._poll_at_s = self._now_s + PLAYER_RETRY_S
        self._executor.poll()

    @property
    def _may_prefetch(self) -> bool:
        """Whether there is something to prefetch, and neither a reading nor a player fault."""
        free = self.state.want is not Want.READ and self.state.playing.player_fault is None
        return free and (self._may_lack_playlists or not self._library.is_complete)

    def _prefetch(self) -> None:
        try:
            if self._may_lack_playlists:
                self._may_lack_playlists = False
                self.parts.player.ensure_playlists(PLAYLISTS)
            else:
                self._library.prefetch()
        except PlayerRefusedError as error:
            log.info("MPD refused to list its music: %s", error)
        except PlayerError as error:
            self._feed(PlayerGone(str(error)))

    def _choose(self, mood: Mood) -> tuple[str, ...]:
        memory, count = self.parts.memory, self.rates.songs
        return next_songs(
            mood, count, self.state, self._library, memory, self.rng, self._raise_if_urgent
        )
