"""What MPD clients were recorded to send (`tests/client_sessions/`), and how it is sent again.

A recording is text. `# …` at its head says of which client it is and how it was made; `== …` begins
an act, what a person did with the client; each other line is one that the client sent: seconds
since the act's first, which of its connections, and the line itself. An id in such a line is MPD's
of that day, so `# URI` before it says which song it stood for.
"""

from __future__ import annotations

import re
import socket
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from music.chimes import write_chimes
from tests.support.mpd_server import write_song, write_songs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.support.mpd_server import MpdServer

CONNECTS = "connects"
"""The act with which each recording begins."""
ANSWER_S = 10.0
BY_ID = re.compile(r'(?P<command>playid|deleteid|moveid|seekid|prioid) "?(?P<id>\d+)"?')
"""A line that names a song of the queue by its id."""
_SENT = re.compile(r"\d+\.\d+ (?P<connection>\d+) (?P<line>.*)")


@dataclass(frozen=True)
class Sent:
    """A line that a client sent."""

    connection: int
    line: str
    song: str | None = None
    """The URI behind the id in it; None where it has none."""


def read_recording(text: str) -> dict[str, tuple[Sent, ...]]:
    """Act → what was sent in it. Raises ValueError at a line that is none of a recording's."""
    acts: defaultdict[str, tuple[Sent, ...]] = defaultdict(tuple)
    act, song = "", None
    for line in text.splitlines():
        if line.startswith("== "):
            act = line.removeprefix("== ")
        elif line.startswith("#"):
            song = line.removeprefix("#").strip()
        elif found := _SENT.fullmatch(line):
            text, by_id = found["line"], BY_ID.match(found["line"])
            acts[act] += (Sent(int(found["connection"]), text, song if by_id else None),)
        elif line:
            raise ValueError(f"No line of a recording: {line!r}")
    return dict(acts)


def write_recorded_music(music: Path) -> None:
    """The library at which clients are recorded; no song of a person's ends meanwhile."""
    write_songs(music)
    for path in (music / "albums").iterdir():
        write_song(path, duration_s=120.0)
    write_chimes(music, lambda _: None)


class Replay:
    """A recorded client at another MPD: it sends each line again, and awaits each answer."""

    def __init__(
        self, acts: Mapping[str, Sequence[Sent]], server: MpdServer, stack: ExitStack
    ) -> None:
        self.acts = acts
        self._server = server
        self._stack = stack
        self._wires: dict[int, _Wire] = {}

    def act(self, what: str) -> None:
        """Do once more what the person did."""
        for sent in self.acts[what]:
            if sent.connection not in self._wires:
                wire = self._stack.enter_context(_wire(self._server.port))
                self._wires[sent.connection] = wire
            self._wires[sent.connection].send(self._of_today(sent))

    def _of_today(self, sent: Sent) -> str:
        """The line, with the id that its song has now."""
        if sent.song is None:
            return sent.line
        with self._server.person() as client:
            ids = [song["id"] for song in client.playlistinfo() if song["file"] == sent.song]
        return BY_ID.sub(rf"\g<command> {ids[-1]}", sent.line)


@contextmanager
def replay(recording: Path, server: MpdServer) -> Iterator[Replay]:
    """The client of a recording; its connections end with the context."""
    with ExitStack() as stack:
        yield Replay(read_recording(recording.read_text(encoding="utf-8")), server, stack)


class _Wire:
    """One connection of a client to MPD."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._answers = connection.makefile("rb")
        self._held = ""
        """What was sent of a command list that has not ended: MPD answers at its end."""
        self._idles = False
        self._answers.readline()  # MPD's greeting

    def send(self, line: str) -> None:
        """Send a line and await MPD's answer, where it has one for it."""
        command = line.split(maxsplit=1)[0]
        if self._idles and command != "noidle":
            self.send("noidle")  # on that day something had ended its waiting
        self._held += f"{line}\n"
        if self._held.startswith("command_list_") and command != "command_list_end":
            return
        self._connection.sendall(self._held.encode())
        self._held = ""
        # Without an `idle` before it, `noidle` has no answer; and each `idle` has one.
        if command != "idle" and (command != "noidle" or self._idles):
            self._await_answer()
        self._idles = command == "idle"

    def _await_answer(self) -> None:
        while line := self._answers.readline():
            if line == b"OK\n" or line.startswith(b"ACK "):
                return
        raise AssertionError("MPD has ended the connection.")


@contextmanager
def _wire(port: int) -> Iterator[_Wire]:
    with socket.create_connection(("127.0.0.1", port), ANSWER_S) as connection:
        yield _Wire(connection)
