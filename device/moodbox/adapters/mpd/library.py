"""A mood's music in MPD: the stored playlist and the folder that have its name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import mpd

from moodbox.core.foreign import whole_number
from moodbox.core.music.playback import Batch
from moodbox.core.music.tastes import Ratings
from moodbox.core.ports import MOST_CANDIDATES

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping

    from moodbox.adapters.mpd.link import Exchange, MpdLink
    from moodbox.core.mood import Mood

BATCH = 500
"""Songs asked for in one request: MPD drops a connection whose answer grows too long."""
RANDOM_BATCH = 100
"""Songs of each random slice of a large folder: small slices mix well, large ones need fewer
requests."""

MOST_RATING = 100
"""Largest `rating` or `like` that is accepted; clients write up to 10."""

_ACK = mpd.FailureResponseCode
_NO_PLAYLIST = (_ACK.NO_EXIST, _ACK.UNKNOWN)
"""There is no such stored playlist, or MPD's configuration has no stored playlists."""


@dataclass(frozen=True, slots=True)
class LibraryCount:
    """How much music a mood has."""

    songs: int
    """Different songs in the playlist and the folder together."""
    duration_s: float
    """Their total length, as far as MPD knows it. Songs of a playlist of more than MOST_CANDIDATES
    that are not in the folder are not counted."""
    from_playlist: int
    """Songs of the stored playlist that are in MPD's database, or streams."""
    from_folder: int
    """Songs in the folder."""
    missing: int = 0
    """Entries of the stored playlist that are not in the database; always 0 for so long a one."""


def revision(ask: Exchange, mood: Mood) -> str:
    """When MPD's database and the mood's stored playlist last changed, as an opaque text.

    It also changes when the playlist's file was edited without MPD.
    """
    updated = ask.ask("stats").get("db_update", "")
    try:
        stored = ask.ask("listplaylists")
    except mpd.CommandError as error:
        if error.errno not in _NO_PLAYLIST:
            raise
        stored = []
    saved = [entry["last-modified"] for entry in stored if entry["playlist"] == str(mood)]
    return f"{updated} {saved}"


def batches(link: MpdLink, mood: Mood, rng: random.Random) -> Iterator[Batch]:
    """A mood's music in batches; each is requested in an exchange of its own."""
    with link.exchange() as ask:
        entries, _ = _playlist(ask, mood)
    with link.exchange() as ask:
        in_folder, _ = _folder(ask, mood)
    uris = list(dict(entries))
    total = in_folder + sum(not _is_in_folder(uri, mood) for uri in uris)
    if uris:
        yield Batch(tuple(rng.sample(uris, min(len(uris), MOST_CANDIDATES))), total)
    for window in _windows(in_folder, rng):
        with link.exchange() as ask:
            found = ask.ask("find", _base(mood), "window", window)
        yield Batch(tuple(song["file"] for song in found), total)


def ensure_playlists(ask: Exchange, playlists: Mapping[str, str]) -> None:
    """Save each stored playlist that is missing or empty, if MPD knows its song."""
    try:
        there = {entry["playlist"] for entry in ask.ask("listplaylists")}
    except mpd.CommandError as error:
        if error.errno not in _NO_PLAYLIST:
            raise
        return
    for name, uri in playlists.items():
        if name in there and ask.ask("listplaylist", name):
            continue
        try:
            ask.ask("playlistadd", name, uri)
        except mpd.CommandError as error:
            if error.errno is not _ACK.NO_EXIST:
                raise


def ratings(ask: Exchange) -> dict[str, Ratings]:
    """Clients' ratings of songs, from the stickers `rating` and `like`; empty without stickers."""
    said: dict[str, Ratings] = {}
    for name in ("rating", "like"):
        try:
            found = ask.ask("sticker_find", "song", "", name)
        except mpd.CommandError as error:
            if error.errno is not _ACK.UNKNOWN:
                raise
            return {}
        for entry in found:
            number = entry["sticker"].removeprefix(f"{name}=")
            # A client may write any text, even a number of thousands of digits.
            value = whole_number(number, 0, MOST_RATING)
            if value is not None:
                so_far = said.get(entry["file"], Ratings())
                said[entry["file"]] = replace(so_far, **{name: value})
    return said


def count_songs(ask: Exchange, mood: Mood) -> LibraryCount:
    """Count a mood's songs and sum their lengths, without listing its folder."""
    entries, missing = _playlist(ask, mood)
    in_folder, folder_s = _folder(ask, mood)
    elsewhere = {uri: s for uri, s in entries if not _is_in_folder(uri, mood)}
    return LibraryCount(
        songs=in_folder + len(elsewhere),
        duration_s=folder_s + sum(elsewhere.values()),
        from_playlist=len(dict(entries)),
        from_folder=in_folder,
        missing=missing,
    )


def _windows(total: int, rng: random.Random) -> Iterator[tuple[int, int]]:
    """Slices (start, end) that cover a folder of `total` songs; of a large folder random ones."""
    if total <= MOST_CANDIDATES:
        for start in range(0, total, BATCH):
            yield start, start + BATCH
        return
    # Treat the folder as a ring that starts at a random song, so that each is equally likely.
    first = rng.randrange(total)
    batches = range(first, first + total - RANDOM_BATCH + 1, RANDOM_BATCH)
    for begin in rng.sample(batches, MOST_CANDIDATES // RANDOM_BATCH):
        start, end = begin % total, begin % total + RANDOM_BATCH
        yield start, min(end, total)
        if end > total:
            yield 0, end - total


def _is_in_folder(uri: str, mood: Mood) -> bool:
    return uri.startswith(f"{mood}/")


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
    """URI and seconds of each playable entry of the mood's stored playlist; number of the others.

    Of an entry that its database does not hold, MPD lists the name only. A playlist of more than
    MOST_CANDIDATES songs is listed by name alone, and all entries count as playable: for 16,000
    songs that takes 30 ms. A full listing takes half a second on a busy machine, or MPD drops the
    connection; before MPD 0.24 a playlist cannot be listed in parts.
    """
    try:
        names = ask.ask("listplaylist", str(mood))
        if len(names) > MOST_CANDIDATES:
            return [(uri, 0.0) for uri in names], 0
        listed = ask.ask("listplaylistinfo", str(mood))
    except mpd.CommandError as error:
        if error.errno not in _NO_PLAYLIST:
            raise
        return [], 0
    playable = [song for song in listed if len(song) > 1 or "://" in song["file"]]
    entries = [(song["file"], float(song.get("duration", 0))) for song in playable]
    return entries, len(listed) - len(playable)
