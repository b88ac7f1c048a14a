"""Plans for the player's queue: add before deleting, delete by id, never leave the queue empty.

`ownership` is always that of the given snapshot. Everything takes time linear in the queue.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from moodbox.core.music.playback import Add, Delete, PlayAdded, PlayState, Resume
from moodbox.core.music.trigger_tracks import music_only, trigger_tracks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from moodbox.core.music.ownership import Ownership
    from moodbox.core.music.playback import QueueCommand, QueuedSong, Snapshot
    from moodbox.core.music.triggers import Cleared

KEEP_PLAYED = 10
"""Played songs that stay in the queue before the current one, so that a person can go back."""


def plan_switch(
    snapshot: Snapshot, uris: Sequence[str], ownership: Ownership
) -> tuple[QueueCommand, ...]:
    """Switch to new music: add it, play it, then delete the box's old songs.

    In this order the box never leaves the queue empty, whichever command fails. Empty without
    `uris`: a mood without songs leaves the music as it is.
    """
    if not uris:
        return ()
    old_ids = tuple(song.id for song in (*ownership.owned, *trigger_tracks(snapshot.queue)))
    start: tuple[QueueCommand, ...] = (Add(tuple(uris)), PlayAdded())
    return (*start, Delete(old_ids)) if old_ids else start


def plan_top_up(
    snapshot: Snapshot,
    more_uris: Sequence[str],
    ownership: Ownership,
    keep_played: int = KEEP_PLAYED,
) -> tuple[QueueCommand, ...]:
    """Append music, and delete the box's songs that were played long ago.

    The last `keep_played` of the box's songs before the current one stay. Nothing is deleted while
    there is no current song.
    """
    behind = owned_behind(snapshot, ownership)
    old_ids = tuple(song.id for song in behind[: max(0, len(behind) - keep_played)])
    plan: list[QueueCommand] = []
    if more_uris:
        plan.append(Add(tuple(more_uris)))
    if old_ids:
        plan.append(Delete(old_ids))
    return tuple(plan)


def plan_restore(snapshot: Snapshot, cleared: Cleared | None) -> tuple[QueueCommand, ...]:
    """Restore what a client cleared to load a trigger track, then delete the trigger tracks.

    Nothing is restored if there is other music in the queue by now: the later user action wins.
    """
    trigger_ids = tuple(song.id for song in trigger_tracks(snapshot.queue))
    plan: list[QueueCommand] = []
    alone = not music_only(snapshot.queue)
    if cleared is not None and alone:
        plan += [Add(cleared.uris), _resume(cleared)]
    elif alone and snapshot.plays:
        # MPD stops anyway once its only song is deleted, and then a pause that came meanwhile
        # cannot be seen. `Resume` is refused where what plays has changed.
        plan.append(Resume(0, 0.0, PlayState.STOP))
    if trigger_ids:
        plan.append(Delete(trigger_ids))
    return tuple(plan)


def plan_undo(
    snapshot: Snapshot, added: Sequence[QueuedSong], *, restoring: bool
) -> tuple[QueueCommand, ...]:
    """Delete the songs that a refused plan has added; else the queue grows with every attempt.

    `snapshot` is the player after the refusal. A current song stays, unless playback is stopped,
    since MPD would play another one in its place. If the plan was `restoring` and a person has gone
    on to one of its songs, all stay: the queue is restored.
    """
    playing_id = None if snapshot.state is PlayState.STOP else snapshot.current_id
    if restoring and any(song.id == playing_id for song in added):
        return ()
    here = set(snapshot.queue)
    ids = tuple(song.id for song in added if song.id != playing_id and song in here)
    return (Delete(ids),) if ids else ()


def after_restore(
    snapshot: Snapshot, cleared: Cleared | None, added: Sequence[QueuedSong]
) -> Snapshot:
    """The player as the plan of `plan_restore` for `snapshot` leaves it; `added` are its songs.

    `cleared` is None where the plan restored nothing.
    """
    left = music_only(snapshot.queue)
    version = snapshot.version + len(added) + len(snapshot.queue) - len(left)
    if cleared is None or left:
        stays = any(song.id == snapshot.current_id for song in left)
        current_id = snapshot.current_id if stays else None
        return replace(snapshot, queue=left, current_id=current_id, version=version)
    resume = _resume(cleared)
    # MPD clears its error when it is told to play a song.
    return replace(
        snapshot,
        queue=tuple(added),
        state=resume.state,
        current_id=added[min(resume.at, len(added) - 1)].id if added else None,
        error=None,
        version=version,
    )


def after_delete(snapshot: Snapshot, ids: Iterable[int]) -> Snapshot:
    """The player after the box has deleted these songs, none of which plays."""
    gone = set(ids)
    left = tuple(song for song in snapshot.queue if song.id not in gone)
    current_id = None if snapshot.current_id in gone else snapshot.current_id
    version = snapshot.version + len(snapshot.queue) - len(left)
    return replace(snapshot, queue=left, current_id=current_id, version=version)


def added_uris(plan: Iterable[QueueCommand]) -> tuple[str, ...]:
    """URIs of all songs that a plan adds."""
    return tuple(uri for command in plan if isinstance(command, Add) for uri in command.uris)


def deleted_ids(plan: Iterable[QueueCommand]) -> tuple[int, ...]:
    """Ids of all songs that a plan deletes."""
    return tuple(i for command in plan if isinstance(command, Delete) for i in command.ids)


# ── Where the box's songs are in the queue ───────────────────────────────────────────────────────


def owned_behind(snapshot: Snapshot, ownership: Ownership) -> tuple[QueuedSong, ...]:
    """The box's songs before the current one, in queue order; empty without a current song."""
    return _owned_among(snapshot, ownership, ahead=False)


def owned_ahead(snapshot: Snapshot, ownership: Ownership) -> tuple[QueuedSong, ...]:
    """The box's songs after the current one, in queue order; empty without a current song."""
    return _owned_among(snapshot, ownership, ahead=True)


def split_owned(
    snapshot: Snapshot | None, ownership: Ownership
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """URIs of the box's songs before the current one, and of the others, in queue order.

    Without a current song all are still to come.
    """
    behind = set(owned_behind(snapshot, ownership)) if snapshot else set()
    return (
        tuple(song.uri for song in ownership.owned if song in behind),
        tuple(song.uri for song in ownership.owned if song not in behind),
    )


def removed_by_user(
    before: Snapshot, now: Snapshot, ownership: Ownership
) -> tuple[QueuedSong, ...]:
    """The box's songs after the current one that a person removed between two polls.

    `ownership` is that of `before`. Empty if none of the box's songs is left (clearing the queue
    says nothing about a single song), and after a restart of the server.
    """
    here = set(now.queue)
    if before.restarts != now.restarts or here.isdisjoint(ownership.owned):
        return ()
    return tuple(song for song in owned_ahead(before, ownership) if song not in here)


def _owned_among(
    snapshot: Snapshot, ownership: Ownership, *, ahead: bool
) -> tuple[QueuedSong, ...]:
    ids = [song.id for song in snapshot.queue]
    if snapshot.current_id is None or snapshot.current_id not in ids:
        return ()
    at = ids.index(snapshot.current_id)
    part = snapshot.queue[at + 1 :] if ahead else snapshot.queue[:at]
    owned = set(ownership.owned)
    return tuple(song for song in part if song in owned)


def _resume(cleared: Cleared) -> Resume:
    """Resume where the client cleared the queue; stopped if there was no current song."""
    state = PlayState.STOP if cleared.at is None else cleared.state
    return Resume(cleared.at or 0, cleared.elapsed_s, state)
