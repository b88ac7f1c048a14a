"""One machine for a whole run: the modules try it in the order in which they are named."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.appliance.machine import CHECKOUT, Machine, offline_folder

RELEASE = os.environ.get("MOODBOX_RELEASE", "bookworm")


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    """A fresh machine with this checkout and a folder of packages, booted, not provisioned."""
    offline = offline_folder(RELEASE)
    fresh = Machine(RELEASE, f"promises-{os.getpid()}")
    try:
        to = fresh.root / "root/moodbox"
        subprocess.run(["git", "clone", "--quiet", "--no-local", CHECKOUT, to], check=True)
        shutil.copytree(offline, fresh.root / "root/offline")
        fresh.boot()
        yield fresh
    finally:
        fresh.drop()
