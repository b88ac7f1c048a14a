"""A socket before MPD's own at which something can happen right before any request."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

from moodbox.adapters.mpd.address import MpdAddress

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType


class Meddler:
    """Passes a client's requests on to MPD, one at a time, and calls hooks around each.

    A command list is one request: MPD carries it out without anything in between. `before` is
    called when a request has come and not yet reached MPD, `after` when it has been answered. What
    a hook raises is kept in `fault`, and the connection ends.
    """

    def __init__(self, path: Path, server: MpdAddress) -> None:
        self.address = MpdAddress(str(path))
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None
        self.fault: BaseException | None = None
        self._server = server
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen()
        self._client: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, name="meddler")

    def __enter__(self) -> Meddler:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for each in (self._listening, self._client):
            if each is not None:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listening.close()

    def check(self) -> None:
        """Raise what a hook has raised."""
        if self.fault is not None:
            raise self.fault

    def _serve(self) -> None:
        """One client after the other."""
        while True:
            try:
                client, _ = self._listening.accept()
                self._client = client
            except OSError:
                return
            try:
                with client, socket.socket(socket.AF_UNIX) as server:
                    server.connect(self._server.host)
                    self._pass_on(client, server)
            except OSError:
                continue  # the client has given up, or MPD is gone
            except BaseException as fault:
                self.fault = self.fault or fault

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        with client.makefile("rb") as asked, server.makefile("rb") as answered:
            client.sendall(answered.readline())  # MPD's greeting
            while request := _request(asked.readline):
                self.before()
                server.sendall(request)
                answer = _answer(answered.readline)
                if not answer:
                    return
                self.after()
                client.sendall(answer)


def _request(readline: Callable[[], bytes]) -> bytes:
    """A line, or a whole command list; empty at the connection's end."""
    request = line = readline()
    if line.startswith(b"command_list"):
        while line and line != b"command_list_end\n":
            line = readline()
            request += line
    return request


def _answer(readline: Callable[[], bytes]) -> bytes:
    """Everything up to the line that ends an answer; empty at the connection's end."""
    answer = b""
    while line := readline():
        answer += line
        if line == b"OK\n" or line.startswith(b"ACK "):
            return answer
    return b""
