"""The loop with a fake camera, player and panel, a simulated clock and real files."""

from __future__ import annotations

import gc
import json
import logging
import socket
import threading
import weakref
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from moodbox.adapters.inbox import Inbox
from moodbox.adapters.store import RuntimeFiles, StateStore
from moodbox.adapters.systemd import Notifier
from moodbox.core.mood import BBox, Frame, GrayImage, Mood
from moodbox.core.music.playback import (
    Add,
    PlayAdded,
    PlayState,
    QueueCommand,
    QueuedSong,
    Snapshot,
)
from moodbox.core.policy.state import State
from moodbox.core.ports import (
    ButtonHeld,
    ButtonHeldLonger,
    ButtonPressed,
    CameraError,
    CameraHangError,
    Clock,
    Event,
    Light,
    Message,
    PlayerChanged,
    PlayerRefusedError,
    Stop,
)
from moodbox.eye import Eye
from moodbox.memory import Memory
from moodbox.runtime import Daemon, Dependencies
from moodbox.runtime_state import from_record
from moodbox.sensing import CameraHangsError
from tests.support.evening import POLICY, RATES
from tests.support.fake_camera import FakeCamera
from tests.support.fake_clock import SimClock
from tests.support.fake_panel import FakePanel
from tests.support.fake_player import FakePlayer
from tests.support.simulated_box import FixedScores

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
class House:
    """A box in a folder; `again` starts it anew as after a kill."""

    folder: Path
    mood: Mood = Mood.HAPPY
    environ: dict[str, str] = field(default_factory=dict)
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


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A box in front of which somebody sits down and looks happy."""
    return House(tmp_path)


def test_somebody_sits_down_and_music_plays(house: House) -> None:
    house.live(4)
    assert (house.current or "").startswith("happy/")
    assert len(house.player.queue) == 20
    assert house.status["mood"] == "happy"
    assert house.status["presence"] == "sitting"
    assert house.status["manual_control"] is None
    assert house.panel.shown == [Light.OFF, Light.WORKING, Light.OFF]


def test_no_frame_outlives_its_iteration(house: House) -> None:
    """Pictures live in memory for one reading, and not even that long as pictures."""
    house.live(30)
    gc.collect()
    assert len(house.camera.frames) > 40
    assert [ref for ref in house.camera.frames if ref() is not None] == []


def test_a_very_long_press_leaves_the_file_for_which_the_machines_unit_waits(house: House) -> None:
    house.happens(ButtonHeldLonger())
    assert (house.folder / "poweroff").exists()
    assert house.panel.shown[-1] is Light.SWITCHING_OFF


def test_a_kill_between_adding_and_the_answer_leaves_no_user_songs(house: House) -> None:
    house.player.lose_after = 1
    house.live(2.5)
    assert house.player.queue, "the songs are in the queue, but no answer came"
    house.again()
    house.live(12)
    assert house.daemon.state.control.manual is None
    assert (house.current or "").startswith("happy/")
    assert len(house.player.queue) <= 20


def test_a_closed_camera_stays_closed_over_a_restart(house: House) -> None:
    house.live(4)
    house.happens(ButtonHeld())
    house.daemon.iterate()
    assert not house.camera.is_open
    house.again()
    house.happens(Message("detect"))
    house.live(60)
    assert not house.camera.is_open
    house.happens(ButtonPressed())
    house.live(1)
    assert house.camera.is_open


def test_a_user_action_between_the_decision_and_the_plan_is_seen(house: House) -> None:
    """The box polls once more right before it changes the queue."""
    house.live(1.5)
    house.player.user_add("albums/theirs.ogg")
    house.player.user_play()
    house.live(20)
    assert house.current == "albums/theirs.ogg"
    assert house.daemon.state.control.manual


def test_a_refusal_is_tried_again_more_and_more_rarely(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.player.refusing = True
    with caplog.at_level(logging.INFO, "moodbox"):
        house.live(600)
    assert 3 <= len(house.player.applied) <= 60
    assert house.panel.shown[-1] is Light.TROUBLE
    refusals = [r for r in caplog.records if "refuses" in r.getMessage()]
    assert len(refusals) == 1
    house.player.refusing = False
    house.happens(ButtonPressed())
    house.live(5)
    assert (house.current or "").startswith("happy/")


def test_what_the_box_itself_undoes_is_no_clearing_by_a_person(house: House) -> None:
    """The disk is away: of what was added to an empty queue nothing can be played."""
    house.player.unplayable = True
    house.live(60)
    assert house.player.applied
    assert house.player.queue == []
    assert house.daemon.state.control.manual is None
    house.player.unplayable, house.player.error = False, None
    house.live(300)
    assert (house.current or "").startswith("happy/")


def test_a_queue_that_takes_no_more_is_told_once(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.live(20)
    house.player.refusing = True
    tried = len(house.player.applied)
    with caplog.at_level(logging.INFO, "moodbox"):
        house.player.user_delete(*(song.id for song in house.player.queue[2:]))
        for _ in range(10):
            house.happens(PlayerChanged(frozenset({"playlist"})))
            house.live(30)
    assert len(house.player.applied) > tried + 3
    told = [r for r in caplog.records if "refused to add more songs" in r.getMessage()]
    assert len(told) == 1
    house.player.refusing = False
    house.happens(PlayerChanged(frozenset({"playlist"})))
    house.live(30)
    assert len(house.player.queue) > 10


def test_a_camera_that_fails_is_told_once_and_tried_again_more_and_more_rarely(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.camera.fault = CameraError("the camera is busy: a browser holds it")
    with caplog.at_level(logging.INFO, "moodbox"):
        house.live(300)
    assert 5 <= house.camera.openings <= 20
    told = [r for r in caplog.records if "a browser holds it" in r.getMessage()]
    assert len(told) == 1
    before = house.status["state"]
    house.camera.fault = None
    house.live(40)
    assert [before, house.status["state"]] == ["no camera", "watching"]


def test_a_camera_that_hangs_twice_ends_the_process(house: House) -> None:
    house.camera.fault = CameraHangError("the camera gives no picture")
    with pytest.raises(CameraHangsError, match="gives no picture"):
        house.live(60)
    assert not house.camera.is_open


def test_a_fault_of_the_camera_is_no_hang(house: House) -> None:
    house.camera.fault = CameraError("unplugged")
    house.live(60)


def test_a_stop_ends_the_loop_and_leaves_the_music(house: House) -> None:
    house.live(4)
    house.inbox.put(Stop())
    house.daemon.run()
    assert not house.camera.is_open
    assert house.current


def test_systemd_hears_ready_status_and_the_watchdog(tmp_path: Path) -> None:
    said: list[str] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        address = str(tmp_path / "notify")
        heard.bind(address)
        heard.settimeout(10)

        def listen() -> None:
            while "STOPPING=1" not in said:
                said.append(heard.recv(4096).decode())

        # The kernel keeps some ten datagrams: somebody has to take them, as systemd does.
        listener = threading.Thread(target=listen)
        listener.start()
        house = House(tmp_path, environ={"NOTIFY_SOCKET": address})
        house.clock.plan(house.clock.now_s() + 3, Stop())
        house.daemon.run()
        listener.join()
    assert said.index("READY=1") < said.index("WATCHDOG=1") < said.index("STOPPING=1")
    assert any(line.startswith("STATUS=") and "happy" in line for line in said)


def test_a_full_card_is_tried_again(tmp_path: Path) -> None:
    """The state's folder is gone; a minute after it is back, the state is written."""
    house = House(tmp_path)
    away = tmp_path.with_name(tmp_path.name + "-away")
    tmp_path.rename(away)
    house.happens(ButtonHeld())
    away.rename(tmp_path)
    house.live(61)
    assert StateStore(tmp_path).load().camera_closed


