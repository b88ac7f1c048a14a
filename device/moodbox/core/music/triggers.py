"""Requests by trigger track, and what a client cleared to load one.

A trigger track that newly appears in the queue is a request by a person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from moodbox.core.music.playback import PlayState
from moodbox.core.music.trigger_tracks import MESSAGES, music_only

if TYPE_CHECKING:
    from moodbox.core.music.ownership import Ownership
    from moodbox.core.music.playback import Snapshot

PLAY_AFTER_CLEAR_S = 2.0
"""Longest wait for a client's `play`. Clients clear, load and play in three requests; a `play` that
came after the restore would start the restored queue from its beginning. A phone far from its
router is slow."""
PLAY_AFTER_LOAD_S = 0.5
"""The same wait where there is other music in the queue, which may play on meanwhile."""
REMEMBERED_S = 10.0
"""A queue that was cleared longer ago was not cleared to load this trigger track."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """A queue as it was before a client cleared it."""

    uris: tuple[str, ...]
    own: tuple[bool, ...]
    """For each of them, whether it was the box's."""
    state: PlayState
    at: int | None
    """Position of the current song; None when there was none."""
    elapsed_s: float
    """Position within the current song, estimated for `cleared_s`."""
    cleared_s: float
    """When the poll found the queue cleared."""
    manual: str | None
    """Manual control before the clearing, as in `Control.manual`."""

    @property
    def own_uris(self) -> tuple[str, ...]:
        """URIs of the songs that were the box's."""
        return tuple(uri for uri, own in zip(self.uris, self.own, strict=True) if own)


@dataclass(frozen=True, slots=True)
class Request:
    """A person's request by a trigger track that a client loaded."""

    text: str
    """The message that the track stands for."""
    due_s: float
    """When the request is answered at the latest, even if the track does not play by then."""
    manual: str | None
    """Manual control before the client's first act, as in `Control.manual`."""
    cleared: Cleared | None
    """What to restore; None when the client cleared nothing."""
    answered: bool = False


def plays_trigger(now: Snapshot) -> bool:
    """Whether a trigger track plays: then the client has sent the last of its requests."""
    if not now.plays:
        return False
    current = now.current
    return current is not None and current.uri in MESSAGES


def cleared(
    before: Snapshot, polled_s: float, now: Snapshot, now_s: float,
    ownership: Ownership, manual: str | None,
) -> Cleared | None:  # fmt: skip
    """The queue that a client cleared since the last poll at `polled_s`; None if a song is left.

    `ownership` and `manual` are those of `before`.
    """
    songs = music_only(before.queue)
    if not songs or not set(now.queue).isdisjoint(songs):
        return None
    owned = set(ownership.owned)
    at = next((at for at, song in enumerate(songs) if song.id == before.current_id), None)
    played_s = now_s - polled_s if before.plays else 0.0
    elapsed_s = (before.elapsed_s or 0.0) + played_s
    return Cleared(
        tuple(song.uri for song in songs),
        tuple(song in owned for song in songs),
        before.state,
        at,
        elapsed_s if before.duration_s is None else min(elapsed_s, before.duration_s),
        now_s,
        manual,
    )


def after_user_action(gone: Cleared, before: Snapshot, now: Snapshot) -> Cleared | None:
    """What is still to be restored after a person's acts between two polls; None for nothing.

    If a person paused or stopped the trigger track, what is restored is paused or stopped too. If
    they emptied the queue, nothing is restored.
    """
    if before.restarts != now.restarts:
        return gone
    if before.queue and not now.queue:
        return None
    # Playback also stops at the track's end, but then MPD has no current song.
    quiet = not now.plays and now.current_id is not None and not now.error
    if plays_trigger(before) and quiet and gone.state is PlayState.PLAY:
        return replace(gone, state=now.state)
    return gone


def requested(
    before: Snapshot, now: Snapshot, now_s: float, gone: Cleared | None, manual: str | None
) -> Request | None:
    """The request of a newly loaded trigger track; None when there is none.

    A trigger track that appears together with other new songs came with "add everything" and is no
    request. Of several, the last one counts. Nothing is restored if the client cleared a queue that
    was empty already: then a person had cleared it before, on purpose.
    """
    were_here = set(before.queue)
    arrived = [song for song in now.queue if song not in were_here]
    if not arrived or music_only(arrived) or before.restarts != now.restarts:
        return None
    text = MESSAGES[arrived[-1].uri]
    recent = gone is not None and now_s - gone.cleared_s <= REMEMBERED_S
    cleared_anew = not before.queue and now.version - before.version > len(arrived)
    others = music_only(now.queue)
    if others or not recent or gone is None or cleared_anew:
        wait_s = PLAY_AFTER_LOAD_S if others else PLAY_AFTER_CLEAR_S
        return Request(text, now_s + wait_s, manual, None)
    return Request(text, now_s + PLAY_AFTER_CLEAR_S, gone.manual, gone)
