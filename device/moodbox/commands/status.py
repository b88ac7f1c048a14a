"""`moodbox status`: print the running box's status."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from moodbox.adapters.lock import in_use
from moodbox.adapters.store import RuntimeFiles
from moodbox.compose import status_directories
from moodbox.core.foreign import DamagedError, json_text, printable

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from moodbox.config import Config


def main(arguments: argparse.Namespace, config: Config) -> int:
    """Print the status; returns 69 when no box is running here."""
    folders = status_directories(os.environ)
    try:
        status = running(folders)
        text = render(status) if status is not None and not arguments.json else ""
    except (OSError, DamagedError) as error:
        print(f"moodbox: the status cannot be read: {printable(_why(error))}", file=sys.stderr)
        return 1
    if status is None:
        searched = printable(" and ".join(map(str, folders)))
        print(f"moodbox: no box is running here (searched {searched})", file=sys.stderr)
        return os.EX_UNAVAILABLE
    print(json_text(status) if arguments.json else text)
    return 0


def running(folders: list[Path]) -> dict[str, Any] | None:
    """The status of the box that runs with one of these runtime directories; None without one.

    Raises OSError when it may not be read and DamagedError when it is not a status.
    """
    for folder in folders:
        try:
            # A box that was killed leaves an old status behind: ignore it.
            status = RuntimeFiles(folder).read_status() if in_use(folder) else None
        except FileNotFoundError:
            continue
        if status is not None:
            return status
    return None


def _why(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return f"{error.filename} may not be read by this user; try 'sudo moodbox status'"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def render(status: dict[str, Any]) -> str:
    """The status as lines for a person. Raises DamagedError if fields are missing or wrong."""
    try:
        rows = _rows(status)
    except (LookupError, TypeError, ValueError) as error:
        raise DamagedError("another version of moodbox wrote it, or it is damaged") from error
    return "\n".join(f"{name:<17}{printable(str(value))}" for name, value in rows)


def _rows(status: dict[str, Any]) -> list[tuple[str, Any]]:
    confidence = status.get("confidence")
    reading, camera, mpd = status.get("last_reading"), status["camera"], status["mpd"]
    manual, attention = status["manual_control"], status["needs_attention"]
    read = "none yet"
    if reading:
        read = f"{reading['mood'] or reading['why']} from {reading['frames']} frames"
        read += f", {confidence:.0%} sure" if confidence is not None else ""
    rows = {
        "box": status["state"],
        "here": status["presence"],
        "mood": status["mood"] or "none yet",
        "last reading": read,
        "music": f"manual control: {manual}" if manual else "controlled by the box",
        "song": status["song"] or "none",
        "light": status["light"],
        "camera": camera["fault"] or ("closed" if camera["closed"] else "fine"),
        "MPD": mpd["fault"] or mpd["error"] or f"{mpd['state']}, {mpd['queue']} songs queued",
    }
    return [*rows.items(), *(("needs attention", what) for what in attention)]
