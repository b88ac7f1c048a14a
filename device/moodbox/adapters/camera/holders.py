"""Who holds a device file: for the message about a busy camera."""

from __future__ import annotations

import os
from pathlib import Path

PI_CAMERA_DEVICES = ("/dev/video", "/dev/media")
"""What libcamera opens of a Pi's camera; names start with these."""

PROC = Path("/proc")


def holders(prefixes: tuple[str, ...]) -> list[str]:
    """Other processes that have a file open whose path starts with one of `prefixes`.

    As "name (pid)", by pid. A process of another user cannot be looked into and is left out, so
    that an empty list proves nothing.
    """
    found = []
    for pid in sorted(int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()):
        if pid == os.getpid():
            continue
        folder = PROC / str(pid)
        try:
            targets = [str(link.readlink()) for link in (folder / "fd").iterdir()]
            name = (folder / "comm").read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            continue  # gone meanwhile, or another user's
        if any(target.startswith(prefixes) for target in targets):
            found.append(f"{name} ({pid})")
    return found


def told(prefixes: tuple[str, ...]) -> str:
    """A half-sentence on who holds it, and what to do."""
    found = holders(prefixes)
    if found:
        return f"held by {', '.join(found)}: stop that first"
    return "held by a process that cannot be looked into (as root: fuser -v /dev/video*)"
