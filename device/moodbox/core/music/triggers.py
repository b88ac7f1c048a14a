"""Presses by way of a trigger track, and what a client cleared to load one.

A trigger track that newly stands in the queue is a press of that button.
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
"""Clients clear, load and play in three requests. The box waits for the last, which would else set
going what was restored, from its beginning; a phone far from its router takes a while."""
PLAY_AFTER_LOAD_S = 0.5
"""The same where nothing was cleared and music may play on meanwhile."""
REMEMBERED_S = 10.0
"""A queue that was cleared so long ago was not cleared for a trigger track that is loaded now."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """A queue as it was before a client cleared it."""

    uris: tuple[str, ...]
    own: tuple[bool, ...]
    """Which of them the box had put in."""
    state: PlayState
    at: int | None
    """Position of the current song; None when there was none."""
    elapsed_s: float
    cleared_s: float
    """When it was found cleared."""
    manual: str | None
    """What held the box back before."""

    @property
    def own_uris(self) -> tuple[str, ...]:
        """What the box had put in."""
        return tuple(uri for uri, own in zip(self.uris, self.own, strict=True) if own)


@dataclass(frozen=True, slots=True)
class Request:
    """A trigger track that was loaded: a person's press, by way of a playlist."""

    text: str
    """The message that it stands for."""
    due_s: float
    """When it is answered, even if the track has not been played by then."""
    manual: str | None
    """What held the box back before the client began."""
    cleared: Cleared | None
    """What is to be restored; None when the client cleared nothing."""
    answered: bool = False


def plays_trigger(now: Snapshot) -> bool:
    """Whether a trigger track is being played: the client has sent the last of its requests."""
    if not now.plays:
        return False
    current = now.current
    return current is not None and current.uri in MESSAGES


def cleared(
    before: Snapshot, polled_s: float, now: Snapshot, now_s: float,
    ownership: Ownership, manual: str | None,
) -> Cleared | None:  # fmt: skip
    """What a client has cleared since the last poll at `polled_s`; None if any song is left."""
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
    """What is still to be restored after what a person did between two polls; None for nothing.

    Who pauses or stops the trigger track wants silence; who takes it out wants nothing restored.
    """
    if before.restarts != now.restarts:
        return gone
    if before.queue and not now.queue:
        return None
    # At its end it stops as well, but then MPD has no current song.
    quiet = not now.plays and now.current_id is not None and not now.error
    if plays_trigger(before) and quiet and gone.state is PlayState.PLAY:
        return replace(gone, state=now.state)
    return gone


def requested(
    before: Snapshot, now: Snapshot, now_s: float, gone: Cleared | None, manual: str | None
) -> Request | None:
    """The press that a newly loaded trigger track is; None when there is none.

    A trigger track that comes among other new songs was swept in with them ("add everything"), and
    is no press. Of several, the last one counts. A client that itself clears what is empty already
    has cleared nothing for it: what went before, somebody took out to be rid of it.
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
