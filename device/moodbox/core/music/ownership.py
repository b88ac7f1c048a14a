"""Whose song is whose: the box's songs and a person's in one MPD queue, and plans that respect it.

MPD has one queue for everybody. The box remembers what it put there as (id, URI) pairs and compares
those, not version numbers, because a database update bumps the version too. A running MPD gives
every new song a higher id; a restarted one counts from 1 again, so that after a restart a strange
song with a low id tells of a queue numbered anew, and only then are songs known by their URI alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from moodbox.core.music.triggers import chimes, others
from moodbox.core.ports import (
    Add,
    Delete,
    PlayAdded,
    PlayState,
    QueueCommand,
    QueuedSong,
    Resume,
    Snapshot,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from moodbox.core.music.triggers import Cleared

KEEP_PLAYED = 10
"""Played songs left in front of the current one, so that a person can step back a while."""


@dataclass(frozen=True, slots=True)
class Ownership:
    """Which songs of the queue the box answers for."""

    owned: tuple[QueuedSong, ...] = ()
    """What the box put in, and may take out."""
    tolerated: tuple[QueuedSong, ...] = ()
    """A person's songs that a press displaced: they stay, and do not count as a new hand."""
    pending: tuple[str, ...] = ()
    """URIs of an `Add` that was sent but not confirmed (MPD stalled, or refused half way).

    Songs of these URIs that turn up are the box's own, not a person's.
    """
    strangers: tuple[QueuedSong, ...] = ()
    """A person's songs as last seen. What is known as a person's is never claimed for the box."""

    def expecting(self, commands: Iterable[QueueCommand]) -> Ownership:
        """Before a plan is applied: what it adds is the box's, even if no answer ever comes."""
        uris = tuple(
            uri for command in commands if isinstance(command, Add) for uri in command.uris
        )
        return replace(self, pending=(*self.pending, *uris))

    def confirmed(self, added: Iterable[QueuedSong]) -> Ownership:
        """After a plan was applied: these are the box's; nothing is pending any more."""
        return replace(self, owned=(*self.owned, *added), pending=())

    def put_back(self, added: Iterable[QueuedSong], gone: Cleared) -> Ownership:
        """After what a client cleared was put back: each song is whose it was before."""
        songs = tuple(added)
        owned = _claim(songs, gone.own_uris)
        confirmed = self.confirmed(song for song in songs if song in owned)
        return confirmed.tolerating(song for song in songs if song not in owned)

    def tolerating(self, songs: Iterable[QueuedSong]) -> Ownership:
        """At a press: these songs of a person are displaced and no longer hold the box back."""
        displaced = tuple(songs)
        strangers = tuple(song for song in self.strangers if song not in displaced)
        return replace(self, tolerated=(*self.tolerated, *displaced), strangers=strangers)


def recognise(
    queue: Sequence[QueuedSong], ownership: Ownership, *, anew: bool = False
) -> Ownership:
    """Find again what is still in the queue, with the ids it has now, in the queue's order.

    `anew` says that the server has restarted since, or may have. What is pending and has turned up
    becomes owned; the rest of it stays pending.
    """
    queue = others(queue)  # a chime is nobody's song
    owned, tolerated = set(ownership.owned), set(ownership.tolerated)
    found_owned = {song for song in queue if song in owned}
    found_tolerated = {song for song in queue if song in tolerated} - found_owned
    known = found_owned | found_tolerated
    strange = [song for song in queue if song not in known and song not in ownership.strangers]
    if anew and _renumbered(strange, ownership):
        # Tolerated first: of two equal URIs, one is rather left to the person than taken away.
        found_tolerated |= _claim(strange, (s.uri for s in ownership.tolerated if s not in known))
        strange = [song for song in strange if song not in found_tolerated]
        found_owned |= _claim(strange, (s.uri for s in ownership.owned if s not in known))
        strange = [song for song in strange if song not in found_owned]
    arrived = _claim(strange, ownership.pending)
    still_pending = Counter(ownership.pending) - Counter(song.uri for song in arrived)
    found_owned |= arrived
    return Ownership(
        tuple(song for song in queue if song in found_owned),
        tuple(song for song in queue if song in found_tolerated),
        tuple(still_pending.elements()),
        tuple(song for song in queue if song not in found_owned | found_tolerated),
    )


def foreign(queue: Sequence[QueuedSong], ownership: Ownership) -> tuple[QueuedSong, ...]:
    """Songs that neither the box put in nor a press displaced: a person's hand."""
    return recognise(queue, ownership).strangers


def plan_switch(
    snapshot: Snapshot, wanted_uris: Sequence[str], ownership: Ownership
) -> tuple[QueueCommand, ...]:
    """Put new music on: add it, play it, then take out what the box had put in before.

    In this order, because the queue is then never empty on the box's account, whichever command
    fails. Empty when nothing is wanted: a mood without songs leaves the music as it is.
    """
    if not wanted_uris:
        return ()
    old = (*recognise(snapshot.queue, ownership).owned, *chimes(snapshot.queue))
    old_ids = tuple(song.id for song in old)
    start: tuple[QueueCommand, ...] = (Add(tuple(wanted_uris)), PlayAdded())
    return (*start, Delete(old_ids)) if old_ids else start


