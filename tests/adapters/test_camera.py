"""The camera sources, each by itself: what it shows, when, and what it says when it cannot."""

from __future__ import annotations

import errno
import os
import struct
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from moodbox.adapters.camera import make_camera
from moodbox.adapters.camera.frames import Turned, fit, to_gray
from moodbox.adapters.camera.holders import holders, told
from moodbox.adapters.camera.picamera import PiCamera
from moodbox.adapters.camera.scene import SCENARIO, scene_frame
from moodbox.adapters.camera.slideshow import Slideshow
from moodbox.adapters.camera.video import VideoFile
from moodbox.adapters.camera.webcam import Webcam
from moodbox.adapters.face import FaceFinder
from moodbox.config import CameraConfig, FaceConfig
from moodbox.core.mood import Frame
from moodbox.core.ports import CameraError
from moodbox.core.seeing import motion
from tests.support.camera_parts import (
    VIDEO_FRAMES,
    FakeCapture,
    FakePicamera2,
    brightness,
    write_pictures,
    write_video,
)
from tests.support.data import VIDEO, needs_scenes
from tests.support.fake_camera import FakeCamera
from tests.support.fake_clock import SimClock

# ── The built-in scene ───────────────────────────────────────────────────────────────────────────


def seconds(start_s: float, end_s: float, rate_hz: float) -> list[float]:
    return [float(t_s) for t_s in np.arange(start_s, end_s, 1 / rate_hz)]


COMES_S = SCENARIO.empty_s
SITS_S = COMES_S + SCENARIO.walk_s
RISES_S = COMES_S + SCENARIO.present_s - SCENARIO.walk_s
GONE_S = COMES_S + SCENARIO.present_s


def test_the_scene_is_the_same_every_time() -> None:
    assert (scene_frame(9.25) == scene_frame(9.25)).all()
    assert (scene_frame(9.25) != scene_frame(9.5)).any()


def test_the_scene_shows_one_face_while_she_sits() -> None:
    finder = FaceFinder(FaceConfig().smallest_share)
    found = [len(finder.find(scene_frame(t_s))) for t_s in seconds(SITS_S, RISES_S, 5)]
    assert len(found) > 25
    assert set(found) <= {0, 1}
    assert sum(found) >= 0.95 * len(found)


def test_the_scene_shows_nobody_before_and_after() -> None:
    finder = FaceFinder(FaceConfig().smallest_share)
    empty = seconds(0, COMES_S, 3) + seconds(GONE_S, SCENARIO.total_s, 3)
    assert [t_s for t_s in empty if finder.find(scene_frame(t_s))] == []


def test_she_moves_as_a_living_person_does() -> None:
    """At two frames a second nearly every one shows motion at her face; the empty room has none."""
    finder = FaceFinder(FaceConfig().smallest_share)

    def moved(t_s: float) -> bool:
        before, now = (motion.to_grid(scene_frame(at_s)) for at_s in (t_s - 0.5, t_s))
        changed = motion.changes(before, now)
        faces = finder.find(scene_frame(t_s))
        return motion.any_in(changed, faces[0], (480, 640)) if faces else bool(changed.any())

    sitting = [moved(t_s) for t_s in seconds(SITS_S + 0.5, RISES_S, 2)]
    assert sum(sitting) >= 0.8 * len(sitting)
    assert not any(moved(t_s) for t_s in seconds(0.5, COMES_S, 2))


def test_the_room_of_the_scene_is_dim_and_not_dark() -> None:
    assert not motion.is_dark(motion.to_grid(scene_frame(0)))
    assert scene_frame(0).mean() < 100


# ── Which source ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "source",
    ["", "video", "video:", "pictures:", "webcam", "webcam:", "webcam:-1", "webcam:x",
     "webcam:" + "9" * 400, "picamera", "scene:2", "none:", "VIDEO:a.mp4"],
)  # fmt: skip
def test_an_unknown_source_is_refused_with_the_known_ones(source: str) -> None:
    with pytest.raises(ValueError, match=r"picamera2, webcam:N, video:FILE, pictures:DIR"):
        make_camera(source, CameraConfig(), SimClock())


def test_making_a_camera_touches_nothing(tmp_path: Path) -> None:
    """The daemon starts without its camera; opening it tells what is wrong."""
    for source in ("webcam:99", f"video:{tmp_path}/no", f"pictures:{tmp_path}/no"):
        camera = make_camera(source, CameraConfig(), SimClock())
        with pytest.raises(CameraError):
            camera.open()


