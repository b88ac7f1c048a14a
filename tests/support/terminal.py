"""A program in a terminal, driven as a person does: it is read, and then a key is pressed."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class Terminal:
    """The screen of a program, as far as its text goes, and its keyboard."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._shown = ""

    def read_until(self, text: str, most_s: float = 20.0) -> None:
        """Read the screen until it has shown `text`. Raises AssertionError if it never does."""
        until_s = time.monotonic() + most_s
        while text not in self._shown:
            left_s = until_s - time.monotonic()
            assert left_s > 0, f"{text!r} was never shown, but: {self._shown[-500:]!r}"
            ready, _, _ = select.select([self._handle], [], [], left_s)
            if ready:
                self._shown += os.read(self._handle, 65536).decode("utf-8", "replace")

    def press(self, keys: str) -> None:
        """Press keys; what was shown before is forgotten."""
        self._shown = ""
        os.write(self._handle, keys.encode())


@contextmanager
def terminal(command: Sequence[str], environ: Mapping[str, str]) -> Iterator[Terminal]:
    """Run a program in a terminal of its own; it is ended with the context."""
    ours, theirs = pty.openpty()
    try:
        environ = {"TERM": "xterm", "LINES": "40", "COLUMNS": "100", **environ}
        process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ,
            start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        try:
            yield Terminal(ours)
        finally:
            process.terminate()
            process.wait(10)
    finally:
        os.close(ours)
