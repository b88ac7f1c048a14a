"""`moodbox detect`: the same as `mpc sendmessage moodbox detect`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import mpd

from moodbox.adapters.player import MpdPlayer
from moodbox.compose import mpd_address
from moodbox.core.ports import PlayerError

if TYPE_CHECKING:
    import argparse

    from moodbox.config import Config

EX_UNAVAILABLE = 69


def main(arguments: argparse.Namespace, config: Config) -> int:
    """Send `detect` on the box's channel; 69 when nobody hears it."""
    player = MpdPlayer(mpd_address(config, os.environ))
    try:
        player.send("detect")
    except PlayerError as error:
        nobody = "MPD is there, but no box listens to it: is it running?"
        print(f"moodbox: {nobody if _nobody_listens(error) else error}", file=sys.stderr)
        return EX_UNAVAILABLE
    finally:
        player.close()
    return 0


def _nobody_listens(error: PlayerError) -> bool:
    """Whether MPD knows no such channel; it refuses a message for want of a password too."""
    cause = error.__cause__
    return isinstance(cause, mpd.CommandError) and cause.errno is mpd.FailureResponseCode.NO_EXIST
