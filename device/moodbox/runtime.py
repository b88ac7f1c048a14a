"""The loop: sense as the policy wants, wait for what happens, decide, act."""

from __future__ import annotations

import contextlib
import logging
import random
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from moodbox.core.music.choice import choose, line_up
from moodbox.core.music.history import age
from moodbox.core.music.ownership import (
    Ownership,
    after_delete,
    after_put_back,
    around,
    plan_put_back,
    plan_switch,
    plan_top_up,
    recognise,
)
from moodbox.core.music.tastes import learn, with_ratings
from moodbox.core.music.triggers import PLAYLISTS, chimes
from moodbox.core.policy.decision import deadline_s, may_pause, step
from moodbox.core.policy.state import (
    CameraLost,
    Command,
    Event,
    Forget,
    Learn,
    NoMusic,
    Paused,
    PauseMusic,
    Planned,
    PlayerGone,
    PlayerSeen,
    PlayMood,
    Policy,
    PutBack,
    Queued,
    Refused,
    Remark,
    Restored,
    SaveCamera,
    State,
    SwitchOff,
    Tick,
    TopUp,
    Want,
)
from moodbox.core.ports import (
    Add,
    ButtonPressed,
    CameraError,
    CameraHangError,
    Delete,
    Message,
    Pause,
    PlayerChanged,
    PlayerError,
    PlayerLost,
    PlayerRefusedError,
    PlayState,
    Stop,
)
from moodbox.core.report import light, sentence, status, transitions
from moodbox.library_cache import LibraryCache
from moodbox.runtime_state import to_record

if TYPE_CHECKING:
    from collections.abc import Callable
    from queue import SimpleQueue

    from moodbox.adapters.store import Kept, RuntimeFiles, StateStore
    from moodbox.adapters.systemd import Notifier
    from moodbox.core import ports
    from moodbox.core.mood import Mood
    from moodbox.core.music.tastes import Heard
    from moodbox.core.music.triggers import Cleared
    from moodbox.core.ports import ButtonEvent, QueuedSong
    from moodbox.eye import Eye

PLAN_TRIES = 3
"""Plans that are made anew when the player refuses one: a person changed the queue meanwhile."""

PLAYER_RETRY_S = 2.0
"""Pause between looks at a player that is gone; its return is mostly told by the listener."""

IDLE_S = 5.0
"""Longest turn: the watchdog is petted at its end."""

BURST = 64
"""Events that are taken in one turn: a client that floods the channel stops neither the camera nor
the watchdog."""

TURN_S = 2.0
"""After this long a turn begins nothing more, and the rest waits for the next: of a player that
answers each call just in time, 64 messages would make a turn of minutes."""

SAVE_TASTES_S = 600.0
"""Pause before what was learned is written: cards wear, and a power cut costs no more than that."""

SAVE_RETRY_S = 60.0
"""Pause before a state that could not be written (a full card) is written again."""

log = logging.getLogger("moodbox")


class CameraHangsError(RuntimeError):
    """The camera hung again after it was reopened; only a new process may help."""


@dataclass(slots=True)
class Parts:
    """What the loop is composed of."""

    clock: ports.Clock
    inbox: SimpleQueue[ports.Event]
    eye: Eye
    player: ports.Player
    panel: ports.Panel
    notifier: Notifier
    store: StateStore
    files: RuntimeFiles
    policy: Policy


@dataclass(slots=True)
class Pace:
    """How often it looks, and how much it queues."""

    watch_hz: float = 2.0
    read_hz: float = 8.0
    songs: int = 20


