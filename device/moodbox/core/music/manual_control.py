"""Whose music is it: did a person act on the player since the box last polled it?"""

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
    """Say what a person did between two polls; None when nothing speaks of a person.

    `before` is None at the first poll. A server that restarted in between is treated as at the
    first poll: it comes back paused by itself. `ownership` is that of `now`. Skipping, moving and
    removing single songs, going on with the box's own music and all options change nothing, as long
    as they bring no silence.
    """
    if before is None or before.restarts != now.restarts:
        # Songs that lie there unplayed are left from an earlier day, no action of today.
        return "a person's music is playing" if ownership.user_songs and now.plays else None
    if ownership.user_songs:
        return "a person put on music"
    if not now.queue and (before.queue or _came_and_went(before, now)):
        return None if _went_with_their_files(before, now) else CLEARED
    if not before.plays:
        theirs = not (is_own(now, ownership) or plays_trigger(now))
        return "a person's music is playing" if now.plays and theirs else None
    if now.error is not None and now.error != before.error:
        return None  # the output or the file failed; an error of an earlier song says nothing
    if now.state is PlayState.PAUSE:
        return "a person paused"
    stopped = now.state is PlayState.STOP and not _came_to_its_end(before, now)
    return "a person stopped the music" if stopped else None


def user_action_since_switch(
    before: Snapshot | None, now: Snapshot, ownership: Ownership
) -> str | None:
    """The same, when the box has put on music between the polls and left it playing."""
    if before is None:
        return user_action(None, now, ownership)
    if not now.queue:
        # What is broken of the box's MPD itself takes out, if it is to consume what it played.
        return CLEARED if now.error is None else None
    playing_id = next((song.id for song in ownership.owned), None)
    # With each song that it is told to play, MPD lets go of the last one's error.
    left = replace(before, state=PlayState.PLAY, current_id=playing_id, error=None)
    return user_action(left, now, ownership)


def _came_and_went(before: Snapshot, now: Snapshot) -> bool:
    """Whether anything was put into the queue and taken out again between two polls.

    That makes two changes at least. A single one clears what is empty: so clients begin to load a
    playlist.
    """
    return now.version - before.version >= 2


def _went_with_their_files(before: Snapshot, now: Snapshot) -> bool:
    """Whether MPD itself took out all songs, which it could not play: the disk is away.

    It does so if it is to consume what it played, and at an update of its database. It counts each
    song; a clearing counts once.
    """
    stopped = before.state is PlayState.STOP
    failed = now.error is not None and (stopped or now.error != before.error)
    return failed and now.version - before.version == len(before.queue)


def _came_to_its_end(before: Snapshot, now: Snapshot) -> bool:
    """Whether music that has stopped was at the end of its queue, and nobody stopped it.

    There MPD has no current song; where a person stopped, it keeps its place until they take that
    song out, mix the queue, or switch on random order.
    """
    if now.current_id is not None:
        return False
    here = {song.id for song in now.queue}
    consumed = "consume" in now.options
    taken_out = before.current_id is not None and before.current_id not in here and not consumed
    came_or_went = len(set(before.queue) ^ set(now.queue))
    mixed = now.version - before.version > came_or_went
    return not (taken_out or mixed or "random" in now.options - before.options)
