"""MPD's address, from the environment as every MPD client reads it; messages for its faults."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import mpd

from moodbox.adapters.files import at_home
from moodbox.core.foreign import shown, whole_number

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_SOCKET = Path("/run/mpd/socket")
"""Where Debian's MPD listens for programs on the same machine."""
DEFAULT_PORT = 6600
_NO_NETWORK = (errno.EAFNOSUPPORT, errno.ENETUNREACH)
"""The kernel's errors in a process whose systemd unit allows only Unix sockets."""


@dataclass(frozen=True, slots=True)
class MpdAddress:
    """Where MPD listens. `str` and `repr` do not show the password."""

    host: str
    """Path of a Unix socket, `@name` of an abstract socket, or a host's name or IP address."""
    port: int = DEFAULT_PORT
    """TCP port, 1–65535; ignored for a Unix socket."""
    password: str | None = field(default=None, repr=False)

    @property
    def is_local_socket(self) -> bool:
        """Whether it is a Unix socket, the only kind that a process without network can use."""
        return self.host.startswith(("/", "@"))

    def __str__(self) -> str:
        if self.is_local_socket:
            return self.host
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address_from_env(
    environ: Mapping[str, str], default_socket: Path = DEFAULT_SOCKET
) -> MpdAddress:
    """Read `MPD_HOST` and `MPD_PORT` as every MPD client does.

    `MPD_HOST` is a host, a socket's path, or `@name`, each optionally after `password@`. Without
    it: `default_socket` if that exists and MPD_PORT is not set, else `localhost`. Raises ValueError
    when `MPD_PORT` is not a port.
    """
    text = environ.get("MPD_PORT", "").strip()
    port = DEFAULT_PORT
    if text:
        number = whole_number(text, 1, 65535)
        if number is None:
            raise ValueError(
                f"MPD_PORT is {shown(text)}: give a number from 1 to 65535, or unset it."
            )
        port = number
    host, password = environ.get("MPD_HOST", "").strip(), None
    if "@" in host[1:]:
        before, _, after = host.partition("@")
        if before:  # without a password, a leading @ means an abstract socket
            host, password = after, before
    if host.startswith("~"):
        host = str(at_home(host))
    if not host:
        host = str(default_socket) if not text and default_socket.is_socket() else "localhost"
    return MpdAddress(host, port, password)


def trouble(address: MpdAddress, error: Exception, timeout_s: float) -> str:
    """A message for a person about any failure of MPD, and what to do."""
    if isinstance(error, mpd.CommandError):
        return _refusal(address, error)
    return _fault(address, error, timeout_s)


def _refusal(address: MpdAddress, error: mpd.CommandError) -> str:
    said = getattr(error, "msg", None) or str(error)
    text = f"MPD at {address} refused `{getattr(error, 'command', None) or 'a command'}`: {said}."
    if error.errno is mpd.FailureResponseCode.PERMISSION:
        text += " Give the box MPD's password (MPD_HOST=password@host), or use MPD's local socket."
    return text


def _fault(address: MpdAddress, error: Exception, timeout_s: float) -> str:
    """The message for each way in which a connection fails."""
    where = f"MPD at {address}"
    start = "Start it (`sudo systemctl start mpd`), or set MPD_HOST to where it listens."
    match error:
        case TimeoutError():
            return f"{where} did not answer within {timeout_s:g} s: it stalls, or is not there."
        case FileNotFoundError():
            return f"{where} is not there: no such socket. {start}"
        case ConnectionRefusedError():
            return f"{where} is not there: nothing listens at that address. {start}"
        case PermissionError() if error.errno is None:
            return f"{where} refuses the box: {error}. Correct it in MPD_HOST=password@host."
        case PermissionError():
            return f"{where} may not be opened by this user. Add the user to the socket's group."
        case OSError() if error.errno in _NO_NETWORK:
            return (
                f"{where} cannot be reached: this process has no network, on purpose. "
                "Set mpd.host to the path of MPD's local socket, such as /run/mpd/socket."
            )
        case socket.gaierror():
            return f"{where} cannot be found: no such host name. Correct MPD_HOST."
        case _:
            reason = str(error) or type(error).__name__
            return f"{where} broke the connection: {reason}. It may be restarting."