def test_a_flood_of_messages_stops_neither_the_eye_nor_the_watchdog(house: House) -> None:
    for number in range(5000):
        house.inbox.put(Message(f"nonsense {number}"))
    looked = len(house.camera.frames)
    for _ in range(30):
        house.daemon.iterate()
        house.clock.advance(0.5)
    assert len(house.camera.frames) > looked + 20


def test_a_flood_of_messages_delays_neither_the_button_nor_a_stop(house: House) -> None:
    house.live(4)
    for number in range(3000):
        house.inbox.put(Message(f"mood {list(Mood)[number % len(Mood)]}"))
    house.inbox.put(ButtonHeld())
    applied = len(house.player.applied)
    assert house.daemon.iterate()
    assert house.daemon.state.appliance.camera_closed
    assert len(house.player.applied) - applied <= len(Mood), "equal messages are one"
    for number in range(3000):
        house.inbox.put(Message(f"mood {list(Mood)[number % len(Mood)]}"))
    house.inbox.put(Stop())
    applied = len(house.player.applied)
    assert not house.daemon.iterate()
    assert len(house.player.applied) == applied, "a stop comes before them"


def test_a_person_at_the_box_comes_before_a_plan_that_takes_its_time(tmp_path: Path) -> None:
    """The player answers slowly; the button is pressed while the box puts on music."""
    player = SlowPlayer({mood: [f"{mood}/{n}.ogg" for n in range(500)] for mood in Mood})
    house = House(tmp_path, player=player)
    player.clock = house.clock
    player.on_reach = lambda: house.inbox.put(ButtonHeld())
    closed_s: list[float] = []

    def note(before: State, after: State) -> None:
        if after.appliance.camera_closed and not before.appliance.camera_closed:
            closed_s.append(house.clock.now_s())

    house.daemon.display.on_change = note
    began_s = house.clock.now_s()
    house.inbox.put(Message("mood sad"))
    house.inbox.put(Message("mood angry"))
    house.daemon.iterate()
    house.daemon.iterate()
    assert closed_s == [began_s + player.call_s], "after the call that was under way"
    house.live(60)
    assert (house.current or "").startswith(("sad/", "angry/")), "what was put off is done"


