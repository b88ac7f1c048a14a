"""`moodbox library`: what music each mood has, and what was learned of it."""

from __future__ import annotations

import difflib
import os
import sys
import unicodedata
from typing import TYPE_CHECKING

from moodbox.adapters.mpd.names import Names
from moodbox.adapters.mpd.player import LibraryCount, MpdPlayer
from moodbox.commands import learned
from moodbox.compose import mpd_address
from moodbox.core.foreign import printable
from moodbox.core.mood import Mood
from moodbox.core.ports import PlayerError

if TYPE_CHECKING:
    import argparse

    from moodbox.config import Config

GOOD_LIBRARY = 100
"""Songs per mood; with fewer, the same ones come again within the week."""


SIMILAR = 0.8
"""difflib's similarity ratio from which a name counts as a misspelling."""


def main(arguments: argparse.Namespace, config: Config) -> int:
    """Print each mood's sources, songs and minutes; returns 69 when MPD cannot be reached.

    With `--learned` or `--forget`, show or clear what was learned of songs instead.
    """
    if arguments.learned:
        return learned.show()
    if arguments.forget:
        return learned.forget(config)
    player = MpdPlayer(mpd_address(config, os.environ))
    try:
        names = names_of(player)
        for mood in Mood:
            for line in lines(mood, player.library(mood), names):
                print(printable(line))
    except PlayerError as error:
        print(f"moodbox: {printable(str(error))}", file=sys.stderr)
        return os.EX_UNAVAILABLE
    finally:
        player.close()
    return 0


def names_of(player: MpdPlayer) -> Names:
    """Names of folders and playlists; empty if MPD cannot list them in one answer."""
    try:
        return player.names()
    except PlayerError:
        return Names()


def lines(mood: Mood, count: LibraryCount, names: Names) -> list[str]:
    """Lines about one mood's music for a person; `names` are MPD's folders and playlists."""
    minutes = f"{count.duration_s / 60:.0f} min"
    told = [
        f"{mood:<9}{count.songs:>6} songs {minutes:>9}   "
        f"folder {mood}/: {count.from_folder}, playlist {mood}: {count.from_playlist}"
    ]
    if count.missing:
        told.append(f"{'':9}the playlist lists {count.missing} songs that MPD does not have")
    for what, taken in (("folder", names.folders), ("playlist", names.playlists)):
        told += [
            f"{'':9}rename the {what} {name!r} to {str(mood)!r}: as it is, it does not count"
            for name in meant(mood, taken, empty=count.songs == 0)
        ]
    if count.songs == 0:
        told.append(
            f"{'':9}no music: put songs into the folder {mood}/ in MPD's music directory and run "
            f"'mpc update', or save a playlist named {mood}"
        )
    elif count.songs < GOOD_LIBRARY:
        told.append(f"{'':9}under {GOOD_LIBRARY} songs: 100–150 songs per mood are a good library")
    return told


def meant(mood: Mood, names: frozenset[str], *, empty: bool) -> list[str]:
    """Names that a person probably meant for the mood, but that are not exactly its name.

    They differ in capitals, spaces or signs: `Angry`, `angry `. If the mood is `empty`, a
    misspelling counts too: `suprise`.
    """
    found = [name for name in names if name != str(mood) and _letters(name) == str(mood)]
    if empty and not found:
        rest = names - {str(mood)}
        found = [name for name in rest if _is_slip(_letters(name), str(mood))]
    return sorted(found)


def _letters(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name).casefold()
    return "".join(char for char in folded if char.isalpha())


def _is_slip(name: str, mood: str) -> bool:
    """Whether about one or two letters differ; never for words of up to three letters."""
    alike = difflib.SequenceMatcher(None, name, mood).ratio()
    return len(mood) > 3 and alike >= SIMILAR and name not in set(Mood)
