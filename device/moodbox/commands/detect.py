"""`moodbox detect`: the same as `mpc sendmessage moodbox detect`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from moodbox.adapters.mpd.player import MpdPlayer
from moodbox.compose import mpd_address
from moodbox.core.ports import PlayerError

if TYPE_CHECKING:
    import argparse

    from moodbox.config import Config


def main(arguments: argparse.Namespace, config: Config) -> int:
    """Send `detect` on the box's channel; 69 when nobody hears it."""
    player = MpdPlayer(mpd_address(config, os.environ))
    nobody = "MPD is there, but no box listens to it: is it running?"
    try:
        fault = None if player.send("detect") else nobody
    except PlayerError as error:
        fault = str(error)
    finally:
        player.close()
    if fault is None:
        return 0
    print(f"moodbox: {fault}", file=sys.stderr)
    return os.EX_UNAVAILABLE
