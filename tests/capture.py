"""Writes down what an MPD client sends, as the tests replay it.

    python -m tests.capture [--listen 6601] [--server 127.0.0.1:6600] tests/client_sessions/NAME.txt

Point the client at port 6601 of this machine. Each line typed here names what is done next, and
begins an act of the recording; after `-` nothing is written down until the next; the end of the
input (Ctrl-D) ends it. Without a server there is one with the tests' music, and a box at it.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import socket
import sys
import tempfile
import threading
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from moodbox.adapters.mpd.address import MpdAddress
from moodbox.adapters.mpd.link import connect, disconnect
from moodbox.core.mood import Mood
from tests.support.live_box import live_box
from tests.support.mpd_server import MpdServer
from tests.support.transcript import BY_ID, write_recorded_music

if TYPE_CHECKING:
    from collections.abc import Iterator

BETWEEN = "-"
_PASSWORD = re.compile(r"password .*")


class Recorder:
    """Passes on what clients and MPD send each other, and writes down the clients' lines.

    Of MPD's own answers nothing is kept but the song behind an id, since ids are MPD's of that day.
    A password is written down as `secret`.
    """

    def __init__(self, server: MpdAddress, port: int, out: TextIO) -> None:
        """Listens on `port` of the loopback, 0 for a free one; `server` is a host with a port."""
        self._server, self._out = server, out
        self._listening = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listening.getsockname()[1]
        self._numbers = count(1)
        self._writing = threading.Lock()
        self._keeps = False
        """Whether there is an act to which lines belong."""
        self._began_s: float | None = None
        """When the first line of this act came."""
        threading.Thread(target=self._accept, daemon=True).start()

    def act(self, what: str) -> None:
        """Begin an act: what the person is about to do, or `-` for nothing of interest."""
        with self._writing:
            self._began_s, self._keeps = None, what != BETWEEN
            if self._keeps:
                self._write(f"\n== {what}")

    def close(self) -> None:
        """Take no more clients."""
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """Pass on one connection, until either side ends it."""
        number = next(self._numbers)
        with client, socket.create_connection((self._server.host, self._server.port)) as server:
            for side in (client, server):  # else each answer waits for 40 ms on the way
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=_pass_on, args=(server, client), daemon=True).start()
            with contextlib.suppress(OSError), client.makefile("rb") as lines:
                for line in lines:
                    self._note(number, line.decode("utf-8", "replace").rstrip("\n"))
                    server.sendall(line)

    def _note(self, number: int, line: str) -> None:
        """Write down a line before MPD gets it: an id still stands for its song."""
        now_s, song = time.monotonic(), self._song(line)
        line = _PASSWORD.sub('password "secret"', line)
        with self._writing:
            if not self._keeps:
                return
            if self._began_s is None:
                self._began_s = now_s
            if song is not None:
                self._write(f"# {song}")
            self._write(f"{now_s - self._began_s:.3f} {number} {line}")

    def _song(self, line: str) -> str | None:
        """The URI of the song that a line names by its id; None where it names none."""
        found = BY_ID.match(line)
        if found is None:
            return None
        mpd = connect(self._server, time.monotonic() + 5)
        try:
            return next((s["file"] for s in mpd.playlistinfo() if s["id"] == found["id"]), "")
        finally:
            disconnect(mpd)

    def _write(self, line: str) -> None:
        self._out.write(f"{line}\n")
        self._out.flush()


def _pass_on(source: socket.socket, to: socket.socket) -> None:
    """Pass on MPD's answers; the client's connection ends with them."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            to.sendall(data)
        to.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def recorder(server: MpdAddress, port: int, out: TextIO) -> Iterator[Recorder]:
    """A recorder that writes to `out`."""
    running = Recorder(server, port, out)
    try:
        yield running
    finally:
        running.close()


def main() -> None:
    """Record until the input ends."""
    parser = argparse.ArgumentParser(prog="python -m tests.capture", description=__doc__)
    parser.add_argument("--listen", type=int, default=6601, metavar="PORT")
    parser.add_argument("--server", metavar="HOST:PORT")
    parser.add_argument("file", type=argparse.FileType("w", encoding="utf-8"))
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        host, _, port = (options.server or stack.enter_context(_own_server())).rpartition(":")
        address = MpdAddress(host, int(port))
        running = stack.enter_context(recorder(address, options.listen, options.file))
        print(f"Point the client at 127.0.0.1:{running.port}. What do you do first?", flush=True)
        for line in sys.stdin:
            running.act(line.strip())


@contextlib.contextmanager
def _own_server() -> Iterator[str]:
    """An MPD with the tests' music and a box before an empty chair; yields its address."""
    with tempfile.TemporaryDirectory() as name:
        music, home = Path(name) / "music", Path(name) / "box"
        home.mkdir()
        write_recorded_music(music)
        with MpdServer(Path(name) / "mpd", music) as server, live_box(server, home, Mood.HAPPY):
            yield f"127.0.0.1:{server.port}"


if __name__ == "__main__":
    main()