@dataclass(slots=True)
class Daemon:
    """One policy thread: call `run`; a `Stop` in the inbox ends it."""

    parts: Parts
    kept: Kept
    state: State = field(default_factory=State)
    pace: Pace = field(default_factory=Pace)
    rng: random.Random = field(default_factory=random.Random)
    on_change: Callable[[State, State], None] | None = None
    """Told each state before and after an event, for whoever shows the box at work."""

    _commands: deque[Command] = field(default_factory=deque)
    _sense_at_s: float = float("-inf")
    _sensed_for: Want = Want.OFF
    _player_at_s: float = float("-inf")
    _look_due: bool = False
    """Whether the player told of a change that was not looked at yet."""
    _late_at_s: float = float("inf")
    _hangs: int = 0
    _refused: set[str] = field(default_factory=set)
    """What the player refuses, and was told of."""
    _unsaved: bool = False
    _save_at_s: float = float("-inf")
    _library: LibraryCache = field(init=False)
    _offer: bool = True
    """Whether the stored playlists that are the remote may be missing."""

    def __post_init__(self) -> None:
        self._library = LibraryCache(self.parts.player)

    def run(self) -> None:
        """Serve until a `Stop` comes. Raises CameraHangsError where a new process is needed."""
        self._show(None)
        try:
            self._look_at_player()
            self.parts.notifier.ready()
            while self.turn():
                self.parts.notifier.watchdog()
        finally:
            self.parts.notifier.stopping()
            self.parts.eye.close()
            self._save()

    def turn(self) -> bool:
        """One turn of the loop: sense, wait, decide, act. False when it is to end."""
        clock, inbox = self.parts.clock, self.parts.inbox
        self._make_haste()
        self._sense(clock.now_s())
        event = clock.wait(inbox, self._next_s())
        self._make_haste()
        if event is None:
            self._feed(Tick())
        taken = 0
        while event is not None:
            if isinstance(event, Stop):
                return False
            if isinstance(event, PlayerChanged):
                self._library.changed(event.subsystems)
                # Not when a person removes one, who may not want it: at the next connection.
                self._offer |= not event.subsystems or "database" in event.subsystems
            if isinstance(event, PlayerChanged | PlayerLost):
                self._look_due = True  # a burst of changes is one look
            else:
                self._heed(event)
            taken += 1
            more = taken < BURST and not self._is_late
            event = clock.wait(inbox, clock.now_s()) if more else None
        again = self.state.is_player_watched and clock.now_s() >= self._player_at_s
        if (self._look_due or again) and not self._is_late:
            self._look_due = False
            self._look_at_player()
        if self._may_prefetch and not self._is_late:
            self._prefetch()
        if self._unsaved and clock.now_s() >= self._save_at_s:
            self._save()
        return True

    def _make_haste(self) -> None:
        """Whatever comes now is to be done before long."""
        self._late_at_s = self.parts.clock.now_s() + TURN_S

    @property
    def _is_late(self) -> bool:
        """Whether nothing more is to be begun in this turn."""
        return self.parts.clock.now_s() >= self._late_at_s

    def _heed(self, event: ButtonEvent | Message) -> None:
        """Take in a person's word to the box."""
        if isinstance(event, ButtonPressed | Message) and not self.state.player_fault:
            # It outranks what a hand did before it, which may not have been looked at yet.
            self._look_at_player()
        self._feed(event)

    def _next_s(self) -> float:
        """The moment of the next thing to do."""
        moments = [self.parts.clock.now_s() + IDLE_S, deadline_s(self.state)]
        if self.state.want is not Want.OFF:
            moments.append(self._due_s())
        if self.state.is_player_watched:
            moments.append(self._player_at_s)
        if self._may_prefetch or self._look_due:
            moments.append(self.parts.clock.now_s())
        return min(moment for moment in moments if moment is not None)

    # ── Seeing ───────────────────────────────────────────────────────────────────────────────────

    def _due_s(self) -> float:
        """When to look next; at once when a reading has just begun."""
        began = self.state.want is Want.READ and self._sensed_for is not Want.READ
        return float("-inf") if began else self._sense_at_s

    def _sense(self, now_s: float) -> None:
        want = self.state.want
        if want is not Want.OFF and now_s < self._due_s():
            return
        rate_hz = self.pace.read_hz if want is Want.READ else self.pace.watch_hz
        self._sense_at_s, self._sensed_for = now_s + 1 / rate_hz, want
        try:
            sensed = self.parts.eye.sense(want, self.state.tracked, now_s)
        except CameraError as error:
            self._feed(CameraLost(str(error)))
            self._hangs = self._hangs + 1 if isinstance(error, CameraHangError) else 0
            if self._hangs > 1:
                raise CameraHangsError(str(error)) from error
            return
        if sensed is not None:
            self._hangs = 0
            self._feed(sensed)

    # ── Deciding ─────────────────────────────────────────────────────────────────────────────────

    def _feed(self, event: Event) -> None:
        """Let the policy take in an event, show what came of it, and carry out its commands."""
        before = self.state
        now_s = self.parts.clock.now_s()
        self.state, commands = step(before, event, now_s, self.parts.policy)
        self._show(before)
        outermost = not self._commands
        self._commands.extend(commands)
        while outermost and self._commands:
            self._carry_out(self._commands[0])
            self._commands.popleft()

    def _show(self, before: State | None) -> None:
        """Light, log, status and record follow the state."""
        parts, state = self.parts, self.state
        parts.panel.show(light(state))
        told = status(state)
        if before is None or told != status(before):
            parts.files.write_status(told)
            parts.notifier.status(sentence(state))
        if before is None:
            return
        if to_record(state) != to_record(before):
            parts.files.write_owned(to_record(state))
        for line in transitions(before, state):
            log.info("%s", line)
        if self.on_change is not None:
            self.on_change(before, state)

    def _carry_out(self, command: Command) -> None:
        match command:
            case PlayMood():
                self._switch(command)
            case TopUp(mood):
                self._top_up(mood)
            case PutBack():
                self._put_back()
            case PauseMusic(on):
                self._pause(on)
            case SaveCamera(closed):
                self.kept = replace(self.kept, camera_closed=closed)
                self._unsaved = True
                self._save()
            case SwitchOff():
                self.parts.files.ask_to_switch_off()
            case Learn(heard):
                self._learn(heard)
            case Forget():
                self.kept = replace(self.kept, tastes={}, earlier={})
                self._unsaved = True
                self._save()
            case Remark(text):
                log.info("%s", text)

    def _learn(self, heard: Heard) -> None:
        kept = self.kept
        earlier = age(kept.earlier, kept.tastes, heard)
        self.kept = replace(kept, tastes=learn(kept.tastes, heard), earlier=earlier)
        if not self._unsaved:
            self._save_at_s = self.parts.clock.now_s() + SAVE_TASTES_S
        self._unsaved = True

    def _save(self) -> None:
        if self._unsaved:
            self._unsaved = not self.parts.store.save(self.kept)
            self._save_at_s = self.parts.clock.now_s() + SAVE_RETRY_S

    # ── Playing ──────────────────────────────────────────────────────────────────────────────────

    def _look_at_player(self) -> None:
        self._player_at_s = self.parts.clock.now_s() + PLAYER_RETRY_S
        try:
            self._feed(PlayerSeen(self.parts.player.snapshot()))
        except PlayerError as error:
            self._feed(PlayerGone(str(error)))

    @property
    def _may_prefetch(self) -> bool:
        """Whether something is to be done ahead, and nobody waits for a reading meanwhile."""
        free = self.state.want is not Want.READ and self.state.player_fault is None
        return free and (self._offer or not self._library.is_complete)

    def _prefetch(self) -> None:
        try:
            if self._offer:
                self._offer = False
                self.parts.player.ensure_playlists(PLAYLISTS)
            else:
                self._library.prefetch()
        except PlayerRefusedError as error:
            log.info("MPD does not tell its music: %s", error)
        except PlayerError as error:
            self._feed(PlayerGone(str(error)))

    def _switch(self, command: PlayMood) -> None:
        """Put a mood's music in force, as long as nothing speaks against it."""
        wanted = command.wanted
        if self.state.wanted != wanted:
            return
        try:
            uris = self._choose(wanted.mood)
            if not uris:
                self._feed(NoMusic(wanted.mood))
                return
            refusal = None
            for _ in range(PLAN_TRIES):
                # The last look before the act: a person's hand may have come in between.
                snapshot = self.parts.player.snapshot()
                self._feed(PlayerSeen(snapshot))
                if self.state.wanted != wanted:
                    return
                plan = plan_switch(snapshot, uris, self.state.ownership)
                refusal = self._apply(plan, wanted.mood)
                if refusal is None:
                    return
                if self._is_late:
                    break
            self._feed(Refused(str(refusal)))
        except PlayerRefusedError as error:
            self._feed(Refused(str(error)))
        except PlayerError as error:
            self._feed(PlayerGone(str(error)))

    def _top_up(self, mood: Mood) -> None:
        """Append more of the mood that plays, unless that has changed meanwhile."""
        try:
            uris = self._choose(mood)
            if not uris:
                return
            snapshot = self.parts.player.snapshot()
            self._feed(PlayerSeen(snapshot))
            if self.state.hands_off or self.state.wanted or mood is not self.state.mood:
                return
            refusal = self._apply(plan_top_up(snapshot, uris, self.state.ownership), None)
            self._tell_refusal("MPD takes no more songs", refusal)
        except PlayerRefusedError as error:
            self._tell_refusal("MPD takes no more songs", error)
        except PlayerError as error:
            self._feed(PlayerGone(str(error)))

    def _pause(self, on: bool) -> None:
        """Pause the box's own music, or let it go on, unless a hand came in between."""
        player = self.parts.player
        try:
            self._feed(PlayerSeen(player.snapshot()))
            if not may_pause(self.state, on=on):
                return
            try:
                player.apply((Pause(on),))
            except PlayerRefusedError:
                pass  # a person's hand came in between; the look tells what it did
            except PlayerError:
                if on:
                    # Nobody knows whether MPD has done it; if so, it is no person's pause.
                    self._feed(Paused(on))
                raise
            else:
                self._feed(Paused(on))
            self._look_at_player()
        except PlayerError as error:
            self._feed(PlayerGone(str(error)))

    def _put_back(self) -> None:
        """Take the chimes out of the queue, after putting back what a client cleared for one."""
        try:
            refusal = None
            for _ in range(PLAN_TRIES):
                snapshot = self.parts.player.snapshot()
                self._feed(PlayerSeen(snapshot, acting=True))
                request = self.state.request
                if request is None and not chimes(snapshot.queue):
                    return
                refusal = self._restore(snapshot, request.cleared if request else None)
                if refusal is None:
                    break
            self._tell_refusal("MPD does not put back what was cleared", refusal)
        except PlayerRefusedError as error:
            self._tell_refusal("MPD does not put back what was cleared", error)
        except PlayerError as error:
            self._feed(PlayerGone(str(error)))

    def _tell_refusal(self, what: str, refusal: PlayerRefusedError | None) -> None:
        """Tell of what is refused once, until it is done; it is tried at many a look."""
        if refusal is None:
            self._refused.discard(what)
        elif what not in self._refused:
            self._refused.add(what)
            log.info("%s: %s", what, refusal)

    def _restore(self, snapshot: ports.Snapshot, gone: Cleared | None) -> PlayerRefusedError | None:
        """Carry out a plan that puts back; returns why the player refused it, if it did."""
        player, before = self.parts.player, self.state.ownership
        plan = plan_put_back(snapshot, gone)
        if not any(isinstance(command, Add) for command in plan):
            gone = None
        if gone is not None:
            self._feed(Planned(before.expecting([Add(gone.own_uris)])))
        try:
            added = player.apply(plan)
        except PlayerRefusedError as error:
            if gone is not None:
                self._tidy(before.put_back(error.added, gone), error.added, back=True)
            return error
        ownership = self.state.ownership.put_back(added, gone) if gone else self.state.ownership
        now = player.snapshot()
        left = after_put_back(snapshot, gone, added)
        self._feed(Restored(now, self._recognise(now, ownership), left))
        return None

    def _choose(self, mood: Mood) -> tuple[str, ...]:
        """The next songs of a mood, after those heard and those still to come."""
        cached, tastes = self._library.get(mood), self.kept.tastes.get(mood, {})
        songs = dict(cached.songs)
        if cached.total > len(songs):
            # What was read is a part of the mood's folder, and what is known is in it too.
            songs |= dict.fromkeys(uri for uri in tastes if uri.startswith(f"{mood}/"))
        said = {uri: word for uri, word in self._library.ratings.items() if uri in songs}
        stand = self.state.ownership if mood is self.state.mood else Ownership()
        line = line_up(tastes, *around(self.state.playback, stand))
        return choose(
            songs, self.pace.songs, line, self.rng,
            with_ratings(tastes, said), cached.total, self.kept.earlier.get(mood, ()),
        )  # fmt: skip

    def _apply(
        self, plan: tuple[ports.QueueCommand, ...], mood: Mood | None
    ) -> PlayerRefusedError | None:
        """Carry out a plan; returns why the player refused it, if it did."""
        player, before = self.parts.player, self.state.ownership
        # Before the act, so that songs count as the box's even if no answer comes.
        self._feed(Planned(before.expecting(plan)))
        try:
            added = player.apply(plan)
        except PlayerRefusedError as error:
            self._tidy(before.confirmed(error.added), error.added)
            return error
        ownership = self.state.ownership.confirmed(added)
        snapshot = player.snapshot()
        self._feed(Queued(snapshot, self._recognise(snapshot, ownership), mood))
        return None

    def _recognise(self, snapshot: ports.Snapshot, ownership: Ownership) -> Ownership:
        """Whose song is whose after the box's own act; MPD may have restarted in between."""
        before = self.state.playback
        anew = before is None or before.restarts != snapshot.restarts
        return recognise(snapshot.queue, ownership, anew=anew)

    def _tidy(
        self, ownership: Ownership, added: tuple[QueuedSong, ...], *, back: bool = False
    ) -> None:
        """Take out what a refused plan has added; else the queue grows with every attempt.

        What was put `back` stays if a person has gone on to a song of it: so it is back.
        """
        player = self.parts.player
        snapshot = player.snapshot()
        # Looked at before anything is taken out: a stop leaves its trace in the current song.
        self._feed(Queued(snapshot, self._recognise(snapshot, ownership), None))
        # What plays would give way to another; where a person stopped, nothing does.
        playing = None if snapshot.state is PlayState.STOP else snapshot.current_id
        ids = tuple(song.id for song in added if song.id != playing and song in snapshot.queue)
        if not ids or (back and any(song.id == playing for song in added)):
            return
        with contextlib.suppress(PlayerRefusedError):
            player.apply((Delete(ids),))
        left, snapshot = after_delete(snapshot, ids), player.snapshot()
        self._feed(Queued(snapshot, self._recognise(snapshot, self.state.ownership), None, left))
