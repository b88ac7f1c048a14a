"""One connection to MPD: made when needed, closed at the first fault, bounded by deadlines."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import select
import socket
import struct
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import mpd

from moodbox.adapters.mpd.address import MpdAddress, trouble
from moodbox.core.ports import PlayerError, PlayerRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Exchange:
    """Requests to MPD that share one deadline: together they end, or raise, before it."""

    def __init__(self, client: Any, until_s: float) -> None:
        self._client = client
        self._until_s = until_s

    @property
    def version(self) -> str:
        """The protocol's version, as MPD announced it when the connection was made."""
        return str(self._client.mpd_version)

    def ask(self, command: str, *arguments: object) -> Any:
        """Send one request; returns python-mpd2's form of the answer. Raises mpd.CommandError."""
        self._set_timeout()
        return getattr(self._client, command)(*arguments)

    def ask_all(self, commands: Sequence[tuple[object, ...]]) -> list[Any]:
        """Send requests in one command list, so that no other client acts in between."""
        self._begin(commands)
        answers: list[Any] = self._client.command_list_end()
        return answers

    def try_all(
        self, commands: Sequence[tuple[object, ...]]
    ) -> tuple[list[Any], mpd.CommandError | None]:
        """The same; returns the answers before the first ACK, and the ACK or None.

        Only for commands whose answer is not a list.
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
        self._set_timeout()
        self._client.command_list_ok_begin()
        for command, *arguments in commands:
            getattr(self._client, str(command))(*arguments)

    def _set_timeout(self) -> None:
        self._client.timeout = _remaining_s(self._until_s)


@dataclass(frozen=True, slots=True)
class _Server:
    """Identifies one run of MPD."""

    pid: int | None
    """Process id; None when the kernel does not know it (TCP, or a socket that systemd opened)."""
    started_s: float
    """Monotonic time of its start; 0 when `pid` is known."""

    def is_same(self, other: _Server) -> bool:
        # MPD rounds its uptime to seconds, so each of the two may be a second off.
        return self.pid == other.pid and abs(self.started_s - other.started_s) <= 2.0


def _identify(client: Any, ask: Exchange) -> _Server:
    with socket.socket(fileno=os.dup(client.fileno())) as handle:
        if handle.family == socket.AF_UNIX:
            credentials = handle.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
            pid = int(struct.unpack("3i", credentials)[0])
            if pid > 1:
                return _Server(pid, 0.0)
    # This costs more: after each change of its database MPD counts all artists for `stats`.
    return _Server(None, time.monotonic() - float(ask.ask("stats")["uptime"]))


class MpdLink:
    """A connection that is made when needed and replaced after any fault."""

    def __init__(self, address: MpdAddress, timeout_s: float) -> None:
        self.address = address
        self.timeout_s = timeout_s
        self.generation = 0
        """Counts connections: song ids from an earlier one may mean other songs now."""
        self.restarts = 0
        """Counts connections that reached another server process than the previous one."""
        self._server: _Server | None = None
        self._client: Any = None

    @contextlib.contextmanager
    def exchange(self) -> Iterator[Exchange]:
        """Send requests to MPD for at most `timeout_s` in all.

        Raises PlayerRefusedError when MPD refuses a request. For any other failure closes the
        connection and raises PlayerError.
        """
        until_s = time.monotonic() + self.timeout_s
        try:
            yield Exchange(self.connected(until_s), until_s)
        except mpd.CommandError as error:
            raise PlayerRefusedError(trouble(self.address, error, self.timeout_s)) from error
        except PlayerRefusedError:
            raise
        except (OSError, mpd.MPDError, ValueError) as error:  # ValueError: text is not UTF-8
            self.close()
            raise PlayerError(trouble(self.address, error, self.timeout_s)) from error
        except BaseException:
            self.close()  # an answer may be read only in part
            raise

    def connected(self, until_s: float) -> Any:
        """The connected python-mpd2 client. MPD closes an idle connection after a minute."""
        if self._client is not None and _has_input(self._client):
            self.close()  # no request is open, so input can only be the end of the connection
        if self._client is None:
            client = connect(self.address, until_s)
            self._client = client
            self.generation += 1
            ask = Exchange(client, until_s)
            # The box uses no tags; without them answers stay small.
            ask.ask("tagtypes", "clear")
            server = _identify(client, ask)
            if self._server is not None and not server.is_same(self._server):
                self.restarts += 1
            self._server = server
        return self._client

    def close(self) -> None:
        """Close the connection. Never raises."""
        client, self._client = self._client, None
        if client is not None:
            disconnect(client)


def connect(address: MpdAddress, until_s: float) -> Any:
    """A python-mpd2 client, connected and with the password sent, before `until_s` (monotonic)."""
    error: Exception = OSError(f"{address.host} has no address")
    for host in _hosts(address, until_s):
        client = mpd.MPDClient()
        client.timeout = _remaining_s(until_s)
        try:
            client.connect(host, address.port)
            # When a write fails, python-mpd2 drops its file without closing it, and Python 3.13
            # prints a traceback when that is collected. Kept here, `disconnect` closes it.
            client.kept_file = client._wfile
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
        del error  # it refers to this frame, and so keeps the socket open: break the cycle


def disconnect(client: Any) -> None:
    """Close a client's socket; never raises, whatever the client's state."""
    with contextlib.suppress(OSError, mpd.MPDError, ValueError):
        client.disconnect()
    kept_file = getattr(client, "kept_file", None)
    if kept_file is not None:
        with contextlib.suppress(OSError, ValueError):
            kept_file.close()


def _remaining_s(until_s: float) -> float:
    remaining_s = until_s - time.monotonic()
    if remaining_s <= 0:
        raise TimeoutError
    return remaining_s


def _has_input(client: Any) -> bool:
    poll = select.poll()
    poll.register(client.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _hosts(address: MpdAddress, until_s: float) -> list[str]:
    """What to connect to: the socket's path, or the IP addresses of the host, to try in order.

    A name server may take many seconds, and no socket timeout bounds that. So the name is resolved
    on a thread of its own, which is abandoned if it is too slow.
    """
    if address.is_local_socket or _is_number(address.host):
        return [address.host]
    found: list[str] = []
    failed: list[OSError] = []

    def resolve() -> None:
        try:
            entries = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(entry[4][0]) for entry in entries))
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=resolve, name="mpd-name", daemon=True)
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
