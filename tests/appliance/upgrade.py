"""An older version comes onto the machine, is lived with, and gives way to this one."""

from __future__ import annotations

import shutil
import subprocess
import warnings
from pathlib import Path

from tests.appliance.machine import CHECKOUT, SETTINGS, Machine

OLDER = "ec4ee4e775885875e1f82f518f9795cb1d11cb32"
"""The first version with all that a person has in a box: settings, tastes and playlists as remote.
Later ones take the same packages, so that a folder of today's serves for it."""


def test_an_upgrade_keeps_what_is_a_persons_and_plays(machine: Machine) -> None:
    older = machine.root / "root/older"
    lay_out_older(older, machine.root / "root/moodbox")
    machine.run("/root/older/provision.sh", "--offline", "/root/offline")
    settings = machine.root / "etc/moodbox/moodbox.toml"
    own = machine.root / "etc/moodbox/mpd-local.conf"
    song = machine.root / "srv/music/happy/mine.flac"
    own.write_text("# mine\n")
    shutil.copy(next(song.parent.glob("*.flac")), song)
    known_then = SETTINGS.partition("[log]")[0]
    machine.set_up(known_then.replace("video:/srv/scene.avi", "none") + "# mine\n")
    machine.until("it listens", lambda: machine.hears("camera off"))
    skipped = skip_one(machine)
    before = machine.unit("moodbox", "MainPID")

    told = machine.provision("--offline", "/root/offline")
    assert "install into /opt/moodbox" in told
    assert machine.unit("moodbox", "MainPID") not in {"0", before}
    assert machine.unit("moodbox", "ActiveState") == "active", told
    assert settings.read_text().endswith("# mine\n")
    assert own.read_text() == "# mine\n"
    assert machine.status()["camera"]["closed"]
    assert skipped in machine.run("moodbox", "library", "--learned")
    machine.until("MPD has the song", lambda: "happy/mine.flac" in machine.mpc("listall"))
    machine.until("it listens", lambda: machine.hears("mood sad"))
    machine.until("sad music plays", lambda: machine.playing_mood() == "sad")


def lay_out_older(at: Path, checkout: Path) -> None:
    """Put the older version there; this one, but for a remark, where the history lacks it."""
    at.mkdir()
    archive = ["git", "-C", str(CHECKOUT), "archive", OLDER]
    made = subprocess.run(archive, capture_output=True, check=False)
    if made.returncode == 0:
        subprocess.run(["tar", "-x", "-C", at], input=made.stdout, check=True)
        return
    warnings.warn(
        f"this clone is too shallow to hold the version {OLDER}: "
        "what is upgraded is this version, but for a remark in its program",
        stacklevel=2,
    )
    shutil.copytree(checkout, at, dirs_exist_ok=True)
    with (at / "device/moodbox/__init__.py").open("a") as code:
        code.write("\n# an older version\n")


def skip_one(machine: Machine) -> str:
    """Have a mood, skip its first song, and wait until the box is at the next; the first's URI."""
    machine.until("it listens", lambda: machine.hears("mood happy"))
    machine.until("happy music plays", lambda: machine.playing_mood() == "happy")
    skipped = machine.mpc("current", "--format=%file%").strip()
    machine.until("it knows", lambda: machine.status()["mood"] == "happy")
    machine.mpc("next")
    return skipped
