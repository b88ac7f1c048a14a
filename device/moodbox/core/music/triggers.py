"""Any client is the remote: stored playlists of one chime each, and what a client cleared for them.

Most phone clients cannot send messages, but every client can load a stored playlist. When one of
the box's chimes turns up in the queue, somebody loaded its playlist and so pressed that button.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from moodbox.core.mood import Mood
from moodbox.core.ports import PlayState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moodbox.core.music.ownership import Ownership
    from moodbox.core.ports import QueuedSong, Snapshot

PLAYLISTS: dict[str, str] = {
    "Read my mood": "moodbox/read my mood.flac",
    **{f"Mood: {mood}": f"moodbox/mood {mood}.flac" for mood in Mood},
}
"""Stored playlist → URI of its chime."""

CHIMES: dict[str, str] = {
    uri: "detect" if name == "Read my mood" else f"mood {name.removeprefix('Mood: ')}"
    for name, uri in PLAYLISTS.items()
}
"""URI of a chime → the message that it stands for."""

PLAY_AFTER_CLEAR_S = 2.0
"""Clients clear, load and play in three requests. The box waits for the last, which would else set
going what was put back, from its beginning; a phone far from its router takes a while."""
PLAY_AFTER_LOAD_S = 0.5
"""The same where nothing was cleared and music may play on meanwhile."""
REMEMBERED_S = 10.0
"""A queue that was cleared so long ago was not cleared for a chime that is loaded now."""


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
    hands_off: str | None
    """What held the box back before."""

    @property
    def own_uris(self) -> tuple[str, ...]:
        """What the box had put in."""
        return tuple(uri for uri, own in zip(self.uris, self.own, strict=True) if own)


@dataclass(frozen=True, slots=True)
class Request:
    """A chime that was loaded: a person's press, by way of a playlist."""

    text: str
    """The message that it stands for."""
    due_s: float
    """When it is heeded, even if the chime has not been played by then."""
    hands_off: str | None
    """What held the box back before the client began."""
    cleared: Cleared | None
    """What is to be put back; None when the client cleared nothing."""
    heeded: bool = False


def chimes(queue: Sequence[QueuedSong]) -> tuple[QueuedSong, ...]:
    """The chimes in a queue."""
    return tuple(song for song in queue if song.uri in CHIMES)


def others(queue: Sequence[QueuedSong]) -> tuple[QueuedSong, ...]:
    """What is music in a queue."""
    return tuple(song for song in queue if song.uri not in CHIMES)


def plays_chime(now: Snapshot) -> bool:
    """Whether a chime is being played: the client has sent the last of its requests."""
    playing = now.state is PlayState.PLAY
    return playing and any(song.id == now.current_id for song in chimes(now.queue))


def cleared(
    before: Snapshot, seen_s: float, now: Snapshot, now_s: float,
    ownership: Ownership, hands_off: str | None,
) -> Cleared | None:  # fmt: skip
    """What a client has cleared since the last look at `seen_s`; None if any song is left."""
    songs = others(before.queue)
    if not songs or set(songs) & set(now.queue):
        return None
    owned = set(ownership.owned)
    at = next((at for at, song in enumerate(songs) if song.id == before.current_id), None)
    on_s = now_s - seen_s if before.state is PlayState.PLAY else 0.0
    elapsed_s = (before.elapsed_s or 0.0) + on_s
    return Cleared(
        tuple(song.uri for song in songs),
        tuple(song in owned for song in songs),
        before.state,
        at,
        elapsed_s if before.duration_s is None else min(elapsed_s, before.duration_s),
        now_s,
        hands_off,
    )


def after_a_hand(gone: Cleared, before: Snapshot, now: Snapshot) -> Cleared | None:
    """What is still to be put back after what a person did between two looks; None for nothing.

    Who pauses or stops the chime wants silence; who takes it out by hand wants nothing back.
    """
    if before.restarts != now.restarts:
        return gone
    if before.queue and not now.queue:
        return None
    # At its end it stops as well, but then MPD has no current song.
    quiet = now.state is not PlayState.PLAY and now.current_id is not None and not now.error
    if plays_chime(before) and quiet and gone.state is PlayState.PLAY:
        return replace(gone, state=now.state)
    return gone


def requested(
    before: Snapshot, now: Snapshot, now_s: float, gone: Cleared | None, hands_off: str | None
) -> Request | None:
    """The press that a newly loaded chime is; None when there is none.

    A chime that comes among other new songs was swept in with them ("add everything"), and is no
    press. Of several, the last one counts. A client that itself clears what is empty already has
    cleared nothing for it: what went before, somebody took out to be rid of it.
    """
    arrived = [song for song in now.queue if song not in before.queue]
    if not arrived or others(arrived) or before.restarts != now.restarts:
        return None
    text = CHIMES[arrived[-1].uri]
    recent = gone is not None and now_s - gone.cleared_s <= REMEMBERED_S
    cleared_anew = not before.queue and now.version - before.version > len(arrived)
    if others(now.queue) or not recent or gone is None or cleared_anew:
        wait_s = PLAY_AFTER_LOAD_S if others(now.queue) else PLAY_AFTER_CLEAR_S
        return Request(text, now_s + wait_s, hands_off, None)
    return Request(text, now_s + PLAY_AFTER_CLEAR_S, gone.hands_off, gone)
