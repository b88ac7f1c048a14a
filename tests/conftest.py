"""What tests of several folders share: a library of small songs and a private MPD that plays it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.mpd_server import MpdServer, write_songs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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
