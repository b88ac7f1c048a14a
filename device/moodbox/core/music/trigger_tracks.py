"""Trigger tracks: short sounds in stored playlists, for clients that cannot send messages.

Most phone clients cannot send messages, but every client can load a stored playlist. So there is a
stored playlist for each request that a person may make, and each holds one trigger track.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodbox.core.mood import Mood

if TYPE_CHECKING:
    from collections.abc import Iterable

    from moodbox.core.music.playback import QueuedSong

PLAYLISTS: dict[str, str] = {
    "Read my mood": "moodbox/read my mood.flac",
    **{f"Mood: {mood}": f"moodbox/mood {mood}.flac" for mood in Mood},
}
"""Stored playlist → URI of its trigger track."""

MESSAGES: dict[str, str] = {
    uri: "detect" if name == "Read my mood" else f"mood {name.removeprefix('Mood: ')}"
    for name, uri in PLAYLISTS.items()
}
"""URI of a trigger track → the message that it stands for."""


def trigger_tracks(queue: Iterable[QueuedSong]) -> tuple[QueuedSong, ...]:
    """The trigger tracks in a queue."""
    return tuple(song for song in queue if song.uri in MESSAGES)


def music_only(queue: Iterable[QueuedSong]) -> tuple[QueuedSong, ...]:
    """A queue without its trigger tracks."""
    return tuple(song for song in queue if song.uri not in MESSAGES)
