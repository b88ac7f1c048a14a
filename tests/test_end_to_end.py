"""Picture → mood → music with real parts: pictures, face finder, shipped model and MPD."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from mpd import CommandError, MPDClient

from moodbox.adapters.camera.scene import SCENARIO, scene_frame
from moodbox.config import CameraConfig
from moodbox.core.mood import Mood
from moodbox.core.ports import Light, Message
from tests.support.data import NO_FACE, VIDEO, needs_scenes
from tests.support.drawn_room import DrawnEye, DrawnRoom
from tests.support.fake_clock import SimClock
from tests.support.mpd_server import wait_until
from tests.support.simulated_box import FixedScores, SimulatedBox, simulated_box

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.mpd_server import MpdServer


def playing(mpd: MpdServer) -> str | None:
    """What MPD itself says it plays; None when it plays nothing."""
    with mpd.person() as client:
        if client.status()["state"] != "play":
            return None
        return str(client.currentsong()["file"])


def live_to_the_end(box: SimulatedBox) -> None:
    """Let the pictures come to their end."""
    while not box.daemon.parts.eye.ended:
        box.live(1.0)


@needs_scenes
def test_a_man_who_is_replaced_by_a_drawing_sits_once_and_is_read_once(
    mpd: MpdServer, tmp_path: Path
) -> None:
    box = simulated_box(f"video:{VIDEO / 'person_then_nobody.mov'}", mpd, tmp_path)
    live_to_the_end(box)
    assert (box.sittings, box.begun, len(box.readings)) == (1, 1, 1)
    assert box.switches <= 1


@needs_scenes
@pytest.mark.parametrize("mood", list(Mood))
def test_with_fixed_scores_the_music_is_switched_exactly_once(
    mood: Mood, mpd: MpdServer, tmp_path: Path
) -> None:
    source = f"video:{VIDEO / 'person_then_nobody.mov'}"
    box = simulated_box(source, mpd, tmp_path, reader=FixedScores(mood))
    live_to_the_end(box)
    assert (box.sittings, len(box.readings), box.switches) == (1, 1, 1)
    assert (playing(mpd) or "").startswith(f"{mood}/")


@needs_scenes
def test_a_man_who_begins_to_smile_is_one_sitting(mpd: MpdServer, tmp_path: Path) -> None:
    box = simulated_box(f"video:{VIDEO / 'neutral_then_smile.mp4'}", mpd, tmp_path)
    live_to_the_end(box)
    assert (box.sittings, box.begun) == (1, 1)


@needs_scenes
@pytest.mark.parametrize("source", [f"video:{VIDEO / 'nobody_bottles.mp4'}", f"pictures:{NO_FACE}"])
def test_where_nobody_is_no_reading_begins(source: str, mpd: MpdServer, tmp_path: Path) -> None:
    box = simulated_box(source, mpd, tmp_path, reader=FixedScores(Mood.HAPPY))
    live_to_the_end(box)
    assert (box.sittings, box.begun, box.switches) == (0, 0, 0)
    assert playing(mpd) is None


def test_the_built_in_scene_is_one_happy_sitting_and_mpd_plays(
    mpd: MpdServer, tmp_path: Path
) -> None:
    box = simulated_box("scene", mpd, tmp_path, leave_after_s=2.5)
    live_to_the_end(box)
    assert (box.sittings, box.switches) == (1, 1)
    assert [reading.mood for reading in box.readings] == [Mood.HAPPY]
    assert (playing(mpd) or "").startswith("happy/")
    wait_until(box.hears, "the music is heard")
    assert any(line.startswith("playing happy music: happy/") for line in box.told)
    assert "they have left; nobody is here" in box.told


def test_music_waits_for_whoever_left_when_the_configuration_says_so(
    mpd: MpdServer, tmp_path: Path
) -> None:
    clock = SimClock()
    room, eye = DrawnRoom(clock), DrawnEye()
    box = simulated_box(
        room, mpd, tmp_path, reader=eye, finder=eye, clock=clock,
        leave_after_s=5.0, pause_when_left=True,
    )  # fmt: skip
    room.sitter = Mood.SAD
    box.live(8)
    song = playing(mpd)
    assert (song or "").startswith("sad/")
    room.sitter = None
    box.live(20)
    assert (playing(mpd), box.state.control.manual) == (None, None)
    room.sitter = Mood.SAD
    box.live(8)
    assert (playing(mpd), box.switches) == (song, 1)


def test_music_follows_within_a_second_of_the_reading(mpd: MpdServer, tmp_path: Path) -> None:
    """In the box's own time: 8 predictions a second, sure after three of a clear face."""
    box = simulated_box("scene", mpd, tmp_path)
    while box.state.seeing.attempt is None:
        box.daemon.iterate()
    began_s = box.clock.now_s()
    box.live(4.5, until_read=1)
    assert box.clock.now_s() - began_s <= 1.0
    assert playing(mpd) is not None


