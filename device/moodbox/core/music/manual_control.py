"""Manual control: whether a person acted on the player since the last poll."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from moodbox.core.music.ownership import is_own
from moodbox.core.music.playback import PlayState
from moodbox.core.music.triggers import plays_trigger

if TYPE_CHECKING:
    from moodbox.core.music.ownership import Ownership
    from moodbox.core.music.playback import Snapshot

CLEARED = "a person cleared the queue"


def user_action(before: Snapshot | None, now: Snapshot, ownership: Ownership) -> str | None:
    """What a person did between two polls that begins manual control; None for nothing.

    `before` is None at the first poll. A restart of the server in between counts as a first poll,
    since MPD comes back paused by itself. `ownership` is that of `now`. As long as music plays,
    these do not begin manual control: skipping, moving or removing single songs, starting the box's
    own music again, and changing options.
    """
    if before is None or before.restarts != now.restarts:
        # User songs that do not play are left from an earlier day.
        return "a person's music is playing" if ownership.user_songs and now.plays else None
    if ownership.user_songs:
        return "a person put on music"
    if not now.queue and (before.queue or _came_and_went(before, now)):
        return None if _went_with_their_files(before, now) else CLEARED
    if not before.plays:
        theirs = not (is_own(now, ownership) or plays_trigger(now))
        return "a person's music is playing" if now.plays and theirs else None
    if now.error is not None and now.error != before.error:
        return None  # the output or the file failed; an old error is an earlier song's
    if now.state is PlayState.PAUSE:
        return "a person paused"
    stopped = now.state is PlayState.STOP and not _came_to_its_end(before, now)
    return "a person stopped the music" if stopped else None


def user_action_since_switch(
    before: Snapshot | None, now: Snapshot, ownership: Ownership
) -> str | None:
    """The same, where the box has switched to new music between the polls and left it playing."""
    if before is None:
        return user_action(None, now, ownership)
    if not now.queue:
        # In consume mode MPD itself removes songs that it cannot play.
        return CLEARED if now.error is None else None
    playing_id = next((song.id for song in ownership.owned), None)
    # MPD clears its error when it is told to play a song.
    left = replace(before, state=PlayState.PLAY, current_id=playing_id, error=None)
    return user_action(left, now, ownership)


def _came_and_went(before: Snapshot, now: Snapshot) -> bool:
    """Whether songs were added to the queue and removed again between two polls.

    That makes at least two changes. A single change is a client that clears an empty queue, as
    clients do before they load a playlist.
    """
    return now.version - before.version >= 2


def _went_with_their_files(before: Snapshot, now: Snapshot) -> bool:
    """Whether MPD itself removed all songs because it could not play them (a disk was unplugged).

    MPD does so in consume mode, and when it updates its database. Each removed song then raises
    the queue's version by one; a client's `clear` raises it once for all.
    """
    stopped = before.state is PlayState.STOP
    failed = now.error is not None and (stopped or now.error != before.error)
    return failed and now.version - before.version == len(before.queue)


def _came_to_its_end(before: Snapshot, now: Snapshot) -> bool:
    """Whether the music stopped because the queue came to its end, and not because of a person.

    At the end of the queue MPD has no current song. After a person's stop it keeps the current
    song, until they remove that song, shuffle the queue, or switch on random order.
    """
    if now.current_id is not None:
        return False
    here = {song.id for song in now.queue}
    consumed = "consume" in now.options
    taken_out = before.current_id is not None and before.current_id not in here and not consumed
    came_or_went = len(set(before.queue) ^ set(now.queue))
    mixed = now.version - before.version > came_or_went
    return not (taken_out or mixed or "random" in now.options - before.options)
