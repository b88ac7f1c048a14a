"""systemd's notifications: ready, a status line, the watchdog, stopping.

The protocol is one datagram to the Unix socket that NOTIFY_SOCKET names
(https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html).
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Mapping

from moodbox.core.foreign import printable

log = logging.getLogger(__name__)


class Notifier:
    """Tells systemd the daemon's state; does nothing if systemd did not start it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """`environ` is the process's environment; without NOTIFY_SOCKET nothing is sent."""
        address = environ.get("NOTIFY_SOCKET", "")
        # "@" stands for the zero byte of an abstract address.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._failing = False

    def ready(self) -> None:
        """The daemon is up."""
        self._send("READY=1")

    def status(self, text: str) -> None:
        """One line for `systemctl status`; line breaks become spaces."""
        self._send("STATUS=" + printable(" ".join(text.split())))

    def watchdog(self) -> None:
        """The daemon is alive."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """The daemon is about to end."""
        self._send("STOPPING=1")

    def _send(self, state: str) -> None:
        """Send a datagram without waiting. A failure is logged once and not raised."""
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
                sock.setblocking(False)
                sock.connect(self._address)
                sock.send(state.encode())
        except OSError as error:
            if not self._failing:
                log.warning("cannot tell systemd the box's state: %s", error)
            self._failing = True
        else:
            self._failing = False
