"""A first start without a terminal: cloud-init, our user-data, and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.appliance.machine import CHECKOUT, RELEASE, ROOTS, Machine, lay_out

CLOUD_INIT = "apt-get update && apt-get install --yes --no-install-recommends cloud-init"


@pytest.fixture
def new_card() -> Iterator[Machine]:
    """A machine with cloud-init, as a Pi's system has it, whose boot partition holds our folder."""
    fresh = Machine(RELEASE, f"first-boot-{os.getpid()}")
    try:
        install = [ROOTS, "run", str(fresh.root), "sh", "-c", CLOUD_INIT]
        subprocess.run(install, check=True, stdout=subprocess.DEVNULL)
        boot = fresh.root / "boot/firmware/moodbox"
        lay_out(boot, boot / "offline")
        seed = fresh.root / "var/lib/cloud/seed/nocloud"
        seed.mkdir(parents=True)
        shutil.copy(CHECKOUT / "setup/user-data", seed)
        (seed / "meta-data").write_text("instance-id: first\n")
        yield fresh
    finally:
        fresh.drop()


def test_plugged_in_it_becomes_the_box_and_stays_it(new_card: Machine) -> None:
    new_card.switch_on()
    schema = ["cloud-init", "schema", "--config-file", "/var/lib/cloud/seed/nocloud/user-data"]
    assert "Valid" in new_card.run(*schema)
    # The plug is pulled in the midst of apt's work; dpkg empties this folder now and then.
    journal = new_card.root / "var/lib/dpkg/updates"
    new_card.until("dpkg is at work", lambda: len(list(journal.iterdir())) > 5, 300)
    new_card.pull_the_plug()
    new_card.switch_on()
    new_card.until("it is the box", lambda: is_the_box(new_card), 900)
    new_card.pull_the_plug()
    new_card.boot()
    assert is_the_box(new_card)
    assert "volume: 35%" in new_card.mpc("status"), "the first volume outlives the power cut"
    assert new_card.unit("moodbox-first-boot", "LoadState") == "not-found"


def is_the_box(machine: Machine) -> bool:
    """Whether the daemon is up, and whoever set it up has finished."""
    working = machine.unit("moodbox-first-boot", "ActiveState") == "activating"
    return not working and machine.unit("moodbox", "ActiveState") == "active"
