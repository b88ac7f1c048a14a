"""A mood's music in MPD: the stored playlist of its name and the folder of its name, together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import mpd

from moodbox.core.ports import MOST_CANDIDATES

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from moodbox.adapters.mpd_link import Exchange
    from moodbox.core.mood import Mood

SLICE = 500
"""Songs asked for in one request: MPD drops a connection whose answer grows too long."""
RANDOM_SLICE = 100
"""Songs of each random slice of a large folder: small enough to mix, few enough requests."""

_ACK = mpd.FailureResponseCode
_NO_PLAYLIST = (_ACK.NO_EXIST, _ACK.UNKNOWN)
"""No such stored playlist, or stored playlists switched off in MPD's configuration."""


@dataclass(frozen=True, slots=True)
class LibraryCount:
    """How much music a mood has."""

    songs: int
    """Different songs in both places together."""
    duration_s: float
    """Their length together, as far as MPD knows it."""
    from_playlist: int
    """Songs of the stored playlist that are in MPD's database, or streams."""
    from_folder: int
    """Songs in the folder."""
    missing: int = 0
    """Entries of the stored playlist that are not in the database."""


def read_songs(ask: Exchange, mood: Mood, rng: random.Random) -> tuple[str, ...]:
    """URIs of a mood's music, each once; of more than MOST_CANDIDATES a random part that size."""
    entries, _ = _playlist(ask, mood)
    uris = dict.fromkeys(uri for uri, _ in entries)
    for window in _windows(_folder(ask, mood)[0], rng):
        found = ask.ask("find", _base(mood), "window", window)
        uris.update(dict.fromkeys(song["file"] for song in found))
    every = list(uris)
    if len(every) > MOST_CANDIDATES:
        every = rng.sample(every, MOST_CANDIDATES)
    return tuple(every)


def count_songs(ask: Exchange, mood: Mood) -> LibraryCount:
    """Count a mood's songs and their length, without listing its folder."""
    entries, missing = _playlist(ask, mood)
    in_folder, folder_s = _folder(ask, mood)
    elsewhere = {uri: s for uri, s in entries if not uri.startswith(f"{mood}/")}
    return LibraryCount(
        songs=in_folder + len(elsewhere),
        duration_s=folder_s + sum(elsewhere.values()),
        from_playlist=len(dict(entries)),
        from_folder=in_folder,
        missing=missing,
    )


def _windows(total: int, rng: random.Random) -> Iterator[tuple[int, int]]:
    """Slices that cover a folder of `total` songs, or random ones of a large folder."""
    if total <= MOST_CANDIDATES:
        for start in range(0, total, SLICE):
            yield start, start + SLICE
        return
    # The folder as a ring, cut at random places: each song has the same chance to be read.
    first = rng.randrange(total)
    slices = range(first, first + total - RANDOM_SLICE + 1, RANDOM_SLICE)
    for begin in rng.sample(slices, MOST_CANDIDATES // RANDOM_SLICE):
        start, end = begin % total, begin % total + RANDOM_SLICE
        yield start, min(end, total)
        if end > total:
            yield 0, end - total


def _base(mood: Mood) -> str:
    return f'(base "{mood}")'


def _folder(ask: Exchange, mood: Mood) -> tuple[int, float]:
    """Number of songs in the mood's folder, and their length in seconds."""
    try:
        count = ask.ask("count", _base(mood))
    except mpd.CommandError as error:
        if error.errno is not _ACK.NO_EXIST:
            raise
        return 0, 0.0
    return int(count["songs"]), float(count["playtime"])


def _playlist(ask: Exchange, mood: Mood) -> tuple[list[tuple[str, float]], int]:
    """URI and seconds of each playable entry of the mood's stored playlist, and the others' number.

    MPD tells nothing but the name of an entry that its database does not hold.
    """
    try:
        listed = ask.ask("listplaylistinfo", str(mood))
    except mpd.CommandError as error:
        if error.errno not in _NO_PLAYLIST:
            raise
        return [], 0
    playable = [song for song in listed if len(song) > 1 or "://" in song["file"]]
    entries = [(song["file"], float(song.get("duration", 0))) for song in playable]
    return entries, len(listed) - len(playable)