@pytest.mark.parametrize(("turn_deg", "mirror"), [(90, False), (180, True), (270, False)])
def test_a_camera_that_hangs_askew_is_set_right_by_the_configuration(
    turn_deg: int, mirror: bool, mpd: MpdServer, tmp_path: Path
) -> None:
    """The scene is filmed by a turned camera; `rotation_deg` and `mirror` undo it."""
    film = tmp_path / "askew.avi"
    film_scene(film, turn_deg, mirror=mirror)
    settings = CameraConfig(rotation_deg=turn_deg, mirror=mirror)
    box = simulated_box(f"video:{film}", mpd, tmp_path, settings=settings)
    live_to_the_end(box)
    assert [reading.mood for reading in box.readings] == [Mood.HAPPY]
    # Without the settings there is nobody to see in the same film.
    blind = simulated_box(f"video:{film}", mpd, tmp_path)
    live_to_the_end(blind)
    assert bool(blind.readings) == (turn_deg == 0)


def film_scene(path: Path, turn_deg: int, *, mirror: bool) -> None:
    """Film the sitting of the built-in scene with a camera that `turn_deg` clockwise sets right."""
    film = None
    for t_s in np.arange(SCENARIO.empty_s - 0.5, SCENARIO.empty_s + 4.5, 0.1):
        gray = scene_frame(float(t_s))
        if mirror:
            gray = gray[:, ::-1]
        picture = cv2.cvtColor(np.ascontiguousarray(np.rot90(gray, turn_deg // 90)), 8)
        if film is None:
            size = (picture.shape[1], picture.shape[0])
            film = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, size)
        film.write(picture)
    assert film is not None
    film.release()


# ── User actions ─────────────────────────────────────────────────────────────────────────────────


# ── Accidents ────────────────────────────────────────────────────────────────────────────────────


def test_mpd_is_away_while_somebody_is_read_and_plays_when_it_is_back(
    mpd: MpdServer, tmp_path: Path
) -> None:
    box = simulated_box("scene", mpd, tmp_path)
    mpd.kill()
    box.live(9, until_read=1)
    assert box.readings[0].mood is Mood.HAPPY
    assert box.state.playing.player_fault
    assert box.panel.shown[-1] is Light.TROUBLE
    mpd.start()
    box.live(4)
    assert (playing(mpd) or "").startswith("happy/")
    assert box.panel.shown[-1] is not Light.TROUBLE
    lost = [line for line in box.told if "MPD at" in line]
    assert len(lost) == 1, "an outage is one line in the log"


def _has_stopped(client: MPDClient) -> bool:
    """Whether it stays silent: between two songs that it cannot play MPD says stop as well."""
    statuses = [client.status()]
    while len(statuses) < 50 and statuses[-1]["state"] == "stop" and statuses[-1] == statuses[0]:
        time.sleep(0.01)
        statuses.append(client.status())
    return len(statuses) == 50


def test_a_disk_that_was_away_while_mpd_updated_its_database_is_no_user_action(
    mpd: MpdServer, tmp_path: Path
) -> None:
    box = simulated_box("scene", mpd, tmp_path)
    box.happens(Message("mood sad"))
    folder, away = mpd.music / "sad", mpd.music / ".away"
    folder.rename(away)
    try:
        with mpd.person() as client:
            with contextlib.suppress(CommandError):
                client.next()
            wait_until(lambda: _has_stopped(client), "MPD has given up its lost files")
            box.after_user_action()
            mpd.update()
            assert client.playlistinfo() == [], "MPD took its lost songs out"
        box.after_user_action()
        assert box.state.control.manual is None
        box.live(9, until_read=1)
        assert (playing(mpd) or "").startswith("happy/")
    finally:
        away.rename(folder)
        mpd.update()


def test_a_mood_without_songs_leaves_the_music_and_says_so(mpd: MpdServer, tmp_path: Path) -> None:
    box = simulated_box("scene", mpd, tmp_path)
    box.happens(Message("mood sad"))
    before = playing(mpd)
    folder, away = mpd.music / "happy", mpd.music / ".away"
    folder.rename(away)
    try:
        mpd.update()
        box.live(9, until_read=1)
        assert box.readings[0].mood is Mood.HAPPY
        assert playing(mpd) == before
        assert any(line.startswith("no music for happy") for line in box.told)
        assert box.panel.shown[-1] is Light.TROUBLE
    finally:
        away.rename(folder)
        mpd.update()
