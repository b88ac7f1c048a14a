"""Learning: follow the song that is heard, and return what to learn once it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodbox.core.music.listening import begin, go_on
from moodbox.core.music.plans import removed_by_user
from moodbox.core.music.tastes import Heard
from moodbox.core.policy.commands import Learn

if TYPE_CHECKING:
    from moodbox.core.music.listening import Listening
    from moodbox.core.music.playback import QueuedSong
    from moodbox.core.policy.state import State


def listen(
    before: State, after: State, now_s: float, *, by_box: bool
) -> tuple[Listening | None, tuple[Learn, ...]]:
    """The song that is heard now, and what to learn of the song before it, if that is over.

    `by_box`: the box itself has changed what plays.
    """
    now, listening = after.playing.playback, before.listening
    lost = after.playing.player_fault is not None
    if now is None or (now is before.playing.playback and not lost):
        return listening, ()
    song = None if lost else _own_song(after)
    if listening is not None and song == listening.song:
        return go_on(listening, now, now_s), ()
    learned: tuple[Learn, ...] = ()
    if listening is not None:
        by_user = song is not None and not by_box and _is_skip(before, after)
        learned = (Learn(listening.until(now_s).ended(by_user=by_user)),)
    mood = after.playing.mood
    # While there is a target, it is not known which mood the song belongs to.
    if song is None or mood is None or after.playing.target is not None:
        return None, learned
    return begin(now, song, mood, now_s), learned


def removed(before: State, after: State) -> tuple[Learn, ...]:
    """A song that a person removes before it plays waits as if it had been heard."""
    was, now, mood = before.playing.playback, after.playing.playback, after.playing.mood
    if was is None or now is None or mood is None or now.queue is was.queue:
        return ()
    if before.playing.player_fault:
        return ()  # while the player was away, the box's own delete may have taken effect
    songs = removed_by_user(was, now, before.control.ownership)
    return tuple(Learn(Heard(mood, song.uri, None)) for song in songs)


def _is_skip(before: State, after: State) -> bool:
    """Whether nothing but a person's skip explains why the song is over.

    A press, another album, a restart or a fault says nothing about the song.
    """
    was, now = before.playing.playback, after.playing.playback
    same_server = was is not None and now is not None and was.restarts == now.restarts
    same_control = before.control.manual == after.control.manual
    return same_server and same_control and now is not None and not now.error


def _own_song(state: State) -> QueuedSong | None:
    """The current song if it is the box's; None when it is a person's or there is none."""
    now = state.playing.playback
    current_id = now.current_id if now else None
    owned = state.control.ownership.owned
    return next((song for song in owned if song.id == current_id), None)
