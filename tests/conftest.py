"""What tests of several folders share: a library of small songs and a private MPD that plays it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from tests.support.mpd_server import MpdServer, write_songs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Machines are noisy, so no example has a deadline. CI looks at the same examples each time: what
# it finds must be the fault of the change it tries.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


EXPENSIVE = ("tests/training/", "tests/music/")
"""Folders whose tests share what takes minutes to make: a trained network, composed music."""


class BySharing(LoadScopeScheduling):  # type: ignore[misc]
    """Gives a worker whole files, which share an MPD, and each of these folders to one worker."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((folder for folder in EXPENSIVE if file.startswith(folder)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BySharing:
    """Where tests run side by side, keep those together that share something."""
    return BySharing(config, log)


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A music folder with four songs a mood and a person's album."""
    folder = tmp_path_factory.mktemp("library")
    write_songs(folder)
    return folder


@pytest.fixture(scope="module")
def lasting_mpd(tmp_path_factory: pytest.TempPathFactory, library: Path) -> Iterator[MpdServer]:
    """A private MPD for all tests of a module."""
    with MpdServer(tmp_path_factory.mktemp("mpd"), library) as server:
        yield server


@pytest.fixture
def mpd(lasting_mpd: MpdServer) -> MpdServer:
    """The module's MPD with an empty queue."""
    lasting_mpd.reset()
    return lasting_mpd


@pytest.fixture
def server(running: MpdServer) -> MpdServer:
    """A module's own private MPD, its fixture `running`, as if just started."""
    running.reset()
    return running
