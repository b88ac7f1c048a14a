"""A thread with its own connection to MPD that puts changes and messages into the inbox."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import mpd

from moodbox.adapters.mpd.address import MpdAddress, trouble
from moodbox.adapters.mpd.link import connect, disconnect
from moodbox.core.ports import Message, PlayerChanged, PlayerLost

if TYPE_CHECKING:
    from types import TracebackType

    from moodbox.core.ports import Inbox

CHANNEL = "moodbox"
"""The MPD channel on which clients send messages to the box."""
SUBSYSTEMS = (
    "player", "playlist", "options", "database", "stored_playlist", "sticker", "message"
)  # fmt: skip
"""Changes that concern the box. Not the mixer: the box never touches the volume."""
FIRST_RETRY_S = 0.1
MOST_RETRY_S = 5.0
"""First and longest pause between attempts to connect: MPD restarts within a second, and where
there is no MPD, one attempt every five seconds costs little."""

log = logging.getLogger(__name__)


class MpdListener:
    """Listens until it is stopped, and reconnects by itself.

    Puts `PlayerChanged` after each connection and each change, `Message` for each message on the
    channel, and one `PlayerLost` when the connection breaks or the first attempt fails.
    """

    def __init__(self, address: MpdAddress, inbox: Inbox, timeout_s: float = 0.8) -> None:
        self._address = address
        self._inbox = inbox
        self._timeout_s = timeout_s
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        """A duplicate of the connection's socket, by which `stop` ends a wait on it."""
        self._lost = False
        self._thread = threading.Thread(target=self._run, name="mpd-listener", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout_s: float = 1.0) -> bool:
        """Stop listening, even while MPD stalls; returns whether the thread ended in time."""
        self._stop.set()
        with self._lock:
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def __enter__(self) -> MpdListener:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _run(self) -> None:
        retry_s = FIRST_RETRY_S
        while not self._stop.is_set():
            client = None
            try:
                client = connect(self._address, time.monotonic() + self._timeout_s)
                client.timeout = self._timeout_s
                self._share_socket(client)
                if self._stop.is_set():
                    continue
                client.subscribe(CHANNEL)
                self._report_connection()
                retry_s = FIRST_RETRY_S
                self._listen(client)
            except (OSError, mpd.MPDError, ValueError, LookupError) as error:
                # ValueError: text is not UTF-8; LookupError: an answer lacks a field
                self._report_loss(error)
            finally:
                self._release_socket()
                if client is not None:
                    disconnect(client)
            self._stop.wait(retry_s)
            retry_s = min(2 * retry_s, MOST_RETRY_S)

    def _share_socket(self, client: Any) -> None:
        """Duplicate the connection's socket, so that `stop` can shut it down."""
        handle = socket.socket(fileno=os.dup(client.fileno()))
        _detect_dead_peer(handle)
        with self._lock:
            self._socket = handle

    def _listen(self, client: Any) -> None:
        # No timeout for `idle`: MPD does not answer until something changes.
        client.idletimeout = None
        while not self._stop.is_set():
            changed = frozenset(client.idle(*SUBSYSTEMS))
            if "message" in changed:
                for message in client.readmessages():
                    self._inbox.put(Message(message["message"]))
            if changed - {"message"}:
                self._inbox.put(PlayerChanged(changed - {"message"}))

    def _report_connection(self) -> None:
        if self._lost:
            log.debug("MPD at %s is back", self._address)
        self._lost = False
        self._inbox.put(PlayerChanged())

    def _report_loss(self, error: Exception) -> None:
        """Report once, not at every attempt, that the connection is lost."""
        if self._stop.is_set() or self._lost:
            return
        self._lost = True
        log.debug("%s", trouble(self._address, error, self._timeout_s))
        self._inbox.put(PlayerLost())

    def _release_socket(self) -> None:
        with self._lock:
            if self._socket is not None:
                self._socket.close()
            self._socket = None


def _detect_dead_peer(handle: socket.socket) -> None:
    """Let the kernel probe a silent host after 30 s: it may have lost power without a FIN."""
    if handle.family == socket.AF_UNIX:
        return
    handle.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30)
    handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10)
    handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