def test_a_file_name_may_hold_a_colon_and_any_script(tmp_path: Path) -> None:
    path = write_video(tmp_path / "video.avi").rename(tmp_path / "a:b खुशी.avi")
    camera = make_camera(f"video:{path}", CameraConfig(), SimClock())
    camera.open()
    assert camera.read() is not None
    camera.close()


def test_no_camera_says_how_to_configure_one() -> None:
    camera = make_camera("none", CameraConfig(), SimClock())
    for call in (camera.open, camera.read):
        with pytest.raises(CameraError, match=r"camera\.source"):
            call()
    camera.close()


# ── Turning ──────────────────────────────────────────────────────────────────────────────────────

CORNERS = np.array([[10, 20, 21], [40, 31, 30]], np.uint8)
"""Clockwise from the left top: 10, 20s, 30s, 40."""


@pytest.mark.parametrize(
    ("rotation_deg", "mirror", "seen"),
    [
        (0, False, [[10, 20, 21], [40, 31, 30]]),
        (90, False, [[40, 10], [31, 20], [30, 21]]),
        (180, False, [[30, 31, 40], [21, 20, 10]]),
        (270, False, [[21, 30], [20, 31], [10, 40]]),
        (0, True, [[21, 20, 10], [30, 31, 40]]),
        (90, True, [[10, 40], [20, 31], [21, 30]]),
    ],
)
def test_frames_are_turned_clockwise_and_then_mirrored(
    rotation_deg: int, mirror: bool, seen: list[list[int]]
) -> None:
    camera = Turned(FakeCamera(SimClock(), [CORNERS]), rotation_deg, mirror)
    camera.open()
    frame = camera.read()
    assert frame is not None
    assert frame.gray.tolist() == seen


def test_a_rotation_that_is_no_quarter_turn_is_refused() -> None:
    with pytest.raises(ValueError, match="45"):
        Turned(FakeCamera(SimClock(), [CORNERS]), 45, mirror=False)


def test_a_large_frame_is_scaled_down_in_proportion() -> None:
    assert fit(np.zeros((3000, 4000), np.uint8)).shape == (720, 960)
    assert fit(np.zeros((500, 20000), np.uint8)).shape == (32, 1280)
    assert fit(np.zeros((100, 200), np.uint8)).shape == (100, 200)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((0, 0), np.uint8),
        np.zeros((0, 5, 3), np.uint8),
        np.zeros((5, 5, 3), np.float32),
        np.zeros((5, 5), np.uint16),
        np.zeros((5, 5, 2), np.uint8),
    ],
)
def test_a_frame_of_a_wrong_shape_or_type_is_a_camera_fault(image: npt.NDArray[np.generic]) -> None:
    with pytest.raises(CameraError, match="frames that cannot be used"):
        to_gray(image)


# ── Video ────────────────────────────────────────────────────────────────────────────────────────


def shown(frame: Frame | None) -> int | None:
    """Which frame of the small video this is, by its brightness."""
    if frame is None:
        return None
    levels = [abs(int(frame.gray.mean()) - brightness(n)) for n in range(VIDEO_FRAMES)]
    return levels.index(min(levels))


def test_a_video_plays_at_its_own_pace(tmp_path: Path) -> None:
    clock = SimClock()
    video = VideoFile(write_video(tmp_path / "v.avi"), clock)
    video.open()
    seen = []
    for step_s in (0, 0.05, 0.06, 0.5, 0.04, 0.04, 0.04):
        clock.advance(step_s)
        seen.append(shown(video.read()))
    assert seen == [0, 0, 1, 6, 6, 6, 7]
    video.close()


def test_a_videos_frames_carry_the_moment_they_were_due(tmp_path: Path) -> None:
    clock = SimClock(start_s=500)
    video = VideoFile(write_video(tmp_path / "v.avi"), clock)
    video.open()
    clock.advance(0.77)
    frame = video.read()
    assert frame is not None
    assert frame.t_s == pytest.approx(500.7, abs=0.001)
    video.close()


def test_a_videos_last_frame_is_seen_before_its_end(tmp_path: Path) -> None:
    clock = SimClock()
    video = VideoFile(write_video(tmp_path / "v.avi"), clock)
    video.open()
    clock.advance(60)
    assert shown(video.read()) == VIDEO_FRAMES - 1
    assert video.read() is None
    assert video.read() is None
    video.close()