def test_dropped_messages_are_told_once(house: House, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "moodbox"):
        for _ in range(3):
            for number in range(100):
                house.inbox.put(Message(f"nonsense {number}"))
            house.daemon.iterate()
    told = [r for r in caplog.records if "messages were dropped" in r.getMessage()]
    assert len(told) == 1


class SlowPlayer(FakePlayer):
    """Answers each call just before it would count as gone; now and then it refuses to play."""

    call_s = 0.79
    clock: SimClock
    on_reach: Callable[[], None] | None = None
    """Called once, at the first call."""

    def apply(self, changes: Sequence[QueueCommand], since: Snapshot) -> tuple[QueuedSong, ...]:
        """Carry out a plan, or add its songs and then refuse."""
        if PlayAdded() not in changes or self.rng.random() < 0.3:
            return super().apply(changes, since)
        added = super().apply([change for change in changes if isinstance(change, Add)], since)
        refusal = PlayerRefusedError("A person changed what plays at the same moment as the box.")
        refusal.added = added
        raise refusal

    def _reach(self) -> None:
        super()._reach()
        on_reach, self.on_reach = self.on_reach, None
        if on_reach is not None:
            on_reach()
        self.clock.advance(self.call_s)


def test_no_iteration_outlasts_the_watchdog_before_a_player_that_takes_its_time(
    tmp_path: Path,
) -> None:
    unit = (Path(__file__).parents[1] / "systemd/moodbox.service").read_text(encoding="utf-8")
    watchdog_s = float(unit.partition("WatchdogSec=")[2].split()[0])
    # A mood's music takes as many calls as MPD's may at the most.
    player = SlowPlayer({mood: [f"{mood}/{n}.ogg" for n in range(500)] for mood in Mood})
    house = House(tmp_path, player=player)
    player.clock = house.clock
    longest_s = 0.0
    for number in range(100):
        for mood in Mood:
            house.inbox.put(Message(f"mood {mood}"))
        house.inbox.put(Message("detect") if number % 2 else PlayerChanged(frozenset({"database"})))
        if player.rng.random() < 0.5:
            player.user_add("moodbox/mood sad.flac", f"albums/{number}.ogg")
        player.user_delete(*(song.id for song in player.queue[:20]))
        house.sitter.here = player.rng.random() < 0.5
        began_s = house.clock.now_s()
        assert house.daemon.iterate()
        longest_s = max(longest_s, house.clock.now_s() - began_s)
    assert 10 < longest_s < 0.8 * watchdog_s


@pytest.mark.parametrize("record", ["[]", "{}", '{"mood": "sleepy"}', "{", '{"owned": 5}'])
def test_a_record_that_makes_no_sense_tells_nothing(record: str, tmp_path: Path) -> None:
    (tmp_path / "owned.json").write_text(record, encoding="utf-8")
    house = House(tmp_path)
    house.live(5)
    assert (house.current or "").startswith("happy/")
