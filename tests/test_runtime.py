"""The loop with a fake camera, player and panel, a simulated clock and real files."""

from __future__ import annotations

import gc
import logging
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from moodbox.adapters.store import StateStore
from moodbox.core.mood import Mood
from moodbox.core.music.playback import (
    Add,
    PlayAdded,
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
    Light,
    Message,
    PlayerChanged,
    PlayerRefusedError,
    Stop,
)
from moodbox.sensing import CameraHangsError
from tests.support.box_of_fakes import BoxOfFakes
from tests.support.fake_clock import SimClock
from tests.support.fake_player import FakePlayer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@pytest.fixture
def box(tmp_path: Path) -> BoxOfFakes:
    """A box in front of which somebody sits down and looks happy."""
    return BoxOfFakes(tmp_path)


def test_somebody_sits_down_and_music_plays(box: BoxOfFakes) -> None:
    box.live(4)
    assert (box.current or "").startswith("happy/")
    assert len(box.player.queue) == 20
    assert box.status["mood"] == "happy"
    assert box.status["presence"] == "sitting"
    assert box.status["manual_control"] is None
    assert box.panel.shown == [Light.OFF, Light.WORKING, Light.OFF]


def test_no_frame_outlives_its_iteration(box: BoxOfFakes) -> None:
    """Pictures live in memory for one reading, and not even that long as pictures."""
    box.live(30)
    gc.collect()
    assert len(box.camera.frames) > 40
    assert [ref for ref in box.camera.frames if ref() is not None] == []


def test_a_very_long_press_leaves_the_file_that_switches_the_machine_off(
    box: BoxOfFakes,
) -> None:
    box.happens(ButtonHeldLonger())
    assert (box.folder / "poweroff").exists()
    assert box.panel.shown[-1] is Light.SWITCHING_OFF


def test_a_kill_between_adding_and_the_answer_leaves_no_user_songs(box: BoxOfFakes) -> None:
    box.player.lose_after = 1
    box.live(2.5)
    assert box.player.queue, "the songs are in the queue, but no answer came"
    box.again()
    box.live(12)
    assert box.daemon.state.control.manual is None
    assert (box.current or "").startswith("happy/")
    assert len(box.player.queue) <= 20


def test_a_closed_camera_stays_closed_over_a_restart(box: BoxOfFakes) -> None:
    box.live(4)
    box.happens(ButtonHeld())
    box.daemon.iterate()
    assert not box.camera.is_open
    box.again()
    box.happens(Message("detect"))
    box.live(60)
    assert not box.camera.is_open
    box.happens(ButtonPressed())
    box.live(1)
    assert box.camera.is_open


def test_a_user_action_between_the_decision_and_the_plan_is_seen(box: BoxOfFakes) -> None:
    """The box polls once more right before it changes the queue."""
    box.live(1.5)
    box.player.user_add("albums/theirs.ogg")
    box.player.user_play()
    box.live(20)
    assert box.current == "albums/theirs.ogg"
    assert box.daemon.state.control.manual


def test_a_refusal_is_tried_again_more_and_more_rarely(
    box: BoxOfFakes, caplog: pytest.LogCaptureFixture
) -> None:
    box.player.refusing = True
    with caplog.at_level(logging.INFO, "moodbox"):
        box.live(600)
    assert 3 <= len(box.player.applied) <= 60
    assert box.panel.shown[-1] is Light.TROUBLE
    refusals = [r for r in caplog.records if "refuses" in r.getMessage()]
    assert len(refusals) == 1
    box.player.refusing = False
    box.happens(ButtonPressed())
    box.live(5)
    assert (box.current or "").startswith("happy/")


def test_what_the_box_itself_undoes_is_no_clearing_by_a_person(box: BoxOfFakes) -> None:
    """The disk is away: of what was added to an empty queue nothing can be played."""
    box.player.unplayable = True
    box.live(60)
    assert box.player.applied
    assert box.player.queue == []
    assert box.daemon.state.control.manual is None
    box.player.unplayable, box.player.error = False, None
    box.live(300)
    assert (box.current or "").startswith("happy/")


