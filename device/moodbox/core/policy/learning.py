"""What is learned: follow the song that is heard, and tell what became of it."""

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
    """The song that is heard now, and what to learn of the one that it took the place of.

    `by_box` says that the box itself has changed what plays.
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
    # While another mood is the target it is not known which the song belongs to.
    if song is None or mood is None or after.playing.target is not None:
        return None, learned
    return begin(now, song, mood, now_s), learned


def removed(before: State, after: State) -> tuple[Learn, ...]:
    """A song still to come that a person takes out waits as if it had been heard."""
    was, now, mood = before.playing.playback, after.playing.playback, after.playing.mood
    if was is None or now is None or mood is None or now.queue is was.queue:
        return ()
    if before.playing.player_fault:
        return ()  # what went while the player was away, the box itself may have taken out
    songs = removed_by_user(was, now, before.control.ownership)
    return tuple(Learn(Heard(mood, song.uri, None)) for song in songs)


def _is_skip(before: State, after: State) -> bool:
    """Whether a song gave way for no other reason than that a person went on to the next.

    A press, another album, a restart or a fault say nothing of the song.
    """
    was, now = before.playing.playback, after.playing.playback
    same_server = was is not None and now is not None and was.restarts == now.restarts
    same_control = before.control.manual == after.control.manual
    return same_server and same_control and now is not None and not now.error


def _own_song(state: State) -> QueuedSong | None:
    """The current song, if the box put it in; None when it is another's, or there is none."""
    now = state.playing.playback
    current_id = now.current_id if now else None
    owned = state.control.ownership.owned
    return next((song for song in owned if song.id == current_id), None)
