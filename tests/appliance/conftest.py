"""One machine for a whole run: the modules try it in the order in which they are named."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.appliance.machine import CHECKOUT, Machine, is_possible, offline_folder

RELEASE = os.environ.get("MOODBOX_RELEASE", "bookworm")


def lay_out(checkout: Path, offline: Path) -> None:
    """Put a clone of this checkout, and all the packages that a box needs, into a machine."""
    subprocess.run(["git", "clone", "--quiet", "--no-local", CHECKOUT, checkout], check=True)
    shutil.copytree(offline_folder(RELEASE), offline)


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    """A fresh machine with this checkout and a folder of packages, booted, not provisioned."""
    missing = is_possible()
    assert missing is None, f"no machine can be made here: {missing}"
    fresh = Machine(RELEASE, f"promises-{os.getpid()}")
    try:
        lay_out(fresh.root / "root/moodbox", fresh.root / "root/offline")
        fresh.boot()
        yield fresh
    finally:
        fresh.drop()