def test_a_queue_that_takes_no_more_is_told_once(
    box: BoxOfFakes, caplog: pytest.LogCaptureFixture
) -> None:
    box.live(20)
    box.player.refusing = True
    tried = len(box.player.applied)
    with caplog.at_level(logging.INFO, "moodbox"):
        box.player.user_delete(*(song.id for song in box.player.queue[2:]))
        for _ in range(10):
            box.happens(PlayerChanged(frozenset({"playlist"})))
            box.live(30)
    assert len(box.player.applied) > tried + 3
    told = [r for r in caplog.records if "refused to add more songs" in r.getMessage()]
    assert len(told) == 1
    box.player.refusing = False
    box.happens(PlayerChanged(frozenset({"playlist"})))
    box.live(30)
    assert len(box.player.queue) > 10


def test_a_camera_that_fails_is_told_once_and_tried_again_more_and_more_rarely(
    box: BoxOfFakes, caplog: pytest.LogCaptureFixture
) -> None:
    box.camera.fault = CameraError("the camera is busy: a browser holds it")
    with caplog.at_level(logging.INFO, "moodbox"):
        box.live(300)
    assert 5 <= box.camera.openings <= 20
    told = [r for r in caplog.records if "a browser holds it" in r.getMessage()]
    assert len(told) == 1
    before = box.status["state"]
    box.camera.fault = None
    box.live(40)
    assert [before, box.status["state"]] == ["no camera", "watching"]


def test_a_camera_that_hangs_twice_ends_the_process(box: BoxOfFakes) -> None:
    box.camera.fault = CameraHangError("the camera gives no picture")
    with pytest.raises(CameraHangsError, match="gives no picture"):
        box.live(60)
    assert not box.camera.is_open


def test_a_fault_of_the_camera_is_no_hang(box: BoxOfFakes) -> None:
    box.camera.fault = CameraError("unplugged")
    box.live(60)


def test_a_stop_ends_the_loop_and_leaves_the_music(box: BoxOfFakes) -> None:
    box.live(4)
    box.inbox.put(Stop())
    box.daemon.run()
    assert not box.camera.is_open
    assert box.current


