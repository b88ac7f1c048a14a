"""`moodbox detect`: the same as `mpc sendmessage moodbox detect`, and what comes of it."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

from moodbox.adapters.mpd.player import MpdPlayer
from moodbox.commands.status import running
from moodbox.compose import mpd_address, status_directories
from moodbox.core.foreign import printable
from moodbox.core.ports import PlayerError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from moodbox.config import Config

BEGIN_S = 3.0
"""Longest wait for a reading to begin; the box hears a message within milliseconds."""
SPARE_S = 5.0
"""Longer than a reading may take by the configuration, the box is not waited for."""
POLL_S = 0.05
"""Pause between two polls of the box's status."""


def main(arguments: argparse.Namespace, config: Config) -> int:
    """Send `detect` on the box's channel and tell what the box makes of it.

    0 when it has read a mood, or is on another machine; 1 when it has not, and why; 69 when nobody
    hears it.
    """
    before = _status()
    fault = _send(config)
    if fault is not None:
        print(f"moodbox: {printable(fault)}", file=sys.stderr)
        return os.EX_UNAVAILABLE
    if before is None:
        print("a box listens; it is none of this machine's, so what it reads is not seen here")
        return 0
    why = hindrance(before)
    after = before if why else _after_reading(config.sitting.reading_s)
    if why or after is None:
        print(f"moodbox: {printable(why or _NOT_BEGUN)}", file=sys.stderr)
        return 1
    read, text = outcome(after)
    print(printable(text))
    return 0 if read else 1


_NOT_BEGUN = "the box has heard it and begins no reading; 'moodbox status' tells how it is"


def _send(config: Config) -> str | None:
    """Send the message; what went wrong, or None."""
    player = MpdPlayer(mpd_address(config, os.environ))
    try:
        heard = player.send("detect")
    except PlayerError as error:
        return str(error)
    finally:
        player.close()
    return None if heard else "MPD is there, but no box listens to it: is it running?"


def _status() -> dict[str, Any] | None:
    """What a box that runs here says of itself; None where none runs, or none can be asked."""
    try:
        return running(status_directories(os.environ))
    except (OSError, ValueError):
        return None


def _polls(longest_s: float) -> Iterator[dict[str, Any]]:
    """The box's status, time and again; ends with the time, or with the box."""
    until_s = time.monotonic() + longest_s
    while time.monotonic() < until_s and (status := _status()) is not None:
        yield status
        time.sleep(POLL_S)


def _after_reading(reading_s: float) -> dict[str, Any] | None:
    """The status after a reading that begins now; None where none begins, or none ends."""
    begun = any(status.get("state") == "reading" for status in _polls(BEGIN_S))
    if not begun:
        return None
    ends = (s for s in _polls(reading_s + SPARE_S) if s.get("state") != "reading")
    return next(ends, None)


def hindrance(status: dict[str, Any]) -> str | None:
    """Why the box cannot read anybody, by its status; None where it can."""
    camera = _part(status, "camera")
    if camera.get("closed"):
        return "the camera is closed: only a press of the box's button opens it"
    if camera.get("fault"):
        return f"the box has no camera to look with: {camera['fault']}"
    return None


def outcome(status: dict[str, Any]) -> tuple[bool, str]:
    """Whether the box has just read a mood, and what became of it in a sentence."""
    reading = _part(status, "last_reading")
    mood, confidence = reading.get("mood"), status.get("confidence")
    if not mood:
        return False, f"no mood was read: {reading.get('why') or 'the box is not sure'}"
    sure = f" ({confidence:.0%} sure)" if isinstance(confidence, float) else ""
    return True, f"it reads {mood}{sure}; {_music(status, str(mood))}"


def _music(status: dict[str, Any], mood: str) -> str:
    """What the music does."""
    player = _part(status, "mpd")
    if player.get("fault") or player.get("error"):
        return f"the music waits: {player.get('fault') or player.get('error')}"
    if player.get("mood_without_music") == mood:
        return f"there is no music for {mood}, so what plays stays"
    if status.get("manual_control"):
        return f"the music stays as it is: {status['manual_control']}"
    return f"{mood} music plays"


def _part(status: dict[str, Any], name: str) -> dict[str, Any]:
    part = status.get(name)
    return part if isinstance(part, dict) else {}
