"""Which songs belong into which mood's playlist, and what a person changed there. Pure."""

from __future__ import annotations

import posixpath
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from moodbox.core.mood import Mood
from moodbox.sorting.taste import Correction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from moodbox.sorting.place import Place, Sound

MOST_SONGS = 300
"""A mood. MPD's queue and every client take that easily, and it lasts for days."""
MOST_OF_ALBUM = 3
LIVELY = 0.3
"""Arousal from which a happy song may surprise."""
REPLACED_SHARE = 0.5
"""When less than this of what the box wrote is left, somebody saved another list by that name."""


@dataclass(frozen=True, slots=True)
class Song:
    """A song of MPD's database that was heard."""

    uri: str
    place: Place
    """After the corrections (`Taste.moved`)."""
    sound: Sound
    placed: bool
    """Whether the ear is sure enough, and knows its kind."""
    album: str = ""
    """The album's tag; empty without."""
    hearings: float = 0.0
    """How often this box has played it, the earlier hearings fading."""

    @property
    def record(self) -> tuple[str, str] | None:
        """What counts as one album: its name and folder; None for a song without one."""
        return (self.album, posixpath.dirname(self.uri)) if self.album else None


@dataclass(frozen=True, slots=True)
class Stored:
    """A mood's stored playlist as MPD has it, and what is known of it."""

    uris: tuple[str, ...] | None
    """None where there is no playlist of this name."""
    written: frozenset[str]
    """What the box put in."""
    adopted: bool
    """Whether the box may add to it."""
    by_hand: frozenset[str] = frozenset()
    """What a person was seen to put in before."""


@dataclass(frozen=True, slots=True)
class Edited:
    """What a person did to a playlist since the box wrote it last."""

    corrections: tuple[Correction, ...] = ()
    replaced: bool = False
    """Another list was saved by that name: it is theirs from now on."""


@dataclass(frozen=True, slots=True)
class Change:
    """What the box does to a mood's playlist."""

    add: tuple[str, ...] = ()
    """Best first, at the end."""
    remove: tuple[str, ...] = ()
    """Songs of its own that have no place there any more."""


def edited(mood: Mood, stored: Stored, sounds: Mapping[str, Sound]) -> Edited:
    """What a person took out of a mood's playlist, or put in.

    A playlist that is gone or empty says nothing: it was deleted, and is made anew.
    """
    if not stored.uris or not stored.written:
        return Edited()
    there = set(stored.uris)
    gone = stored.written - there
    if len(gone) > (1 - REPLACED_SHARE) * len(stored.written) and there - stored.written:
        return Edited(replaced=True)
    out = sorted(gone | (stored.by_hand - there))
    told = [Correction(mood, uri, False, sounds.get(uri)) for uri in out]
    told += [
        Correction(mood, uri, True, sounds.get(uri)) for uri in stored.uris
        if uri not in stored.written
    ]  # fmt: skip
    return Edited(tuple(told))


def chosen(mood: Mood, songs: Iterable[Song], corrections: Sequence[Correction]) -> list[str]:
    """URIs of the songs that belong into a mood's playlist, best first.

    What a person took out is left out; songs that they put in need no choosing and are not named.
    """
    of_mood = [told for told in corrections if told.mood is mood]
    # Songs that were placed by a person in one mood are not the box's to place in another.
    by_hand = [told for told in corrections if told.belongs]
    uris: list[str] = []
    of_record: Counter[tuple[str, str]] = Counter()
    for song in sorted(filter(_belongs(mood), songs), key=_order(mood)):
        if not _can_be_stored(song.uri):
            continue
        if any(told.is_of(song.uri, song.sound) for told in (*of_mood, *by_hand)):
            continue
        record = song.record
        if record is not None:
            if of_record[record] >= MOST_OF_ALBUM:
                continue
            of_record[record] += 1
        uris.append(song.uri)
        if len(uris) == MOST_SONGS:
            break
    return uris


def _can_be_stored(uri: str) -> bool:
    """MPD 0.23 lists a stored `a/ b.ogg` as `a/b.ogg`: it could never be told from another's."""
    return not uri.startswith(" ") and "/ " not in uri


def _belongs(mood: Mood) -> Callable[[Song], bool]:
    if mood is Mood.SURPRISE:
        return lambda song: (
            song.placed and song.place.mood is Mood.HAPPY and song.place.arousal > LIVELY
        )
    return lambda song: song.placed and song.place.mood is mood


def _order(mood: Mood) -> Callable[[Song], tuple[float, float, str]]:
    if mood is Mood.SURPRISE:  # there is no data on surprise: what was played least surprises most
        return lambda song: (song.hearings, -song.place.arousal, song.uri)
    return lambda song: (-song.place.confidence, song.place.distance, song.uri)


def change(stored: Stored, wanted: Sequence[str]) -> Change:
    """From a playlist as it is to one that holds what is wanted, a person's songs untouched."""
    if stored.uris is not None and not stored.adopted:
        return Change()
    there = stored.uris or ()
    keep = set(wanted)
    gone = tuple(uri for uri in dict.fromkeys(there) if uri in stored.written and uri not in keep)
    room = MOST_SONGS - (len(there) - len(gone))
    new = [uri for uri in wanted if uri not in set(there)]
    return Change(tuple(new[: max(0, room)]), gone)


def is_persons(stored: Stored) -> bool:
    """Whether the playlist was made by a person, and the box has not been told to add to it."""
    return stored.uris is not None and len(stored.uris) > 0 and not stored.adopted


def small_moods(counts: Mapping[Mood, int], few: int = 20) -> list[str]:
    """A sentence for each mood that gets few songs."""
    return [
        f"{mood}: {count} songs; there is little {_KIND[mood]} music in this library that the box "
        "is sure of, and it does not lower its bar."
        for mood, count in counts.items()
        if count < few
    ]


_KIND = {
    Mood.HAPPY: "lively, positive",
    Mood.SAD: "sad",
    Mood.ANGRY: "hard, angry",
    Mood.SURPRISE: "lively, positive, seldom played",
    Mood.NEUTRAL: "calm",
}
