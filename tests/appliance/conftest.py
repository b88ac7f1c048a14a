"""One machine for a whole run: the modules try it in the order in which they are named."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.appliance.machine import RELEASE, Machine, is_possible, lay_out


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
