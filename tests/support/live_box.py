"""A box that lives in real time: the daemon on its thread, a real MPD, and somebody before it."""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from moodbox.adapters.clock import SystemClock
from moodbox.adapters.inbox import Inbox
from moodbox.adapters.mpd.player import MpdListener, MpdPlayer
from moodbox.adapters.store import RuntimeFiles, StateStore
from moodbox.adapters.systemd import Notifier
from moodbox.core.ports import ButtonHeld, Event, Stop
from moodbox.eye import Eye
from moodbox.memory import Memory
from moodbox.runtime import Daemon, Dependencies
from tests.support.box_of_fakes import EndlessCamera, Sitter
from tests.support.evening import POLICY, RATES
from tests.support.fake_panel import FakePanel
from tests.support.mpd_server import wait_until
from tests.support.simulated_box import FixedScores

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from moodbox.core.mood import Mood
    from tests.support.mpd_server import MpdServer


class LiveBox:
    """What a test sees of a running box."""

    def __init__(self, daemon: Daemon, inbox: Inbox, sitter: Sitter) -> None:
        self.daemon = daemon
        self.sitter = sitter
        self._inbox = inbox

    def happens(self, event: Event) -> None:
        """Let an event reach the inbox."""
        self._inbox.put(event)

    def close_camera(self) -> None:
        """What a long press does."""
        self.happens(ButtonHeld())
        wait_until(lambda: self.daemon.state.appliance.camera_closed, "the camera is closed")


@contextmanager
def live_box(server: MpdServer, folder: Path, mood: Mood, here: bool = False) -> Iterator[LiveBox]:
    """A running box; whoever is `here` is read as `mood`."""
    clock, inbox, sitter = SystemClock(), Inbox(), Sitter()
    sitter.here = here
    with ExitStack() as stack:
        eye = Eye(EndlessCamera(clock), sitter, FixedScores(mood))
        player = MpdPlayer(server.address, timeout_s=5.0)
        stack.callback(player.close)
        store, files = StateStore(folder), RuntimeFiles(folder)
        stack.enter_context(MpdListener(server.address, inbox, timeout_s=5.0))
        daemon = Daemon(
            Dependencies(
                clock, inbox, eye, player, FakePanel(), Notifier({}), files,
                Memory(store), replace(POLICY, reading_s=1.0, again_s=()),
            ),
            RATES,
        )  # fmt: skip
        thread = threading.Thread(target=daemon.run, name="box")
        thread.start()
        stack.callback(thread.join)
        stack.callback(inbox.put, Stop())
        wait_until(lambda: daemon.state.playing.playback is not None, "the box has polled MPD")
        yield LiveBox(daemon, inbox, sitter)
