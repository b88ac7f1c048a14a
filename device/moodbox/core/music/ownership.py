"""Ownership: which songs in MPD's queue are the box's, and which a person's.

MPD has one queue for everybody. The box remembers the songs that it added as (id, URI) pairs. It
does not compare version numbers, because a database update raises the version too. A running MPD
gives every new song a higher id; a restarted one counts from 1 again. So after a restart an unknown
song with a low id shows that the queue was numbered anew; only then songs are matched by URI alone.

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
    """Whose songs the queue held at the last poll."""

    owned: tuple[QueuedSong, ...] = ()
    """The box's songs: it added them and may remove them."""
    displaced: tuple[QueuedSong, ...] = ()
    """A person's songs that a press displaced: they stay, and do not count as a new user action."""
    pending: tuple[str, ...] = ()
    """URIs of an `Add` that was sent but not confirmed (MPD stalled, or refused half way).

    Unknown songs with these URIs that appear in the queue are the box's own.
    """
    user_songs: tuple[QueuedSong, ...] = ()
    """A person's songs. The box never claims a song that is known as a person's."""

    def expecting(self, uris: Iterable[str]) -> Ownership:
        """Before a plan is applied: its songs are the box's, even without an answer."""
        return replace(self, pending=(*self.pending, *uris))

    def confirmed(self, added: Iterable[QueuedSong]) -> Ownership:
        """After a plan was applied: these songs are the box's; nothing is pending any more."""
        return replace(self, owned=(*self.owned, *added), pending=())

    def restored(self, added: Iterable[QueuedSong], own_uris: Iterable[str]) -> Ownership:
        """After a cleared queue was restored: `own_uris` are the box's, the others displaced."""
        songs = tuple(added)
        owned = claim(songs, own_uris)
        confirmed = self.confirmed(song for song in songs if song in owned)
        others = (song for song in songs if song not in owned)
        return replace(confirmed, displaced=(*confirmed.displaced, *others))

    def displacing(self) -> Ownership:
        """At a press: a person's songs stay, and no longer mean manual control."""
        return replace(self, displaced=(*self.displaced, *self.user_songs), user_songs=())


def recognise(
    queue: Sequence[QueuedSong], ownership: Ownership, *, anew: bool = False
) -> Ownership:
    """Ownership of the songs in `queue`, each with the id it has now, in the queue's order.

    `anew`: the server has restarted since, or may have. Pending songs that are in the queue now
    become owned; the others stay pending. Songs that nothing is known of are the user's.
    """
    queue = music_only(queue)  # a trigger track belongs to nobody
    were_owned, were_displaced = set(ownership.owned), set(ownership.displaced)
    were_users = set(ownership.user_songs)
    owned = {song for song in queue if song in were_owned}
    displaced = {song for song in queue if song in were_displaced} - owned
    known = owned | displaced
    unknown = [song for song in queue if song not in known and song not in were_users]
    if anew and _is_renumbered(unknown, ownership):
        # Displaced songs first: of two songs with one URI, the box must not delete the person's.
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
    """Whether the current song is the box's."""
    return any(song.id == now.current_id for song in ownership.owned)


def claim(songs: Iterable[QueuedSong], uris: Iterable[str]) -> set[QueuedSong]:
    """Songs that have one of these URIs; each URI matches as many songs as it occurs in `uris`."""
    left = Counter(uris)
    claimed = set()
    for song in songs:
        if left[song.uri] > 0:
            left[song.uri] -= 1
            claimed.add(song)
    return claimed


def _is_renumbered(unknown: Iterable[QueuedSong], ownership: Ownership) -> bool:
    """Whether an unknown song has an id too low to have been added after the known songs."""
    highest = max((song.id for song in (*ownership.owned, *ownership.displaced)), default=-1)
    return any(song.id <= highest for song in unknown)