def test_a_video_starts_anew_when_it_is_reopened(tmp_path: Path) -> None:
    clock = SimClock()
    video = VideoFile(write_video(tmp_path / "v.avi"), clock)
    for _ in range(2):
        video.open()
        assert shown(video.read()) == 0
        clock.advance(1)
        assert shown(video.read()) == 10
        video.close()


@needs_scenes
def test_a_real_video_lasts_as_long_as_it_says() -> None:
    """person_then_nobody.mov has 169 frames in 6.4 s, at no constant rate."""
    clock = SimClock(start_s=0)
    video = VideoFile(VIDEO / "person_then_nobody.mov", clock)
    video.open()
    times = []
    while (frame := video.read()) is not None:
        assert frame.gray.shape == (540, 960)
        assert clock.now_s() - 0.2 < frame.t_s <= clock.now_s()
        times.append(frame.t_s)
        clock.advance(0.1)
    assert 6.2 < clock.now_s() < 6.6
    assert len(set(times)) > 60
    video.close()


def test_a_missing_video_is_named(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match=r"party\.mp4: there is no such video"):
        VideoFile(tmp_path / "party.mp4", SimClock()).open()


@pytest.mark.parametrize("content", [b"", b"no video at all" * 100, bytes(5000)])
def test_a_file_that_is_no_video_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "v.mp4"
    path.write_bytes(content)
    with pytest.raises(CameraError, match=r"v\.mp4: is no video"):
        VideoFile(path, SimClock()).open()


@needs_scenes
def test_a_video_without_its_index_is_refused(tmp_path: Path) -> None:
    """An mp4 that was cut off while it was copied lacks what stands at its end."""
    path = tmp_path / "cut.mp4"
    path.write_bytes((VIDEO / "neutral_then_smile.mp4").read_bytes()[:100_000])
    with pytest.raises(CameraError, match="cut off"):
        VideoFile(path, SimClock()).open()


def test_a_video_that_breaks_off_ends_with_one_line_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_video(tmp_path / "v.avi", frames=60)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    clock = SimClock()
    video = VideoFile(path, clock)
    video.open()
    for _ in range(40):
        clock.advance(0.5)
        video.read()
    assert video.read() is None
    assert len(caplog.messages) == 1
    assert "is the file cut off?" in caplog.text
    video.close()


