"""`moodbox library`: what music there is for each mood, and what was learned of it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from moodbox.adapters.mpd.player import LibraryCount, MpdPlayer
from moodbox.commands import learned
from moodbox.compose import mpd_address
from moodbox.core.mood import Mood
from moodbox.core.ports import PlayerError

if TYPE_CHECKING:
    import argparse

    from moodbox.config import Config

GOOD_LIBRARY = 100
"""Songs a mood below which evenings begin to repeat themselves."""


def main(arguments: argparse.Namespace, config: Config) -> int:
    """Print each mood's sources, songs and minutes; 69 when MPD is not there.

    With `--learned` or `--forget`, show or clear what was learned of songs instead.
    """
    if arguments.learned:
        return learned.show()
    if arguments.forget:
        return learned.forget(config)
    player = MpdPlayer(mpd_address(config, os.environ))
    try:
        for mood in Mood:
            print("\n".join(lines(mood, player.library(mood))))
    except PlayerError as error:
        print(f"moodbox: {error}", file=sys.stderr)
        return os.EX_UNAVAILABLE
    finally:
        player.close()
    return 0


def lines(mood: Mood, count: LibraryCount) -> list[str]:
    """What a person should know of one mood's music."""
    minutes = f"{count.duration_s / 60:.0f} min"
    told = [
        f"{mood:<9}{count.songs:>6} songs {minutes:>9}   "
        f"folder {mood}/: {count.from_folder}, playlist {mood}: {count.from_playlist}"
    ]
    if count.missing:
        told.append(f"{'':9}the playlist names {count.missing} songs that MPD does not have")
    if count.songs == 0:
        told.append(
            f"{'':9}no music: put songs into the folder {mood}/ of MPD's music directory and run "
            f"'mpc update', or save a playlist named {mood}"
        )
    elif count.songs < GOOD_LIBRARY:
        told.append(f"{'':9}under {GOOD_LIBRARY} songs: a good library has 100–150 a mood")
    return told