def plan_put_back(snapshot: Snapshot, gone: Cleared | None) -> tuple[QueueCommand, ...]:
    """Take the chimes out, and first put back what a client had cleared to load one.

    Not if there is other music in the queue by now: the later hand wins.
    """
    old_ids = tuple(song.id for song in chimes(snapshot.queue))
    plan: list[QueueCommand] = []
    alone = not others(snapshot.queue)
    if gone is not None and alone:
        plan.append(Add(gone.uris))
        state = gone.state if gone.at is not None else PlayState.STOP
        plan.append(Resume(gone.at or 0, gone.elapsed_s, state))
    elif alone and snapshot.state is PlayState.PLAY:
        # With a chime that is all there is, every trace goes that somebody has paused it.
        plan.append(Resume(0, 0.0, PlayState.STOP))
    if old_ids:
        plan.append(Delete(old_ids))
    return tuple(plan)


def after_put_back(
    snapshot: Snapshot, gone: Cleared | None, added: Sequence[QueuedSong]
) -> Snapshot:
    """The player as `plan_put_back`, made for `snapshot`, leaves it; `added` is what it added."""
    left = others(snapshot.queue)
    version = snapshot.version + len(added) + len(snapshot.queue) - len(left)
    if gone is None or left:
        stays = any(song.id == snapshot.current_id for song in left)
        current_id = snapshot.current_id if stays else None
        return replace(snapshot, queue=left, current_id=current_id, version=version)
    state = gone.state if gone.at is not None else PlayState.STOP
    # With the song that it is told to go on with, MPD lets go of the last one's error.
    return replace(
        snapshot,
        queue=tuple(added),
        state=state,
        current_id=added[min(gone.at or 0, len(added) - 1)].id if added else None,
        error=None,
        version=version,
    )


def after_delete(snapshot: Snapshot, ids: Iterable[int]) -> Snapshot:
    """The player as the box leaves it by taking out these songs, of which none plays."""
    gone = set(ids)
    left = tuple(song for song in snapshot.queue if song.id not in gone)
    current_id = None if snapshot.current_id in gone else snapshot.current_id
    version = snapshot.version + len(snapshot.queue) - len(left)
    return replace(snapshot, queue=left, current_id=current_id, version=version)


def plan_top_up(
    snapshot: Snapshot,
    more_uris: Sequence[str],
    ownership: Ownership,
    keep_played: int = KEEP_PLAYED,
) -> tuple[QueueCommand, ...]:
    """Append music, and take out the box's songs that lie far behind the current one.

    Of those behind, the last `keep_played` stay. Nothing is taken out while nothing is current.
    """
    behind = _owned_ids(snapshot, ownership, ahead=False)
    old_ids = behind[: max(0, len(behind) - keep_played)]
    plan: list[QueueCommand] = []
    if more_uris:
        plan.append(Add(tuple(more_uris)))
    if old_ids:
        plan.append(Delete(old_ids))
    return tuple(plan)


def songs_left(snapshot: Snapshot, ownership: Ownership) -> int:
    """How many of the box's songs stand behind the current one in line; 0 when none is current."""
    return len(_owned_ids(snapshot, ownership, ahead=True))


def around(
    snapshot: Snapshot | None, ownership: Ownership
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """URIs of the box's songs: before the current one, and from it on, in the queue's order.

    Where none is current all are still to come.
    """
    behind = _owned_ids(snapshot, ownership, ahead=False) if snapshot else ()
    return (
        tuple(song.uri for song in ownership.owned if song.id in behind),
        tuple(song.uri for song in ownership.owned if song.id not in behind),
    )


def taken_out(before: Snapshot, now: Snapshot, ownership: Ownership) -> tuple[QueuedSong, ...]:
    """The box's songs still to come that a person took out between two looks.

    `ownership` is that of `before`. Who clears the queue means no song in particular, and after a
    restart of the server nothing is known.
    """
    here = set(now.queue)
    if before.restarts != now.restarts or here.isdisjoint(ownership.owned):
        return ()
    ahead = _owned_ids(before, ownership, ahead=True)
    return tuple(song for song in before.queue if song.id in ahead and song not in here)


def _owned_ids(snapshot: Snapshot, ownership: Ownership, *, ahead: bool) -> tuple[int, ...]:
    """Ids of owned songs after (`ahead`) or before the current song, in the queue's order."""
    ids = [song.id for song in snapshot.queue]
    if snapshot.current_id is None or snapshot.current_id not in ids:
        return ()
    at = ids.index(snapshot.current_id)
    part = snapshot.queue[at + 1 :] if ahead else snapshot.queue[:at]
    owned = set(recognise(snapshot.queue, ownership).owned)
    return tuple(song.id for song in part if song in owned)


def _renumbered(strange: Iterable[QueuedSong], ownership: Ownership) -> bool:
    """Whether a strange song's id is too low for one that came after the songs we know."""
    highest = max((song.id for song in (*ownership.owned, *ownership.tolerated)), default=-1)
    return any(song.id <= highest for song in strange)


def _claim(songs: Iterable[QueuedSong], uris: Iterable[str]) -> set[QueuedSong]:
    """Songs that carry one of these URIs, each URI as often as it is given."""
    left = Counter(uris)
    claimed = set()
    for song in songs:
        if left[song.uri] > 0:
            left[song.uri] -= 1
            claimed.add(song)
    return claimed