@pytest.mark.parametrize(
    "name",
    ["12:30 party.avi", "clip%03d.avi", "new\nline.avi", "-dash.avi", "http:", "esc\x1b[31m.avi",
     os.fsdecode(b"M\xfcll.avi"), "0001.avi", "no suffix", "film.txt"],
    ids=ascii,
)  # fmt: skip
def test_a_video_is_a_file_whatever_its_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a protocol nor a series of pictures, and no crash of OpenCV's."""
    write_video(tmp_path / "v.avi").rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    for path in (tmp_path / name, Path(name)):
        video = VideoFile(path, SimClock())
        video.open()
        assert shown(video.read()) == 0
        video.close()


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "long", "zero byte"])
def test_what_is_no_file_is_no_video_and_not_waited_for(kind: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    path = {
        "folder": tmp_path, "pipe": tmp_path / "pipe", "device": Path("/dev/zero"),
        "long": tmp_path / ("x" * 300), "zero byte": tmp_path / "a\0b",
    }[kind]  # fmt: skip
    with pytest.raises(CameraError, match="cannot be read"):
        VideoFile(path, SimClock()).open()


@pytest.mark.parametrize(
    "start",
    [b"#EXTM3U\n#EXTINF:5,\nhttp://127.0.0.1:9/a.ts\n", b"ffconcat version 1.0\nfile /etc/passwd\n",
     b"v=0\no=- 0 0 IN IP4 127.0.0.1\n", b"<?xml version='1.0'?><MPD></MPD>", b"[playlist]\n"],
    ids=lambda start: repr(start)[:14],
)  # fmt: skip
def test_a_list_of_other_films_is_no_film(start: bytes, tmp_path: Path) -> None:
    """FFmpeg would open what it names, also in the network."""
    path = tmp_path / "film.mp4"
    path.write_bytes(start)
    with pytest.raises(CameraError, match="no video of a kind that is played here"):
        VideoFile(path, SimClock()).open()


def lasts_s(path: Path) -> float:
    """How long a video plays, by the clock."""
    clock = SimClock(start_s=0)
    video = VideoFile(path, clock)
    video.open()
    while video.read() is not None:
        assert clock.now_s() < 100
        clock.advance(0.1)
    video.close()
    return clock.now_s()


def write_mjpeg(path: Path, frames: int) -> Path:
    """What `rpicam-vid --codec mjpeg` writes: pictures one behind the other, without times."""
    pictures = [np.full((48, 64), brightness(number), np.uint8) for number in range(frames)]
    path.write_bytes(b"".join(cv2.imencode(".jpg", gray)[1].tobytes() for gray in pictures))
    return path


def test_a_film_without_time_stamps_plays_at_a_usual_pace(tmp_path: Path) -> None:
    """FFmpeg supposes 25 pictures a second."""
    assert lasts_s(write_mjpeg(tmp_path / "v.mjpeg", 50)) == pytest.approx(2, abs=0.2)
    assert lasts_s(write_mjpeg(tmp_path / "v", 50)) == pytest.approx(2, abs=0.2)


def ffmpeg(*arguments: str | Path) -> None:
    command = ["ffmpeg", "-y", "-v", "error", "-nostdin", *map(str, arguments)]
    subprocess.run(command, check=True, timeout=60)


def test_what_rpicam_vid_writes_plays_at_its_pace(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x48:r=25:d=3", "-c:v", "libx264", "-f", "h264",
           tmp_path / "v.h264")  # fmt: skip
    assert lasts_s(tmp_path / "v.h264") == pytest.approx(3, abs=0.2)


def test_a_film_whose_clock_wraps_or_starts_late_plays_on(tmp_path: Path) -> None:
    source = ("-f", "lavfi", "-i", "testsrc=s=64x48:r=25:d=3", "-c:v", "mpeg2video")
    for name, offset_s in (("wrap.ts", "95442.2"), ("late.ts", "3600")):
        ffmpeg(*source, "-output_ts_offset", offset_s, "-muxdelay", "0", tmp_path / name)
        assert lasts_s(tmp_path / name) == pytest.approx(3, abs=0.3)


def rotated(path: Path, quarters: int) -> Path:
    """The MP4 file with the note of a phone that was held so; its pictures stay as they are."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    one = 1 << 16
    cosine, sine = ((1, 0), (0, 1), (-1, 0), (0, -1))[quarters]
    matrix = (cosine * one, sine * one, 0, -sine * one, cosine * one, 0, 0, 0, 1 << 30)
    data[at : at + 36] = struct.pack(">9i", *matrix)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("quarters", range(4))
def test_a_phones_film_is_the_right_way_up(quarters: int, tmp_path: Path) -> None:
    """It is stored lying, with a note how the phone was held."""
    upright = np.full((48, 64, 3), 40, np.uint8)
    upright[:24, :32] = 220
    stored = np.ascontiguousarray(np.rot90(upright, quarters))
    path = tmp_path / "phone.mp4"
    size = stored.shape[1], stored.shape[0]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10, size)
    for _ in range(5):
        writer.write(stored)
    writer.release()
    video = VideoFile(rotated(path, quarters), SimClock())
    video.open()
    frame = video.read()
    assert frame is not None
    assert np.abs(frame.gray.astype(int) - upright[..., 0]).mean() < 12
    video.close()


def test_a_film_with_damage_in_it_goes_on_or_ends(tmp_path: Path) -> None:
    """A frame that cannot be decoded is no fault of the camera: that would start the film anew."""
    path = write_video(tmp_path / "v.avi", frames=60)
    data = bytearray(path.read_bytes())
    rng = np.random.default_rng(3)
    start = data.index(b"movi") + (len(data) - data.index(b"movi")) // 4
    for at in rng.integers(start, len(data), 200):
        data[at] = rng.integers(0, 256)
    path.write_bytes(data)
    assert 0 < lasts_s(path) <= 6.5


# ── Pictures ─────────────────────────────────────────────────────────────────────────────────────


def show(folder: Path, clock: SimClock) -> Slideshow:
    return Slideshow(folder, clock, 96, 64, show_s=6, gap_s=3)


def test_pictures_come_in_name_order_with_an_empty_wall_between(tmp_path: Path) -> None:
    """The middle of the frame: wall 90, first picture 150, second 170."""
    clock = SimClock()
    slides = show(write_pictures(tmp_path / "p", ("b.jpg", "a.png")), clock)
    slides.open()
    seen = []
    while (frame := slides.read()) is not None:
        seen.append(round(int(frame.gray[32, 48]), -1))
        clock.advance(1.5)
    wall, a, b = [90, 90], [170] * 4, [150] * 4
    assert seen == wall + a + wall + b + wall


def test_a_shown_picture_sways_a_little(tmp_path: Path) -> None:
    clock = SimClock()
    slides = show(write_pictures(tmp_path / "p"), clock)
    slides.open()
    clock.advance(4)
    frames = []
    for _ in range(4):
        frame = slides.read()
        assert frame is not None
        frames.append(frame.gray)
        clock.advance(0.5)
    assert all((a != b).any() for a, b in pairwise(frames))
    assert max(np.mean(a != b) for a, b in pairwise(frames)) < 0.2


def test_a_slide_that_sways_is_alive_and_the_wall_is_not(tmp_path: Path) -> None:
    """What the box asks of a face; the empty wall is neither motion nor darkness."""
    folder = tmp_path / "p"
    folder.mkdir()
    cv2.imwrite(str(folder / "her.png"), scene_frame(9))
    clock = SimClock()
    slides = Slideshow(folder, clock, 640, 480)
    slides.open()

    def grids(count: int) -> list[motion.Grid]:
        taken = []
        for _ in range(count):
            frame = slides.read()
            assert frame is not None
            taken.append(motion.to_grid(frame.gray))
            clock.advance(0.5)
        return taken

    wall = grids(6)
    clock.advance(0.5)
    slide = grids(10)
    assert not any(motion.is_dark(grid) for grid in wall + slide)
    assert not any(motion.changes(a, b).any() for a, b in pairwise(wall))
    assert sum(bool(motion.changes(a, b).any()) for a, b in pairwise(slide)) >= 7


def test_what_is_no_picture_is_passed_over_with_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = write_pictures(tmp_path / "p", ("b.png",))
    (folder / "a.jpg").write_bytes(b"no picture")
    (folder / "c.png").write_bytes(b"")
    (folder / "notes.txt").write_text("not looked at", encoding="utf-8")
    clock = SimClock()
    slides = show(folder, clock)
    slides.open()
    while slides.read() is not None:
        clock.advance(1)
    assert [message.split(":")[0].rpartition("/")[2] for message in caplog.messages] == [
        "a.jpg",
        "c.png",
    ]


def test_a_single_picture_is_a_slide_show_of_one(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path / "p", ("a.png", "b.png"))
    clock = SimClock()
    camera = make_camera(f"pictures:{folder / 'b.png'}", CameraConfig(), clock)
    camera.open()
    shown_levels = set()
    while (frame := camera.read()) is not None:
        shown_levels.add(round(int(frame.gray[240, 320]), -1))
        clock.advance(1)
    assert shown_levels == {90, 170}


def test_a_folder_of_what_cannot_be_read_says_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    with pytest.raises(CameraError, match=r"holds no picture that .*IMG_1.HEIC: is a HEIC"):
        show(tmp_path, SimClock()).open()


def test_a_folder_without_pictures_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(CameraError, match="holds no picture"):
        show(tmp_path, SimClock()).open()
    with pytest.raises(CameraError, match="nowhere: cannot be read: No such file"):
        show(tmp_path / "nowhere", SimClock()).open()


# ── Webcam ───────────────────────────────────────────────────────────────────────────────────────


def read_times(webcam: Webcam, times: int) -> None:
    for _ in range(times):
        webcam.read()


def test_a_webcam_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(CameraError, match=r"there is no webcam 99 \(/dev/video99\)"):
        Webcam(99, SimClock(), 640, 480).open()


def test_a_webcam_is_asked_for_the_configured_size() -> None:
    capture = FakeCapture()
    webcam = Webcam(0, SimClock(), 320, 240, lambda _: capture)
    webcam.open()
    webcam.close()
    assert capture.asked == {cv2.CAP_PROP_FRAME_WIDTH: 320, cv2.CAP_PROP_FRAME_HEIGHT: 240}


def test_closing_a_webcam_releases_it() -> None:
    capture = FakeCapture()
    webcam = Webcam(0, SimClock(), 64, 48, lambda _: capture)
    webcam.open()
    webcam.close()
    assert capture.released.is_set()


def test_an_unplugged_webcam_is_a_fault_and_is_released() -> None:
    capture = FakeCapture(frames=3)
    webcam = Webcam(7, SimClock(), 64, 48, lambda _: capture)
    webcam.open()
    with pytest.raises(CameraError, match="webcam 7 gives no more pictures"):
        read_times(webcam, 5)
    assert capture.released.wait(5)
    webcam.close()


def test_a_webcam_that_hangs_is_a_fault_and_is_left_to_itself() -> None:
    """The loop goes on; the device is released when its call comes back."""
    capture = FakeCapture()
    webcam = Webcam(7, SimClock(), 64, 48, lambda _: capture)
    webcam.open()
    capture.hang.set()
    with pytest.raises(CameraError, match="webcam 7 gives no picture"):
        read_times(webcam, 5)
    webcam.close()
    capture.let_go.set()
    assert capture.released.wait(5)


# ── picamera2 ────────────────────────────────────────────────────────────────────────────────────


def test_the_gray_frame_is_the_luma_without_its_padding() -> None:
    camera = PiCamera(SimClock(), 64, 48, FakePicamera2)
    camera.open()
    frame = camera.read()
    assert frame is not None
    assert frame.gray.shape == (48, 64)
    assert set(frame.gray.ravel().tolist()) == {90}


def test_every_buffer_goes_back_to_the_camera() -> None:
    made = FakePicamera2()
    camera = PiCamera(SimClock(), 64, 48, lambda: made)
    camera.open()
    for _ in range(3):
        camera.read()
    assert [request.released for request in made.requests] == [True] * 3


def test_one_object_serves_all_openings() -> None:
    made: list[FakePicamera2] = []

    def factory() -> FakePicamera2:
        made.append(FakePicamera2())
        return made[-1]

    camera = PiCamera(SimClock(), 64, 48, factory)
    for _ in range(20):
        camera.open()
        camera.close()
        assert not made[0].streaming
    assert len(made) == 1
    assert made[0].starts == 20


def test_a_camera_that_hangs_is_told_and_made_anew() -> None:
    made: list[FakePicamera2] = []

    def factory() -> FakePicamera2:
        made.append(FakePicamera2())
        return made[-1]

    camera = PiCamera(SimClock(), 64, 48, factory)
    camera.open()
    made[0].capture_fault = TimeoutError()
    with pytest.raises(CameraError, match="gives no picture: look at its cable"):
        camera.read()
    assert made[0].closed
    camera.open()
    assert camera.read() is not None
    assert len(made) == 2


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (OSError(errno.EBUSY, "Device or resource busy"), "the camera is busy"),
        (RuntimeError("Failed to acquire camera: Device or resource busy"), "the camera is busy"),
        (IndexError("list index out of range"), "no camera is connected"),
        (PermissionError(errno.EACCES, "Permission denied"), "group video"),
        (RuntimeError("Camera frontend has timed out!"), "Camera frontend has timed out!"),
    ],
)
def test_a_camera_that_cannot_be_opened_says_why_and_what_to_do(
    fault: Exception, says: str
) -> None:
    made = FakePicamera2()
    made.start_fault = fault
    camera = PiCamera(SimClock(), 64, 48, lambda: made)
    with pytest.raises(CameraError, match=says):
        camera.open()
    assert made.closed


def test_without_picamera2_it_says_what_to_install() -> None:
    """In an interpreter of its own, from which the library is kept."""
    program = (
        "import sys; sys.modules['picamera2'] = None\n"
        "from moodbox.adapters.camera.picamera import system_picamera2\n"
        "system_picamera2()"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "CameraError: picamera2 cannot be imported" in run.stderr
    assert "python3-picamera2" in run.stderr


def test_the_process_that_holds_a_device_is_named(tmp_path: Path) -> None:
    """A real process with an open file stands for one with an open camera."""
    device = tmp_path / "video0"
    device.touch()
    with (
        device.open() as held,
        subprocess.Popen(["sleep", "60"], stdin=held) as process,
    ):
        try:
            assert holders((str(tmp_path / "video"),)) == [f"sleep ({process.pid})"]
            assert holders((str(tmp_path / "media"),)) == []
            assert told((str(device),)) == f"held by sleep ({process.pid}): stop that first"
        finally:
            process.terminate()
