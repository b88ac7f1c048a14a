"""A box of fake parts: the real daemon on a fake camera, player and panel, in simulated time."""

from __future__ import annotations

import json
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from moodbox.adapters.inbox import Inbox
from moodbox.adapters.store import RuntimeFiles, StateStore
from moodbox.adapters.systemd import Notifier
from moodbox.core.mood import BBox, Frame, GrayImage, Mood
from moodbox.core.music.playback import PlayState
from moodbox.core.ports import CameraError, Clock, Event, PlayerChanged
from moodbox.eye import Eye
from moodbox.memory import Memory
from moodbox.runtime import Daemon, Dependencies
from moodbox.runtime_state import from_record
from tests.support.evening import POLICY, RATES
from tests.support.fake_camera import FakeCamera
from tests.support.fake_clock import SimClock
from tests.support.fake_panel import FakePanel
from tests.support.fake_player import FakePlayer
from tests.support.simulated_box import FixedScores

if TYPE_CHECKING:
    from pathlib import Path

LIBRARY = {mood: [f"{mood}/{number}.ogg" for number in range(30)] for mood in Mood}
FACE = BBox(40, 20, 60, 60)


def picture(number: int) -> GrayImage:
    """A room in which something moves from picture to picture."""
    gray = np.tile(np.linspace(40, 160, 160), (120, 1)).astype(np.uint8)
    gray[30:60, 50 + 10 * (number % 3) : 70 + 10 * (number % 3)] = 250
    return gray


class Sitter:
    """A face finder that sees the same face in every frame while `here`."""

    here = True

    def find(self, gray: GrayImage) -> list[BBox]:
        """The face, or nobody."""
        return [FACE] if self.here else []


class EndlessCamera(FakeCamera):
    """A camera before which something always moves; it remembers its frames, but weakly."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, [picture(0)])
        self.frames: list[weakref.ref[GrayImage]] = []
        self.fault: CameraError | None = None

    def read(self) -> Frame | None:
        """The next picture, or the fault."""
        if self.fault is not None:
            raise self.fault
        gray = picture(len(self.frames))
        self.frames.append(weakref.ref(gray))
        return Frame(self._clock.now_s(), gray)


@dataclass
class BoxOfFakes:
    """A box in a folder; `again` starts it anew as after a kill."""

    folder: Path
    mood: Mood = Mood.HAPPY
    environ: dict[str, str] = field(default_factory=dict)
    log_moods: bool = True
    player: FakePlayer = field(default_factory=lambda: FakePlayer(LIBRARY))

    def __post_init__(self) -> None:
        self.clock = SimClock()
        self.inbox = Inbox()
        self.camera = EndlessCamera(self.clock)
        self.sitter = Sitter()
        self.panel = FakePanel()
        self.again()

    def again(self) -> None:
        """A new process on the same files."""
        store, self.files = StateStore(self.folder), RuntimeFiles(self.folder)
        kept = store.load()
        self.daemon = Daemon(
            Dependencies(
                self.clock,
                self.inbox,
                Eye(self.camera, self.sitter, FixedScores(self.mood)),
                self.player,
                self.panel,
                Notifier(self.environ),
                self.files,
                Memory(store, kept.tastes, kept.history),
                POLICY,
            ),
            RATES,
            from_record(self.files.read_owned(), kept.camera_closed),
            log_moods=self.log_moods,
        )
        self.inbox.put(PlayerChanged())

    def live(self, for_s: float) -> None:
        """Let time pass."""
        end_s = self.clock.now_s() + for_s
        while self.clock.now_s() < end_s:
            assert self.daemon.iterate()

    def happens(self, *events: Event) -> None:
        """Let events reach the inbox, and be dealt with."""
        for event in events:
            self.inbox.put(event)
        self.daemon.iterate()

    @property
    def status(self) -> dict[str, object]:
        """What status.json says."""
        data = json.loads((self.folder / "status.json").read_text(encoding="utf-8"))
        assert isinstance(data, dict)
        return data

    @property
    def current(self) -> str | None:
        """What plays."""
        songs = {song.id: song.uri for song in self.player.queue}
        playing = self.player.state is PlayState.PLAY and self.player.current_id is not None
        return songs[self.player.current_id] if playing else None  # type: ignore[index]
