"""The listener on a real MPD: what it hears, and that it always ends."""

from __future__ import annotations

import gc
import logging
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

from moodbox.adapters.inbox import Inbox
from moodbox.adapters.mpd.player import CHANNEL, MpdAddress, MpdListener
from moodbox.core.ports import Event, Message, PlayerChanged, PlayerLost
from tests.support.mpd_server import MpdServer, wait_until, write_songs

if TYPE_CHECKING:
    from collections.abc import Iterator

E = TypeVar("E", bound=Event)
FOREVER_S = 5.0
"""The listener promises a second; a busy machine may take longer, and a hang would never end."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MpdServer]:
    folder = tmp_path_factory.mktemp("mpd")
    write_songs(folder / "music", names=("01.wav",))
    with MpdServer(folder / "server", folder / "music") as server:
        yield server


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


def hear(inbox: Inbox, kind: type[E], subsystem: str | None = None) -> E:
    """Wait for the next event of a kind, passing over others."""
    until_s = time.monotonic() + 20
    while True:
        event = inbox.get(until_s - time.monotonic())
        if event is None:
            pytest.fail(f"no {kind.__name__} came")
        if isinstance(event, kind) and (
            subsystem is None
            or (isinstance(event, PlayerChanged) and subsystem in event.subsystems)
        ):
            return event


def send(server: MpdServer, text: str) -> None:
    with server.person() as client:
        client.sendmessage(CHANNEL, text)


def test_it_asks_for_a_look_once_connected(server: MpdServer, inbox: Inbox) -> None:
    with MpdListener(server.address, inbox):
        assert hear(inbox, PlayerChanged) == PlayerChanged()


@pytest.mark.parametrize(
    ("command", "subsystem"),
    [
        (("add", "happy/01.wav"), "playlist"),
        (("random", "1"), "options"),
        (("save", "evening"), "stored_playlist"),
        (("sticker_set", "song", "happy/01.wav", "rating", "8"), "sticker"),
    ],
)
def test_a_persons_act_is_heard(
    server: MpdServer, inbox: Inbox, command: tuple[str, ...], subsystem: str
) -> None:
    with MpdListener(server.address, inbox), server.person() as client:
        hear(inbox, PlayerChanged)
        getattr(client, command[0])(*command[1:])
        hear(inbox, PlayerChanged, subsystem)


def test_playing_and_pausing_are_heard(server: MpdServer, inbox: Inbox) -> None:
    with MpdListener(server.address, inbox), server.person() as client:
        hear(inbox, PlayerChanged)
        client.add("happy/01.wav")
        client.play()
        hear(inbox, PlayerChanged, "player")
        client.pause(1)
        hear(inbox, PlayerChanged, "player")


def test_messages_come_in_order_and_unaltered(server: MpdServer, inbox: Inbox) -> None:
    texts = ["detect", "mood happy", "camera off", "", 'मूड "बदलो" \\ 🎵', "a: b"]
    with MpdListener(server.address, inbox):
        hear(inbox, PlayerChanged)
        for text in texts:
            send(server, text)
        assert [hear(inbox, Message).text for _ in texts] == texts


def test_a_message_that_is_no_text_does_no_harm(server: MpdServer, inbox: Inbox) -> None:
    with MpdListener(server.address, inbox):
        hear(inbox, PlayerChanged)
        with socket.socket(socket.AF_UNIX) as raw:
            raw.connect(server.address.host)
            raw.sendall(b'sendmessage moodbox "\xff\xfe"\n')
            hear(inbox, PlayerLost)
        hear(inbox, PlayerChanged)
        send(server, "detect")
        assert hear(inbox, Message) == Message("detect")


def test_a_restart_is_one_loss_and_then_all_is_as_before(
    server: MpdServer, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "moodbox"), MpdListener(server.address, inbox):
        hear(inbox, PlayerChanged)
        server.stop()
        hear(inbox, PlayerLost)
        server.start()
        hear(inbox, PlayerChanged)
        send(server, "detect")
        assert hear(inbox, Message) == Message("detect")
    lost, back = (record.getMessage() for record in caplog.records)
    assert str(server.address) in lost
    assert "is back" in back


def test_without_mpd_it_says_so_once_and_finds_it_when_it_comes(
    server: MpdServer, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    server.stop()
    with caplog.at_level(logging.DEBUG, "moodbox"), MpdListener(server.address, inbox):
        hear(inbox, PlayerLost)
        server.start()
        hear(inbox, PlayerChanged)
        assert inbox.get() is None
    lost, back = (record.getMessage() for record in caplog.records)
    assert str(server.address) in lost
    assert "is back" in back


def test_it_ends_while_it_waits(server: MpdServer, inbox: Inbox) -> None:
    listener = MpdListener(server.address, inbox)
    listener.start()
    hear(inbox, PlayerChanged)
    assert listener.stop(FOREVER_S)
    assert inbox.get() is None, "an end that was asked for is no loss"


def test_it_ends_while_mpd_stalls(server: MpdServer, inbox: Inbox) -> None:
    listener = MpdListener(server.address, inbox)
    listener.start()
    hear(inbox, PlayerChanged)
    server.stall()
    assert listener.stop(FOREVER_S)


def test_it_ends_while_it_connects_to_an_mpd_that_stalls(server: MpdServer, inbox: Inbox) -> None:
    server.stall()
    listener = MpdListener(server.address, inbox)
    listener.start()
    assert listener.stop(FOREVER_S)


def test_it_ends_while_it_waits_to_try_again(tmp_path: Path, inbox: Inbox) -> None:
    listener = MpdListener(MpdAddress(str(tmp_path / "none")), inbox)
    listener.start()
    hear(inbox, PlayerLost)
    assert listener.stop(FOREVER_S)


def test_a_listener_that_never_began_ends_too(server: MpdServer) -> None:
    assert MpdListener(server.address, Inbox()).stop()


def test_it_leaves_no_thread_and_no_descriptor(server: MpdServer, inbox: Inbox) -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    gc.collect()  # what earlier tests left
    threads, before = threading.active_count(), descriptors()
    for _ in range(5):
        with MpdListener(server.address, inbox):
            hear(inbox, PlayerChanged)
            server.stop()
            hear(inbox, PlayerLost)
            server.start()
            hear(inbox, PlayerChanged)
    wait_until(lambda: threading.active_count() == threads, "the threads' end")
    assert descriptors() == before
