"""The real process before a real MPD: it starts, is told, is killed, and ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.mpd_server import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.mpd_server import MpdServer


class Box:
    """A box in a folder, as systemd would start it; `log` is its stderr so far."""

    def __init__(self, folder: Path, mpd: MpdServer) -> None:
        self.folder = folder
        self.environ = {
            **os.environ,
            "MPD_HOST": mpd.address.host,
            "RUNTIME_DIRECTORY": str(folder),
            "STATE_DIRECTORY": str(folder),
            "GPIOZERO_PIN_FACTORY": "mock",
        }
        self.config = folder.with_name(f"{folder.name}.toml")
        self.config.write_text("[log]\nmoods = true\n", encoding="utf-8")

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of `moodbox` to its end."""
        return subprocess.run(
            [sys.executable, "-m", "moodbox", *arguments],
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    @contextmanager
    def running(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """The daemon, up; ended at the end if it still runs."""
        ups = self.log.count("moodbox has started")
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "moodbox", "run", "--camera", "scene"),
                    *("--config", str(self.config), *arguments),
                ],
                env=self.environ,
                stderr=log,
            )
        try:
            wait_until(lambda: self.log.count("moodbox has started") > ups, "the box is up", 60)
            yield process
        finally:
            process.kill()
            process.wait()

    @property
    def log(self) -> str:
        """What it has said so far."""
        path = self.folder / "log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    @property
    def status(self) -> dict[str, Any]:
        """What it says of itself; empty before it said anything."""
        path = self.folder / "status.json"
        told: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        return told


@pytest.fixture
def box(tmp_path: Path, mpd: MpdServer) -> Box:
    """A box that is not started yet."""
    return Box(tmp_path, mpd)


def playing(mpd: MpdServer) -> str:
    """What MPD plays; empty when it plays nothing."""
    with mpd.person() as client:
        if client.status()["state"] != "play":
            return ""
        return str(client.currentsong()["file"])


def test_an_evening_from_the_first_frame_to_the_end(box: Box, mpd: MpdServer) -> None:
    with box.running() as process:
        wait_until(lambda: playing(mpd).startswith("happy/"), "happy music", 30)
        wait_until(lambda: "playing happy music: happy/" in box.log, "the song in the log")
        assert box.status["mood"] == "happy"
        told = box.command("status")
        assert (told.returncode, "happy" in told.stdout) == (0, True)
        assert json.loads(box.command("status", "--json").stdout)["presence"] == "sitting"

        second = box.command("run", "--camera", "scene")
        assert second.returncode != 0
        assert "another box is running" in second.stderr

        send = ["mpc", "-h", mpd.address.host, "sendmessage", "moodbox"]
        subprocess.run([*send, "mood sad"], check=True, timeout=20)
        wait_until(lambda: playing(mpd).startswith("sad/"), "sad music, by message")
        told = box.command("detect")
        # On a busy machine the scene may have ended: then it says that there is no camera.
        assert ("it reads" in told.stdout) == (told.returncode == 0)
        assert any(
            word in told.stdout + told.stderr for word in ("it reads", "no mood", "no camera")
        )
        subprocess.run([*send, "camera off"], check=True, timeout=20)
        wait_until(lambda: box.status["state"] == "camera closed", "the camera is closed")

        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert playing(mpd), "the music stays"
    assert "Traceback" not in box.log
    assert box.command("status").returncode == 69
    assert {path.name for path in box.folder.iterdir()} == {
        "log",
        "owned.json",
        "state.json",
        "status.json",
    }
    with box.running():
        told = box.command("detect")
        assert (told.returncode, "the camera is closed" in told.stderr) == (1, True)
        wait_until(lambda: "'detect' is ignored" in box.log, "a message opens no closed camera")
        assert box.status["state"] == "camera closed"


@pytest.mark.parametrize("stalled", [False, True], ids=["MPD answers", "MPD stalls"])
def test_sigterm_ends_it_by_itself(stalled: bool, box: Box, mpd: MpdServer) -> None:
    """Within 2 s as the unit has it; a busy machine is given more here."""
    with box.running() as process:
        wait_until(lambda: "reading the face" in box.log, "somebody sits down", 30)
        if stalled:
            mpd.stall()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert "moodbox ends; the music stays as it is" in box.log
    assert "Traceback" not in box.log


def test_killed_and_started_again_it_knows_its_songs(box: Box, mpd: MpdServer) -> None:
    with box.running() as process:
        wait_until(lambda: "playing happy music" in box.log, "happy music", 30)
        process.kill()
        process.wait()
    with mpd.person() as client:
        before = client.playlistinfo()
    with box.running():
        wait_until(lambda: box.status.get("mpd", {}).get("queue") == len(before), "MPD is seen")
        assert box.status["manual_control"] is None
        assert box.status["mood"] == "happy"
        wait_until(lambda: box.log.count("somebody sits here") == 2, "a second sitting", 30)
        wait_until(lambda: box.log.count("it reads happy") == 2, "a second reading")
    with mpd.person() as client:
        assert [s["id"] for s in client.playlistinfo()] == [s["id"] for s in before]


def test_mpd_is_killed_and_comes_back_and_the_mood_is_in_force(box: Box, mpd: MpdServer) -> None:
    with box.running():
        wait_until(lambda: playing(mpd).startswith("happy/"), "happy music", 30)
        mpd.kill()
        wait_until(lambda: bool(box.status["mpd"]["fault"]), "it notices", 20)
        assert box.status["light"] == "trouble"
        mpd.start()
        wait_until(lambda: playing(mpd).startswith("happy/"), "happy music again", 30)
    assert "Traceback" not in box.log


def test_a_wish_to_switch_off_that_nobody_answered_is_forgotten(box: Box) -> None:
    (box.folder / "poweroff").touch()
    with box.running():
        assert not (box.folder / "poweroff").exists()
