"""The daemon of real parts in simulated time: eye, policy, a real MPD; a fake clock and panel."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from moodbox.adapters.camera import make_camera
from moodbox.adapters.classifier import Classifier
from moodbox.adapters.face import FaceFinder
from moodbox.adapters.inbox import Inbox
from moodbox.adapters.mpd.player import MpdPlayer
from moodbox.adapters.store import RuntimeFiles, StateStore
from moodbox.adapters.systemd import Notifier
from moodbox.compose import model_folder
from moodbox.config import CameraConfig, Config, FaceConfig, SittingKeys
from moodbox.core import report
from moodbox.core.mood import Mood, Scores
from moodbox.core.music.playback import PlayAdded
from moodbox.core.policy.settings import Rates
from moodbox.core.ports import PlayerChanged
from moodbox.core.seeing.presence import Presence
from moodbox.eye import Eye
from moodbox.memory import Memory
from moodbox.runtime import Daemon, Dependencies
from moodbox.settings import policy
from tests.support.evening import RATES
from tests.support.fake_clock import SimClock
from tests.support.fake_panel import FakePanel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from moodbox.adapters.mpd.address import MpdAddress
    from moodbox.core.mood import BBox as FaceBox
    from moodbox.core.mood import GrayImage
    from moodbox.core.music.playback import QueueCommand, QueuedSong, Snapshot
    from moodbox.core.policy.state import State
    from moodbox.core.ports import Camera, Event
    from moodbox.core.seeing.reading import Reading
    from moodbox.eye import Classifier as Reader
    from moodbox.eye import FaceFinder as Finder
    from tests.support.mpd_server import MpdServer


class FixedScores:
    """A classifier that reads the same mood in every face."""

    def __init__(self, mood: Mood, probability: float = 0.96) -> None:
        rest = (1 - probability) / (len(Mood) - 1)
        self._scores = Scores({each: probability if each is mood else rest for each in Mood})

    def predict(self, gray: GrayImage, box: FaceBox) -> Scores:
        """The same, whatever it looks at."""
        return self._scores


class NotingPlayer(MpdPlayer):
    """The real player; it notes the plans that it carried out."""

    plans: list[tuple[QueueCommand, ...]]

    def apply(self, changes: Sequence[QueueCommand], since: Snapshot) -> tuple[QueuedSong, ...]:
        """Carry out a plan, as ever."""
        added = super().apply(changes, since)
        self.plans.append(tuple(changes))
        return added


@cache
def shipped_classifier() -> Classifier:
    """The model that comes with the program."""
    return Classifier(model_folder(Config()))


@dataclass
class SimulatedBox:
    """A box whose evening passes in no time, and what it did."""

    daemon: Daemon
    clock: SimClock
    inbox: Inbox
    player: NotingPlayer
    panel: FakePanel
    sittings: int = 0
    begun: int = 0
    """Readings that were begun."""
    readings: list[Reading] = field(default_factory=list)
    """Readings that came to an end."""
    told: list[str] = field(default_factory=list)
    """The sentences of the log."""

    def __post_init__(self) -> None:
        self.daemon.display.on_change = self._note

    @property
    def state(self) -> State:
        """Everything the box knows."""
        return self.daemon.state

    @property
    def switches(self) -> int:
        """How often it put another music on."""
        return sum(any(isinstance(c, PlayAdded) for c in plan) for plan in self.player.plans)

    def live(self, for_s: float, *, until_read: int | None = None) -> None:
        """Let time pass; until so many readings have ended, if that comes first."""
        end_s = self.clock.now_s() + for_s
        while self.clock.now_s() < end_s:
            self.daemon.iterate()
            if until_read is not None and len(self.readings) >= until_read:
                return

    def happens(self, *events: Event) -> None:
        """Let events reach the inbox, and be dealt with."""
        for event in events:
            self.inbox.put(event)
        self.daemon.iterate()

    def after_user_action(self) -> None:
        """What the listener does when a person's client changed something."""
        self.happens(PlayerChanged())

    def hears(self) -> bool:
        """Let it poll again; whether music is heard by now, which takes real time."""
        self.live(2.0)
        return not (self.state.playing.unheard or self.state.playing.music_fault)

    def _note(self, before: State, after: State) -> None:
        self.told += report.transitions(before, after)
        sits = after.seeing.tracked.presence is Presence.SITTING
        self.sittings += sits and before.seeing.tracked.presence is not Presence.SITTING
        self.begun += after.seeing.attempt is not None and before.seeing.attempt is None
        if after.seeing.reading is not None and after.seeing.reading is not before.seeing.reading:
            self.readings.append(after.seeing.reading)


def simulated_box(
    camera: str | Camera,
    server: MpdServer,
    folder: Path,
    *,
    reader: Reader | None = None,
    clock: SimClock | None = None,
    settings: CameraConfig | None = None,
    leave_after_s: float = 120.0,
    pause_when_left: bool = False,
    reread_min: float = 0.0,
    finder: Finder | None = None,
    address: MpdAddress | None = None,
    rates: Rates | None = None,
) -> SimulatedBox:
    """A box before `camera` (a source's name or an object) on `server`, with the shipped model.

    `address` is where it reaches the server, where that is not the server's own.
    """
    clock = clock or SimClock()
    settings = settings or CameraConfig()
    if isinstance(camera, str):
        camera = make_camera(camera, settings, clock)
    inbox = Inbox()
    player = NotingPlayer(address or server.address, timeout_s=5.0)
    player.plans = []
    panel = FakePanel()
    classifier = shipped_classifier()
    config = Config(
        sitting=SittingKeys(
            leave_after_s=leave_after_s, pause_when_left=pause_when_left, reread_min=reread_min
        )
    )
    parts = Dependencies(
        clock,
        inbox,
        Eye(camera, finder or FaceFinder(FaceConfig().smallest_share), reader or classifier),
        player,
        panel,
        Notifier({}),
        RuntimeFiles(folder),
        Memory(StateStore(folder)),
        policy(config, classifier.manifest.point),
    )
    box = SimulatedBox(Daemon(parts, rates or RATES, log_moods=True), clock, inbox, player, panel)
    box.happens(PlayerChanged())
    return box
