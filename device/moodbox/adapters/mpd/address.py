"""Where MPD is, read as every MPD client reads it, and what to say when it cannot be used."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import mpd

from moodbox.adapters.files import at_home

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_SOCKET = Path("/run/mpd/socket")
"""Where Debian's MPD listens for programs of the same machine."""
DEFAULT_PORT = 6600
_NO_NETWORK = (errno.EAFNOSUPPORT, errno.ENETUNREACH)
"""What the kernel says to a process whose unit leaves it Unix sockets alone."""


@dataclass(frozen=True, slots=True)
class MpdAddress:
    """Where MPD listens. Written out, it does not show the password."""

    host: str
    """Path of a Unix socket, `@name` of an abstract one, or a host's name or number."""
    port: int = DEFAULT_PORT
    """TCP port, 1–65535; without meaning for a socket."""
    password: str | None = field(default=None, repr=False)

    @property
    def is_local_socket(self) -> bool:
        """Whether a Unix socket is meant: the only kind that a process without network can use."""
        return self.host.startswith(("/", "@"))

    def __str__(self) -> str:
        if self.is_local_socket:
            return self.host
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address_from_env(
    environ: Mapping[str, str], default_socket: Path = DEFAULT_SOCKET
) -> MpdAddress:
    """Read `MPD_HOST` and `MPD_PORT` as every MPD client does.

    `MPD_HOST` is a host, a socket's path, or `@name`, each with `password@` before it if need be.
    Without it: `default_socket` where there is one and no port is asked for, else `localhost`.
    Raises ValueError when `MPD_PORT` is not a port.
    """
    text = environ.get("MPD_PORT", "").strip()
    port = DEFAULT_PORT
    if text:
        if not (text.isdecimal() and 0 < int(text) < 65536):
            raise ValueError(f"MPD_PORT is {text!r}: give a number from 1 to 65535, or unset it.")
        port = int(text)
    host, password = environ.get("MPD_HOST", "").strip(), None
    if "@" in host[1:]:
        before, _, after = host.partition("@")
        if before:  # a leading @ is an abstract socket, whatever follows
            host, password = after, before
    if host.startswith("~"):
        host = str(at_home(host))
    if not host:
        host = str(default_socket) if not text and default_socket.is_socket() else "localhost"
    return MpdAddress(host, port, password)


def trouble(address: MpdAddress, error: Exception, timeout_s: float) -> str:
    """A sentence for people about anything that went wrong with MPD, and what to do."""
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
    """What failed, and what to do, for each way in which a connection fails."""
    where = f"MPD at {address}"
    start = "Start it (`sudo systemctl start mpd`), or set MPD_HOST to where it listens."
    match error:
        case TimeoutError():
            return f"{where} did not answer within {timeout_s:g} s; it stalls, or is not there."
        case FileNotFoundError():
            return f"{where} is not there: no such socket. {start}"
        case ConnectionRefusedError():
            return f"{where} is not there: nobody listens. {start}"
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
