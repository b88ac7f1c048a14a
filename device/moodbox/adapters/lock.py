"""A lock on the runtime directory: at most one box uses it, and others can see whether one does."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK_WAIT_S = 1.0
"""Longest wait for the lock: `moodbox status` holds it briefly, another box as long as it runs."""


class AlreadyRunsError(RuntimeError):
    """Another box uses this runtime directory."""


@contextmanager
def sole_user(folder: Path) -> Iterator[None]:
    """Lock `folder` for this process; the kernel unlocks it however the process ends.

    Raises AlreadyRunsError when another process holds it, OSError when it cannot be opened.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        until_s = time.monotonic() + LOCK_WAIT_S
        while not _lock(handle, fcntl.LOCK_EX):
            if time.monotonic() > until_s:
                raise AlreadyRunsError(
                    f"another box is running with {folder}: stop it first, or set another "
                    "RUNTIME_DIRECTORY for this one"
                )
            time.sleep(0.02)
        yield
    finally:
        os.close(handle)


def in_use(folder: Path) -> bool:
    """Whether a box runs with this runtime directory. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return not _lock(handle, fcntl.LOCK_SH)
    finally:
        os.close(handle)


def _lock(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
