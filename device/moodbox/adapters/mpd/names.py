"""Names of the folders at the top of MPD's music directory, and of its stored playlists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import mpd

if TYPE_CHECKING:
    from moodbox.adapters.mpd.link import Exchange


@dataclass(frozen=True, slots=True)
class Names:
    """Names of folders and stored playlists."""

    folders: frozenset[str] = frozenset()
    playlists: frozenset[str] = frozenset()


def names(ask: Exchange) -> Names:
    """The names; empty for a kind that MPD refuses to list."""
    return Names(
        frozenset(entry["directory"] for entry in _listed(ask, "lsinfo") if "directory" in entry),
        frozenset(entry["playlist"] for entry in _listed(ask, "listplaylists")),
    )


def _listed(ask: Exchange, command: str) -> list[dict[str, str]]:
    try:
        found: list[dict[str, str]] = ask.ask(command)
    except mpd.CommandError:
        return []
    return found
