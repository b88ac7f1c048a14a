"""Whose song is whose: the box's songs and a person's in one MPD queue.

MPD has one queue for everybody. The box remembers what it put there as (id, URI) pairs and compares
those, not version numbers, because a database update bumps the version too. A running MPD gives
every new song a higher id; a restarted one counts from 1 again, so that after a restart an unknown
song with a low id tells of a queue numbered anew, and only then are songs known by their URI alone.

Everything here takes time linear in the queue: a person may have put 16,384 songs there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from moodbox.core.music.trigger_tracks import music_only

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from moodbox.core.music.playback import QueuedSong, Snapshot


@dataclass(frozen=True, slots=True)
class Ownership:
    """Which songs of the queue are whose, as of the last poll."""

    owned: tuple[QueuedSong, ...] = ()
    """What the box put in, and may take out."""
    displaced: tuple[QueuedSong, ...] = ()
    """A person's songs that a press displaced: they stay, and do not count as a new user action."""
    pending: tuple[str, ...] = ()
    """URIs of an `Add` that was sent but not confirmed (MPD stalled, or refused half way).

    Songs of these URIs that turn up are the box's own, not a person's.
    """
    user_songs: tuple[QueuedSong, ...] = ()
    """A person's songs. What is known as a person's is never claimed for the box."""

    def expecting(self, uris: Iterable[str]) -> Ownership:
        """Before a plan is applied: what it adds is the box's, even if no answer ever comes."""
        return replace(self, pending=(*self.pending, *uris))

    def confirmed(self, added: Iterable[QueuedSong]) -> Ownership:
        """After a plan was applied: these are the box's; nothing is pending any more."""
        return replace(self, owned=(*self.owned, *added), pending=())

    def restored(self, added: Iterable[QueuedSong], own_uris: Iterable[str]) -> Ownership:
        """After a cleared queue was restored: each song is whose it was before."""
        songs = tuple(added)
        owned = claim(songs, own_uris)
        confirmed = self.confirmed(song for song in songs if song in owned)
        others = (song for song in songs if song not in owned)
        return replace(confirmed, displaced=(*confirmed.displaced, *others))

    def displacing(self) -> Ownership:
        """At a press: a person's songs stay, and no longer hold the box back."""
        return replace(self, displaced=(*self.displaced, *self.user_songs), user_songs=())


def recognise(
    queue: Sequence[QueuedSong], ownership: Ownership, *, anew: bool = False
) -> Ownership:
    """Find again what is still in the queue, with the ids it has now, in the queue's order.

    `anew` says that the server has restarted since, or may have. What is pending and has turned up
    becomes owned; the rest of it stays pending.
    """
    queue = music_only(queue)  # a trigger track is nobody's song
    were_owned, were_displaced = set(ownership.owned), set(ownership.displaced)
    were_users = set(ownership.user_songs)
    owned = {song for song in queue if song in were_owned}
    displaced = {song for song in queue if song in were_displaced} - owned
    known = owned | displaced
    unknown = [song for song in queue if song not in known and song not in were_users]
    if anew and _is_renumbered(unknown, ownership):
        # Displaced first: of two equal URIs, one is rather left to the person than taken away.
        displaced |= claim(unknown, (s.uri for s in ownership.displaced if s not in known))
        unknown = [song for song in unknown if song not in displaced]
        owned |= claim(unknown, (s.uri for s in ownership.owned if s not in known))
        unknown = [song for song in unknown if song not in owned]
    arrived = claim(unknown, ownership.pending)
    still_pending = Counter(ownership.pending) - Counter(song.uri for song in arrived)
    owned |= arrived
    return Ownership(
        tuple(song for song in queue if song in owned),
        tuple(song for song in queue if song in displaced),
        tuple(still_pending.elements()),
        tuple(song for song in queue if song not in owned and song not in displaced),
    )


def is_own(now: Snapshot, ownership: Ownership) -> bool:
    """Whether the current song is one that the box put in."""
    return any(song.id == now.current_id for song in ownership.owned)


def claim(songs: Iterable[QueuedSong], uris: Iterable[str]) -> set[QueuedSong]:
    """Songs that carry one of these URIs, each URI as often as it is given."""
    left = Counter(uris)
    claimed = set()
    for song in songs:
        if left[song.uri] > 0:
            left[song.uri] -= 1
            claimed.add(song)
    return claimed


def _is_renumbered(unknown: Iterable[QueuedSong], ownership: Ownership) -> bool:
    """Whether an unknown song's id is too low for one that came after the songs we know."""
    highest = max((song.id for song in (*ownership.owned, *ownership.displaced)), default=-1)
    return any(song.id <= highest for song in unknown)
