"""What systemd hears, on a real datagram socket in its place."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from moodbox.adapters.systemd import Notifier


@pytest.fixture(params=["path", "abstract"])
def listener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    """A socket as systemd's, and what NOTIFY_SOCKET would say."""
    name = f"moodbox-test-{os.getpid()}"
    path = tmp_path / "notify"
    address, shown = (
        (str(path), str(path)) if request.param == "path" else ("\0" + name, "@" + name)
    )
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(address)
        sock.settimeout(5)
        yield sock, shown


def test_systemd_hears_of_every_step_of_a_life(listener: tuple[socket.socket, str]) -> None:
    sock, address = listener
    notifier = Notifier({"NOTIFY_SOCKET": address})
    notifier.ready()
    notifier.status("watching; mood happy, ख़ुशी\nnobody here")
    notifier.watchdog()
    notifier.stopping()
    assert [sock.recv(1000).decode() for _ in range(4)] == [
        "READY=1",
        "STATUS=watching; mood happy, ख़ुशी nobody here",
        "WATCHDOG=1",
        "STOPPING=1",
    ]


def test_what_others_wrote_is_sent_so_that_it_only_shows(
    listener: tuple[socket.socket, str],
) -> None:
    sock, address = listener
    Notifier({"NOTIFY_SOCKET": address}).status("MPD says: \x1b[31m\u202eM\udcfcll\0")
    assert sock.recv(1000).decode() == r"STATUS=MPD says: \x1b[31m\u202eM\xfcll\x00"


def test_without_systemd_nothing_is_sent_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    for environ in ({}, {"NOTIFY_SOCKET": ""}):
        notifier = Notifier(environ)
        notifier.ready()
        notifier.watchdog()
    assert caplog.messages == []


@pytest.mark.parametrize("address", ["/nowhere/notify", "@moodbox-nobody-listens", "x" * 300])
def test_a_socket_that_is_gone_is_said_once_and_never_raised(
    caplog: pytest.LogCaptureFixture, address: str
) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": address})
    for _ in range(3):
        notifier.watchdog()
    assert len(caplog.messages) == 1


def test_a_systemd_that_does_not_listen_stalls_nothing(tmp_path: Path) -> None:
    """Its queue is full after some hundred datagrams; the loop goes on."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        notifier = Notifier({"NOTIFY_SOCKET": str(tmp_path / "notify")})
        for _ in range(2000):
            notifier.watchdog()
        assert sock.recv(1000) == b"WATCHDOG=1"
