"""One connection to MPD: where it is, made when needed, thrown away at the first fault."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import select
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mpd

from moodbox.core.ports import PlayerError, PlayerRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

DEFAULT_SOCKET = Path("/run/mpd/socket")
"""Where Debian's MPD listens for programs of the same machine."""
DEFAULT_PORT = 6600


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
        host = str(Path(host).expanduser())
    if not host:
        host = str(default_socket) if not text and default_socket.is_socket() else "localhost"
    return MpdAddress(host, port, password)


class Exchange:
    """Requests to MPD that together end, or raise, before one deadline."""

    def __init__(self, client: Any, until_s: float) -> None:
        self._client = client
        self._until_s = until_s

    @property
    def version(self) -> str:
        """The version of the protocol that MPD spoke when it was connected to."""
        return str(self._client.mpd_version)

    def ask(self, command: str, *arguments: object) -> Any:
        """One request; what python-mpd2 makes of the answer. An ACK raises mpd.CommandError."""
        self._take_time()
        return getattr(self._client, command)(*arguments)

    def ask_all(self, commands: Sequence[tuple[object, ...]]) -> list[Any]:
        """Requests in one command list, so that no other client's act comes in between."""
        self._begin(commands)
        answers: list[Any] = self._client.command_list_end()
        return answers

    def try_all(
        self, commands: Sequence[tuple[object, ...]]
    ) -> tuple[list[Any], mpd.CommandError | None]:
        """The same, up to the first ACK: the answers before it, and the ACK if there was one.

        Only for commands that answer with one line or none.
        """
        answers: list[Any] = []
        self._begin(commands)
        self._client.iterate = True  # else python-mpd2 drops the answers that came before an ACK
        try:
            for answer in self._client.command_list_end():
                answers.append(answer)
        except mpd.CommandError as error:
            return answers, error
        finally:
            self._client.iterate = False
        return answers, None

    def _begin(self, commands: Sequence[tuple[object, ...]]) -> None:
        self._take_time()
        self._client.command_list_ok_begin()
        for command, *arguments in commands:
            getattr(self._client, str(command))(*arguments)

    def _take_time(self) -> None:
        self._client.timeout = _remaining_s(self._until_s)


@dataclass(frozen=True, slots=True)
class _Server:
    """What tells one run of MPD from the next."""

    pid: int | None
    """Process id; None when the kernel does not tell (TCP, or a socket that systemd opened)."""
    started_s: float
    """Moment of its start, monotonic; 0 where the process id tells enough."""

    def is_same(self, other: _Server) -> bool:
        # MPD rounds its uptime to seconds, and each of the two may be a second off.
        return self.pid == other.pid and abs(self.started_s - other.started_s) <= 2.0


def _identify(client: Any, ask: Exchange) -> _Server:
    with socket.socket(fileno=os.dup(client.fileno())) as handle:
        if handle.family == socket.AF_UNIX:
            credentials = handle.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
            pid = int(struct.unpack("3i", credentials)[0])
            if pid > 1:
                return _Server(pid, 0.0)
    # Dearer, as MPD counts its artists for it once after each change of a large database.
    return _Server(None, time.monotonic() - float(ask.ask("stats")["uptime"]))


class MpdLink:
    """A connection that is made when it is needed and replaced after any fault."""

    def __init__(self, address: MpdAddress, timeout_s: float) -> None:
        self.address = address
        self.timeout_s = timeout_s
        self.generation = 0
        """Counts connections: song ids of an earlier one may mean other songs now."""
        self.restarts = 0
        """Counts the connections that reached another server process than the one before."""
        self._server: _Server | None = None
        self._client: Any = None

    @contextlib.contextmanager
    def exchange(self) -> Iterator[Exchange]:
        """Talk to MPD for at most `timeout_s`.

        Raises PlayerRefusedError for an answer that says no, and PlayerError, with the connection
        thrown away, for everything else that goes wrong.
        """
        until_s = time.monotonic() + self.timeout_s
        try:
            yield Exchange(self.connected(until_s), until_s)
        except mpd.CommandError as error:
            raise PlayerRefusedError(_refusal(self.address, error)) from error
        except PlayerRefusedError:
            raise
        except (OSError, mpd.MPDError, ValueError) as error:  # ValueError: text that is no UTF-8
            self.close()
            raise PlayerError(_fault(self.address, error, self.timeout_s)) from error
        except BaseException:
            self.close()  # an answer may be half read
            raise

    def connected(self, until_s: float) -> Any:
        """The python-mpd2 client, connected. MPD ends an idle connection after a minute."""
        if self._client is not None and _has_news(self._client):
            self.close()  # nothing was asked, so news can only be the end of the connection
        if self._client is None:
            client = connect(self.address, until_s)
            self._client = client
            self.generation += 1
            ask = Exchange(client, until_s)
            # Songs come without tags, which nobody here reads: answers stay small.
            ask.ask("tagtypes", "clear")
            server = _identify(client, ask)
            if self._server is not None and not server.is_same(self._server):
                self.restarts += 1
            self._server = server
        return self._client

    def close(self) -> None:
        """Let the connection go. Never raises."""
        client, self._client = self._client, None
        if client is not None:
            disconnect(client)


def connect(address: MpdAddress, until_s: float) -> Any:
    """A python-mpd2 client, connected and with its password said, before `until_s` (monotonic)."""
    error: Exception = OSError(f"{address.host} has no address")
    for host in _hosts(address, until_s):
        client = mpd.MPDClient()
        client.timeout = _remaining_s(until_s)
        try:
            client.connect(host, address.port)
            if address.password is not None:
                client.timeout = _remaining_s(until_s)
                try:
                    client.password(address.password)
                except mpd.CommandError as refused:
                    raise PermissionError("the password is wrong") from refused
            return client
        except (OSError, mpd.MPDError, ValueError) as fault:
            disconnect(client)
            error = fault
    try:
        raise error
    finally:
        del error  # it refers to this frame and so holds the socket: do not wait for the collector


def disconnect(client: Any) -> None:
    """Close a client's socket, in whatever state it is."""
    with contextlib.suppress(OSError, mpd.MPDError, ValueError):
        client.disconnect()


def refuse_or_fault(address: MpdAddress, error: Exception, timeout_s: float) -> str:
    """A sentence for people about anything that went wrong with MPD."""
    if isinstance(error, mpd.CommandError):
        return _refusal(address, error)
    return _fault(address, error, timeout_s)


def _remaining_s(until_s: float) -> float:
    remaining_s = until_s - time.monotonic()
    if remaining_s <= 0:
        raise TimeoutError
    return remaining_s


def _has_news(client: Any) -> bool:
    poll = select.poll()
    poll.register(client.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _hosts(address: MpdAddress, until_s: float) -> list[str]:
    """What to connect to: the socket, or each number of the host's name in turn.

    A name server may take many seconds, which no timeout of a socket bounds: it is asked on a
    thread of its own, and left behind when it is too slow.
    """
    if address.is_local_socket or _is_number(address.host):
        return [address.host]
    found: list[str] = []
    failed: list[OSError] = []

    def look_up() -> None:
        try:
            entries = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(entry[4][0]) for entry in entries))
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=look_up, name="mpd-name", daemon=True)
    thread.start()
    thread.join(_remaining_s(until_s))
    if failed:
        raise failed.pop()
    if not found:
        raise TimeoutError
    return found


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


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
        case socket.gaierror():
            return f"{where} cannot be found: no such host name. Correct MPD_HOST."
        case _:
            reason = str(error) or type(error).__name__
            return f"{where} broke the connection: {reason}. It may be restarting."
