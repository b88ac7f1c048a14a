"""The wheel, as pip would install it: it works where no checkout is."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import moodbox
from tests.support.mpd_server import wait_until

if TYPE_CHECKING:
    from tests.support.mpd_server import MpdServer

ROOT = Path(__file__).parents[1]
SOURCES = ("device", "models", "pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE")
PORTRAIT = "lib/python*/site-packages/moodbox/demo/astronaut.png"


def pip(*arguments: str | Path) -> None:
    """Run this environment's pip without a network; what it said comes with its failure."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built from a copy: a build leaves its traces in the tree."""
    copy, target = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            skip = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(ROOT / name, copy / name, ignore=skip)
        else:
            shutil.copy(ROOT / name, copy)
    pip("wheel", "--no-build-isolation", "--no-deps", "--no-index", "--wheel-dir", target, copy)
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel; the libraries that it needs are this environment's."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    pip("--python", python, "install", "--no-deps", "--no-index", wheel)
    (site,) = folder.glob("lib/python*/site-packages")
    # Its .pth files, one of which leads to the checkout, do not count in a folder named like this.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def environ(mpd: MpdServer, folder: Path) -> dict[str, str]:
    """What a command runs in: nothing that leads to the checkout."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return mine | {
        "MPD_HOST": mpd.address.host,
        "RUNTIME_DIRECTORY": str(folder),
        "STATE_DIRECTORY": str(folder),
        "GPIOZERO_PIN_FACTORY": "mock",
    }


def command(
    installed: Path, mpd: MpdServer, folder: Path, *arguments: str | Path
) -> subprocess.CompletedProcess[str]:
    """Run the installed `moodbox` to its end, in an empty folder."""
    return subprocess.run(
        [installed / "bin" / "moodbox", *arguments],
        cwd=folder,
        env=environ(mpd, folder),
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_is_the_wheel_that_runs(installed: Path, mpd: MpdServer, tmp_path: Path) -> None:
    told = command(installed, mpd, tmp_path, "--version")
    assert told.stdout == f"moodbox {moodbox.__version__}\n"
    found = subprocess.run(
        [installed / "bin" / "python", "-c", "import moodbox; print(moodbox.__file__)"],
        cwd=tmp_path,
        env=environ(mpd, tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(found.stdout).is_relative_to(installed)


def test_the_wheel_names_its_licence_and_one_version(wheel: Path, installed: Path) -> None:
    assert wheel.name.startswith(f"moodbox-{moodbox.__version__}-")
    (metadata,) = installed.glob("lib/python*/site-packages/moodbox-*.dist-info")
    lines = (metadata / "METADATA").read_text(encoding="utf-8").splitlines()
    assert "License-Expression: MIT" in lines
    assert (metadata / "licenses" / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()


def test_every_module_of_the_checkout_is_in_it(installed: Path) -> None:
    (package,) = installed.glob("lib/python*/site-packages/moodbox")
    checkout = ROOT / "device" / "moodbox"
    wanted = {path.relative_to(checkout) for path in checkout.rglob("*.py")}
    assert wanted <= {path.relative_to(package) for path in package.rglob("*.py")}


def test_label_reads_a_face(installed: Path, mpd: MpdServer, tmp_path: Path) -> None:
    (portrait,) = installed.glob(PORTRAIT)
    told = command(installed, mpd, tmp_path, "label", "--jsonl", portrait)
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["faces"][0]["mood"] == "happy"


def test_doctor_finds_everything_well(installed: Path, mpd: MpdServer, tmp_path: Path) -> None:
    told = command(installed, mpd, tmp_path, "doctor", "--camera", "scene")
    assert told.returncode == 0, told.stdout + told.stderr


def song(mpd: MpdServer) -> str:
    """The current song of MPD; empty when there is none."""
    with mpd.person() as client:
        return str(client.currentsong().get("file", ""))


def test_it_reads_who_sits_down_and_plays(installed: Path, mpd: MpdServer, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("w") as stderr:
        box = subprocess.Popen(
            [installed / "bin" / "moodbox", "run", "--camera", "scene"],
            cwd=tmp_path,
            env=environ(mpd, tmp_path),
            stderr=stderr,
        )
    try:
        wait_until(lambda: song(mpd).startswith("happy/"), "happy music", 60)
        box.send_signal(signal.SIGTERM)
        assert box.wait() == 0
    finally:
        box.kill()
        box.wait()
    assert "Traceback" not in log.read_text()
