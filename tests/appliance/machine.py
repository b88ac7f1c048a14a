"""A fresh Debian machine to provision: an overlay over a base root, booted by its own systemd."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from moodbox.core.mood import Mood

RELEASE = os.environ.get("MOODBOX_RELEASE", "bookworm")
HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
ROOTS = str(HERE / "roots.sh")


SETTINGS = """\
[camera]
source = "video:/srv/scene.avi"
[sitting]
leave_after_s = 3
[panel]
enabled = false
[log]
moods = true
"""
"""A configuration before whose camera a film is shown."""

MOODS = tuple(Mood)


class Machine:
    """One machine; `drop` forgets it. Needs root, debootstrap and systemd-nspawn."""

    def __init__(self, release: str, name: str) -> None:
        """Make it, not yet booted. `release` is bookworm or trixie."""
        self.release, self.name = release, name
        self.root = Path(_output(ROOTS, "fresh", release, name).strip())

    def boot(self, *options: str) -> None:
        """Start its systemd, and wait until that says running or degraded.

        `options` are more of systemd-nspawn's.
        """
        _output(ROOTS, "boot", str(self.root), *options)

    def switch_on(self) -> None:
        """Start its systemd, and do not wait until all is started."""
        _output(ROOTS, "switch_on", str(self.root))

    def pull_the_plug(self) -> None:
        """End it at once, as a power cut does."""
        _output(ROOTS, "halt", str(self.root))

    def is_off(self) -> bool:
        """Whether it switched itself off."""
        pid = int((self.root.parent / "pid").read_text())
        return not Path(f"/proc/{pid}").exists() or _is_zombie(pid)

    def init(self) -> int:
        """The process here that is its init; the machine must be booted."""
        return int(_output(ROOTS, "leader", str(self.root)))

    def host_pid(self, pid: int) -> int:
        """The process here that has this number in it; 0 when there is none."""
        namespace = Path(f"/proc/{self.init()}/ns/pid").readlink()
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # it has ended meanwhile
                inner = (folder / "status").read_text().partition("NSpid:")[2].split("\n")[0]
                alike = inner.split()[-1:] == [str(pid)]
                if alike and (folder / "ns/pid").readlink() == namespace:
                    return int(folder.name)
        return 0

    def drop(self) -> None:
        """End it and forget all that was written in it."""
        _output(ROOTS, "drop", self.name)

    def try_run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in it; stdout and stderr come back as one text."""
        return subprocess.run(
            [ROOTS, "in", str(self.root), *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def run(self, *command: str) -> str:
        """Run a command in it that has to succeed; what it printed."""
        done = self.try_run(*command)
        assert done.returncode == 0, f"{' '.join(command)}: {done.returncode}\n{done.stdout}"
        return done.stdout

    def provision(self, *arguments: str) -> str:
        """Run provision.sh; what it said."""
        return self.run("/root/moodbox/provision.sh", *arguments)

    def set_up(self, settings: str) -> None:
        """Give the box another configuration, and start it anew."""
        (self.root / "etc/moodbox/moodbox.toml").write_text(settings)
        self.run("systemctl", "restart", "moodbox")

    def plays_a_mood(self) -> bool:
        """Whether MPD plays a song out of a mood's folder."""
        return self.playing_mood() is not None

    def playing_mood(self) -> str | None:
        """The mood out of whose folder MPD plays a song; None when it does not."""
        told = self.try_run("mpc", "--host=127.0.0.1", "--format=%file%", "status").stdout
        folder = told.split("/")[0]
        return folder if folder in MOODS and "[playing]" in told else None

    def plug_in(self, image: Path) -> str:
        """Give it a disk with the file system of `image`; the device's name in its /dev.

        udev does not run in it: the service that the rule would start has to be started by hand.
        """
        device = Path(_output("losetup", "--find", "--show", "--read-only", str(image)).strip())
        number = device.stat().st_rdev
        major, minor = str(os.major(number)), str(os.minor(number))
        self.run("mknod", str(device), "b", major, minor)
        return device.name

    def unplug(self, name: str) -> None:
        """Take the disk away again."""
        self.run("rm", f"/dev/{name}")
        _output("losetup", "--detach", f"/dev/{name}")

    def mpc(self, *arguments: str) -> str:
        """Ask its MPD as a client on the network does."""
        return self.run("mpc", "--host=127.0.0.1", *arguments)

    def mpc_here(self, *arguments: str) -> str:
        """Ask its MPD as a program on the box does, which may do all."""
        return self.run("mpc", "--host=/run/mpd/socket", *arguments)

    def hears(self, message: str) -> bool:
        """Send the box a message as any client can; whether it listens."""
        sent = self.try_run("mpc", "--host=127.0.0.1", "sendmessage", "moodbox", message)
        return sent.returncode == 0

    def unit(self, unit: str, name: str) -> str:
        """One property of a unit."""
        return self.run("systemctl", "show", "--value", f"--property={name}", unit).strip()

    def status(self) -> dict[str, Any]:
        """The daemon's status.json; empty while there is none."""
        text = self.try_run("cat", "/run/moodbox/status.json")
        return dict(json.loads(text.stdout)) if text.returncode == 0 else {}

    def until(self, what: str, holds: Callable[[], bool], within_s: float = 60) -> None:
        """Wait until a condition holds; fails with its name and the log when it never does.

        The bound is many times what it takes: it only ends a test that would wait for ever.
        """
        give_up_s = time.monotonic() + within_s
        while not holds():
            if time.monotonic() > give_up_s:
                log = self.try_run("journalctl", "--no-pager", "-n", "30", "-u", "moodbox").stdout
                raise AssertionError(f"not within {within_s:g} s: {what}\n{log}")
            time.sleep(0.2)


def lay_out(checkout: Path, offline: Path) -> None:
    """Put a clone of this checkout, and all the packages that a box needs, into a machine."""
    subprocess.run(["git", "clone", "--quiet", "--no-local", CHECKOUT, checkout], check=True)
    shutil.copytree(offline_folder(RELEASE), offline)


def offline_folder(release: str) -> Path:
    """The packages and wheels for a release, downloaded once."""
    return Path(_output(ROOTS, "offline", release).strip())


PROGRAMS = ("debootstrap", "systemd-nspawn", "strace", "mkfs.ext4", "losetup", "ip")


def is_possible() -> str | None:
    """None where machines can be made here, else what is missing."""
    if os.geteuid() != 0:
        return "it needs root"
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        return f"it needs {', '.join(missing)}"
    # In a container root may be there, and its rights not.
    tried = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    return "it needs the right to mount" if tried.returncode else None


def _is_zombie(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def _output(*command: str) -> str:
    """Run a command here that has to succeed; its stdout."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}: {done.returncode}\n{done.stderr}"
    return done.stdout


if __name__ == "__main__":
    sys.exit(is_possible())
