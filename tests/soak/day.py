"""The day itself: the box of real parts in simulated time, a real MPD, a person, and accidents."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import mpd

from moodbox.adapters.inbox import Inbox
from moodbox.adapters.mpd.player import MpdListener
from moodbox.adapters.store import RuntimeFiles, StateStore
from moodbox.adapters.systemd import Notifier
from moodbox.core.mood import Mood
from moodbox.core.ports import (
    ButtonHeld,
    ButtonPressed,
    CameraError,
    CameraHangError,
    Message,
    PlayerLost,
)
from moodbox.eye import Eye
from moodbox.memory import Memory
from moodbox.runtime import Daemon, Dependencies
from moodbox.runtime_state import from_record
from moodbox.sensing import CameraHangsError
from tests.soak.plan import Happening, Sitting
from tests.soak.struck import BoxKilledError, StruckPlayer
from tests.support.drawn_room import DrawnEye, DrawnRoom
from tests.support.evening import POLICY, RATES
from tests.support.fake_clock import SimClock
from tests.support.fake_panel import FakePanel
from tests.support.mpd_server import wait_until
from tests.support.person import ACTS, Person

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.soak.log import Heard
    from tests.support.mpd_server import MpdServer

LEAVE_S = 3.0
POLICY_OF_THE_DAY = replace(POLICY, sitting=replace(POLICY.sitting, leave_after_s=LEAVE_S))
PLAYER_TIMEOUT_S = 0.5
"""Real seconds: a stalled MPD is found out this often."""
LONGEST_RETRY_S = 310.0
"""A target is tried again within five minutes at the latest."""


class Day:
    """Call `live` for each sitting, and `end` for the last word; `close` in any case."""

    def __init__(self, server: MpdServer, folder: Path, heard: Heard, seed: int) -> None:
        self.counts: Counter[str] = Counter()
        """What happened, and how often."""
        self.clock = SimClock()
        self._server, self._folder, self._heard = server, folder, heard
        self._rng = random.Random(seed)
        self._room = DrawnRoom(self.clock)
        self._panel = FakePanel()
        self._inbox = Inbox()
        self._listened = Inbox()
        self._barriers = 0
        self._calm = True
        with server.person() as client:
            self._person = Person(client)
        self._start()

    # ── The box ──────────────────────────────────────────────────────────────────────────────────

    def _start(self) -> None:
        """A new process, as systemd starts it."""
        self._heard.forget()
        with ExitStack() as stack:
            address, eye = self._server.address, DrawnEye()
            player = self._player = StruckPlayer(
                address, PLAYER_TIMEOUT_S, random.Random(self._rng.random())
            )
            stack.callback(player.close)
            stack.enter_context(MpdListener(address, self._listened))
            seeing = Eye(self._room, eye, eye)
            stack.callback(seeing.close)
            store, files = StateStore(self._folder), RuntimeFiles(self._folder)
            kept = store.load()
            self._daemon = Daemon(
                Dependencies(
                    self.clock, self._inbox, seeing, player, self._panel, Notifier({}), files,
                    Memory(store, kept.tastes, kept.history), POLICY_OF_THE_DAY,
                ),
                replace(RATES, songs=6),
                from_record(files.read_owned(), kept.camera_closed),
                random.Random(self._rng.random()),
                log_moods=True,
            )  # fmt: skip
            self._box = stack.pop_all()
        self._hear()
        self._iterate()

    def close(self) -> None:
        """End the box."""
        self._box.close()

    def _iterate(self) -> None:
        try:
            self._daemon.iterate()
        except CameraHangsError:
            # What the command does: it ends with an error, and systemd starts it anew.
            self.counts["ended for a new process"] += 1
            self._box.close()
            self._start()
        except BoxKilledError:
            self._box.close()
            self._drop()
            self._start()

    def _pass(self, for_s: float) -> None:
        """Let time pass."""
        end_s = self.clock.now_s() + for_s
        while self.clock.now_s() < end_s:
            self._iterate()
        del self._panel.shown[:-1]

    def _hear(self) -> None:
        """Let everything reach the inbox that the listener has to tell until now."""
        self._barriers += 1
        mark = Message(f"barrier {self._barriers}")
        with self._server.person() as client:
            wait_until(lambda: _said(client, mark.text), "the box listens to its channel")
        while (event := self._listened.get(10)) != mark:
            assert event is not None, "the listener fell silent"
            self._inbox.put(event)

    def _hear_of_the_loss(self) -> None:
        while not isinstance(event := self._listened.get(10), PlayerLost):
            assert event is not None, "the listener fell silent"
            self._inbox.put(event)
        self._inbox.put(event)

    # ── The day ──────────────────────────────────────────────────────────────────────────────────

    def live(self, sitting: Sitting) -> None:
        """One sitting from coming to having left, and whether all is as it should be then."""
        self.counts["sittings"] += 1
        self._calm = True
        self._room.sitter = sitting.mood
        self._pass(sitting.stays_s / 2)
        for happening in sitting.happenings:
            self._pass(happening.after_s)
            self.counts[happening.what] += 1
            self._happens(happening)
            self._hear()
            self._iterate()
        self._pass(sitting.stays_s / 2)
        self._hear()
        self._iterate()
        self._check(sitting)
        self._room.sitter = None
        self._pass(sitting.away_s)

    def end(self) -> None:
        """Everything works again, and somebody presses: their mood must be in force."""
        for mood in Mood:
            self._room.sitter = mood
            self._calm = True
            self._person.asks()
            self._inbox.put(ButtonPressed())
            self._pass(LONGEST_RETRY_S)
            self._hear()
            self._iterate()
            self._check(Sitting(mood, 0, (), 0))
            assert self._daemon.state.control.manual is None
        self._room.sitter = None
        self._pass(LEAVE_S + 20)

    def _check(self, sitting: Sitting) -> None:
        assert not self._heard.twice, "a fault was told more than once"
        assert not self._heard.false, "music was told to play that cannot be played"
        assert not self._heard.worst, "the box has logged an error"
        state = self._daemon.state
        with self._server.person() as client:
            self._person.client = client
            overruled = self._person.overruled()
            assert not overruled, "; ".join(overruled)
        acted = any(h.what not in ("a song ends", "press") for h in sitting.happenings)
        if (
            self._calm
            and not acted
            and state.control.manual is None
            and not state.appliance.camera_closed
        ):
            assert state.playing.mood is sitting.mood
            self._assert_in_force()
            self.counts["moods found in force"] += 1

    def _assert_in_force(self) -> None:
        """The mood that the box was asked for last plays, and nothing is left to do."""
        state = self._daemon.state
        with self._server.person() as client:
            playing = client.currentsong().get("file", "") if _plays(client) else None
        assert state.playing.target is None
        # Where a song has ended, one that a press displaced may play.
        lain = {song.uri for song in state.control.ownership.displaced}
        own = (playing or "").startswith(f"{state.playing.mood}/")
        assert own or playing in lain, f"{playing} plays"

    def _happens(self, happening: Happening) -> None:
        if happening.what in ACTS:
            with self._server.person() as client:
                self._person.client = client
                self._person.act(happening.what, happening.number)
            return
        getattr(self, "_" + happening.what.replace(" ", "_"))(happening)

    # ── Words and music ──────────────────────────────────────────────────────────────────────────

    def _press(self, happening: Happening) -> None:
        self._person.asks()
        self._inbox.put(ButtonPressed())
        self._iterate()

    def _message(self, happening: Happening) -> None:
        self._person.asks()
        self._inbox.put(Message(f"mood {list(Mood)[happening.number % len(Mood)]}"))
        self._iterate()

    def _camera_off_and_on(self, happening: Happening) -> None:
        self._inbox.put(ButtonHeld())
        self._pass(happening.number / 10)
        self._press(happening)

    def _a_song_ends(self, happening: Happening) -> None:
        with self._server.person() as client:
            status = client.status()
            if status["state"] != "play" or "duration" not in status:
                return
            self._person.client = client
            self._person.watch()
            if self._person.theirs == int(status["songid"]):
                self._person.theirs = None
            wait_until(lambda: _sought(client, status), "the song can be sought in")
            wait_until(lambda: _is_over(client, status), "the song ends")
            self._person.watch()

    # ── Accidents ────────────────────────────────────────────────────────────────────────────────

    def _came_back(self) -> None:
        """MPD has renumbered its queue, and may have lost its latest changes."""
        self._calm = False
        silent = self._person.silent
        with self._server.person() as client:
            self._person = Person(client)
            self._person.adopt()
        self._person.silent = silent

    def _MPD_restarts(self, happening: Happening) -> None:  # noqa: N802 – named as in the plan
        self._server.restart()
        self._came_back()

    def _MPD_is_killed(self, happening: Happening) -> None:  # noqa: N802
        self._server.kill()
        self._server.start()
        self._came_back()

    def _MPD_is_away(self, happening: Happening) -> None:  # noqa: N802
        self._server.stop()
        self._hear_of_the_loss()
        self._pass(happening.number / 5)
        self._server.start()
        self._came_back()

    def _MPD_stalls(self, happening: Happening) -> None:  # noqa: N802
        self._server.stall()
        if happening.number % 2:
            self._press(happening)
        self._pass(happening.number / 25)
        self._server.resume()
        self._calm = False

    def _strike(self, happening: Happening, strike: Callable[[], None]) -> Daemon:
        """Let something happen in the middle of the plan that a message brings to this daemon."""
        player, daemon = self._player, self._daemon
        player.strike = strike
        self._message(happening)
        if player.strike is None:
            self.counts["plans that were struck"] += 1
        player.strike = None
        self._calm = False
        return daemon

    def _MPD_is_killed_in_a_plan(self, happening: Happening) -> None:  # noqa: N802
        def strike() -> None:
            self._server.kill()
            self._server.start()
            self._came_back()

        daemon = self._strike(happening, strike)
        self._assert_it_has_come(happening, daemon)

    def _MPD_stalls_in_a_plan(self, happening: Happening) -> None:  # noqa: N802
        daemon = self._strike(happening, self._server.stall)
        self._pass(happening.number / 25)
        self._server.resume()
        self._assert_it_has_come(happening, daemon)

    def _the_box_is_killed_in_a_plan(self, happening: Happening) -> None:
        def strike() -> None:
            raise BoxKilledError

        daemon = self._strike(happening, strike)
        self._assert_it_has_come(happening, daemon)

    def _assert_it_has_come(self, happening: Happening, daemon: Daemon) -> None:
        """The mood of a message whose plan was struck is in force in the end."""
        self._comes_to_it()
        state = self._daemon.state
        asked = list(Mood)[happening.number % len(Mood)]
        assert state.control.manual is None
        # A new process reads whoever sits there.
        assert state.playing.mood in (
            asked,
            self._room.sitter if self._daemon is not daemon else asked,
        )
        self._assert_in_force()
        self.counts["moods found in force after a plan was struck"] += 1

    def _the_camera_fails(self, happening: Happening) -> None:
        self._fails(CameraError("the camera is busy: a browser holds it"), happening)

    def _the_camera_hangs(self, happening: Happening) -> None:
        self._fails(CameraHangError("the camera gives no picture"), happening)

    def _fails(self, fault: CameraError, happening: Happening) -> None:
        self._room.fault = fault
        self._pass(happening.number / 5)
        self._room.fault = None
        self._pass(31)  # the longest pause between two attempts to open it
        self._calm = False

    def _it_is_dark(self, happening: Happening) -> None:
        self._room.lit = False
        self._pass(happening.number / 5)
        self._room.lit = True
        self._calm = False

    def _the_disk_is_away(self, happening: Happening) -> None:
        self._unmount()
        word = self._press if happening.number % 2 else self._message
        self._until_the_disk_is_back(happening, word if happening.number % 3 else None)

    def _the_disk_goes_in_a_plan(self, happening: Happening) -> None:
        self._until_the_disk_is_back(happening, self._lose_the_disk)

    def _lose_the_disk(self, happening: Happening) -> None:
        self._strike(happening, self._unmount)

    def _unmount(self) -> None:
        self._server.music.rename(self._server.music.with_name("unmounted"))
        self._server.music.mkdir()

    def _until_the_disk_is_back(
        self, happening: Happening, word: Callable[[Happening], None] | None
    ) -> None:
        music, away = self._server.music, self._server.music.with_name("unmounted")
        try:
            self._person.theirs = None  # what they put on may not be readable any more
            if word is not None:
                word(happening)
            self._pass(happening.number / 5)
            self._hear()
            self._iterate()
        finally:
            if away.exists():
                music.rmdir()
                away.rename(music)
        self._calm = False
        with self._server.person() as client:
            if client.status()["consume"] == "1":
                self._person.added.clear()  # MPD takes out whatever it has tried in vain
        state = self._daemon.state
        due = state.control.manual is None and (
            state.playing.target is not None or state.playing.plays
        )
        self._comes_to_it()
        if due:
            self._assert_in_force()
            self.counts["moods found in force once the disk was back"] += 1

    def _comes_to_it(self) -> None:
        """Nobody sits down anew or presses: the target has to be put in force without them."""
        self._hear()
        self._iterate()
        self._pass(LONGEST_RETRY_S)
        self._hear()
        self._iterate()

    def _the_box_is_killed(self, happening: Happening) -> None:
        self._box.close()
        self._drop()
        self._start()
        self._calm = False

    def _drop(self) -> None:
        """What had reached the inbox dies with the process."""
        for queue in (self._inbox, self._listened):
            while queue.get() is not None:
                pass


def _said(client: Any, text: str) -> bool:
    """Whether somebody listened when the message was sent."""
    if "moodbox" not in client.channels():
        return False
    client.sendmessage("moodbox", text)
    return True


def _plays(client: Any) -> bool:
    return bool(client.status()["state"] == "play")


def _sought(client: Any, status: dict[str, str]) -> bool:
    """Seek to the song's end; a song that has only just begun cannot be sought in yet."""
    try:
        client.seekcur(float(status["duration"]) - 0.05)
    except mpd.CommandError:
        return _is_over(client, status)
    return True


def _is_over(client: Any, before: dict[str, str]) -> bool:
    now = client.status()
    begun_anew = float(now.get("elapsed", 0)) < float(before["duration"]) / 2
    return now["state"] != "play" or now.get("songid") != before["songid"] or begun_anew