@pytest.mark.parametrize("log_moods", [False, True])
def test_the_log_is_no_history_of_moods_unless_it_is_asked_to_be(
    log_moods: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    box = BoxOfFakes(tmp_path, log_moods=log_moods)
    telling = {*Mood, "sits", "face", "left", "reads", "reading", "not sure"}
    with caplog.at_level(logging.INFO):
        box.live(4)
        box.player.library[Mood.SAD] = ()
        box.happens(Message("mood sad"), Message("mood angry"))
        box.live(4)
        box.player.error = "Failed to open angry/1.ogg"
        box.happens(PlayerChanged(frozenset({"player"})))
        box.player.error = None
        box.live(400)
        box.player.user_pause()
        box.happens(PlayerChanged(frozenset({"player"})))
        box.happens(ButtonHeld())
    said = [record.getMessage() for record in caplog.records]
    told = [line for line in said if any(word in line for word in telling)]
    assert bool(told) is log_moods, told
    assert any("the camera is closed" in line for line in said)
    assert any("a person paused" in line for line in said)
    assert any("cannot be played" in line for line in said)


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
        box = BoxOfFakes(tmp_path, environ={"NOTIFY_SOCKET": address})
        box.clock.plan(box.clock.now_s() + 3, Stop())
        box.daemon.run()
        listener.join()
    assert said.index("READY=1") < said.index("WATCHDOG=1") < said.index("STOPPING=1")
    assert any(line.startswith("STATUS=") and "happy" in line for line in said)


def test_a_full_card_is_tried_again(tmp_path: Path) -> None:
    """The state's folder is gone; a minute after it is back, the state is written."""
    box = BoxOfFakes(tmp_path)
    away = tmp_path.with_name(tmp_path.name + "-away")
    tmp_path.rename(away)
    box.happens(ButtonHeld())
    away.rename(tmp_path)
    box.live(61)
    assert StateStore(tmp_path).load().camera_closed


def test_a_flood_of_messages_stops_neither_the_eye_nor_the_watchdog(box: BoxOfFakes) -> None:
    for number in range(5000):
        box.inbox.put(Message(f"nonsense {number}"))
    looked = len(box.camera.frames)
    for _ in range(30):
        box.daemon.iterate()
        box.clock.advance(0.5)
    assert len(box.camera.frames) > looked + 20


def test_a_flood_of_messages_delays_neither_the_button_nor_a_stop(box: BoxOfFakes) -> None:
    box.live(4)
    for number in range(3000):
        box.inbox.put(Message(f"mood {list(Mood)[number % len(Mood)]}"))
    box.inbox.put(ButtonHeld())
    applied = len(box.player.applied)
    assert box.daemon.iterate()
    assert box.daemon.state.appliance.camera_closed
    assert len(box.player.applied) - applied <= len(Mood), "equal messages are one"
    for number in range(3000):
        box.inbox.put(Message(f"mood {list(Mood)[number % len(Mood)]}"))
    box.inbox.put(Stop())
    applied = len(box.player.applied)
    assert not box.daemon.iterate()
    assert len(box.player.applied) == applied, "a stop comes before them"


def test_a_person_at_the_box_comes_before_a_plan_that_takes_its_time(tmp_path: Path) -> None:
    """The player answers slowly; the button is pressed while the box puts on music."""
    player = SlowPlayer({mood: [f"{mood}/{n}.ogg" for n in range(500)] for mood in Mood})
    box = BoxOfFakes(tmp_path, player=player)
    player.clock = box.clock
    player.on_reach = lambda: box.inbox.put(ButtonHeld())
    closed_s: list[float] = []

    def note(before: State, after: State) -> None:
        if after.appliance.camera_closed and not before.appliance.camera_closed:
            closed_s.append(box.clock.now_s())

    box.daemon.display.on_change = note
    began_s = box.clock.now_s()
    box.inbox.put(Message("mood sad"))
    box.inbox.put(Message("mood angry"))
    box.daemon.iterate()
    box.daemon.iterate()
    assert closed_s == [began_s + player.call_s], "after the call that was under way"
    box.live(60)
    assert (box.current or "").startswith(("sad/", "angry/")), "what was put off is done"


def test_dropped_messages_are_told_once(box: BoxOfFakes, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "moodbox"):
        for _ in range(3):
            for number in range(100):
                box.inbox.put(Message(f"nonsense {number}"))
            box.daemon.iterate()
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
    box = BoxOfFakes(tmp_path, player=player)
    player.clock = box.clock
    longest_s = 0.0
    for number in range(100):
        for mood in Mood:
            box.inbox.put(Message(f"mood {mood}"))
        box.inbox.put(Message("detect") if number % 2 else PlayerChanged(frozenset({"database"})))
        if player.rng.random() < 0.5:
            player.user_add("moodbox/mood sad.flac", f"albums/{number}.ogg")
        player.user_delete(*(song.id for song in player.queue[:20]))
        box.sitter.here = player.rng.random() < 0.5
        began_s = box.clock.now_s()
        assert box.daemon.iterate()
        longest_s = max(longest_s, box.clock.now_s() - began_s)
    assert 10 < longest_s < 0.8 * watchdog_s


@pytest.mark.parametrize("record", ["[]", "{}", '{"mood": "sleepy"}', "{", '{"owned": 5}'])
def test_a_record_that_makes_no_sense_tells_nothing(record: str, tmp_path: Path) -> None:
    (tmp_path / "owned.json").write_text(record, encoding="utf-8")
    box = BoxOfFakes(tmp_path)
    box.live(5)
    assert (box.current or "").startswith("happy/")
