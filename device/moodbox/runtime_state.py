"""What the box remembers in its runtime directory: over a restart of its own, not over a reboot."""

from __future__ import annotations

from typing import Any

from moodbox.core.mood import Mood
from moodbox.core.music.ownership import Ownership
from moodbox.core.policy.state import State, Wanted
from moodbox.core.ports import QueuedSong


def to_record(state: State) -> dict[str, Any]:
    """The part of a state that a restarted daemon needs, as JSON values."""
    songs = state.ownership
    return {
        "mood": state.mood,
        "wanted": [state.wanted.mood, state.wanted.displace] if state.wanted else None,
        "hands_off": state.hands_off,
        "owned": [[song.id, song.uri] for song in songs.owned],
        "tolerated": [[song.id, song.uri] for song in songs.tolerated],
        "pending": list(songs.pending),
    }


def from_record(record: dict[str, Any] | None, camera_closed: bool) -> State:
    """The state to start with; a missing record, or one that makes no sense, tells nothing."""
    try:
        return _state(record or {}, camera_closed)
    except (LookupError, TypeError, ValueError, OverflowError):
        return State(camera_closed=camera_closed)


def _state(record: dict[str, Any], camera_closed: bool) -> State:
    if not record:
        return State(camera_closed=camera_closed)
    wanted, hands_off = record["wanted"], record["hands_off"]
    return State(
        camera_closed=camera_closed,
        mood=Mood(record["mood"]) if record["mood"] else None,
        wanted=Wanted(Mood(wanted[0]), bool(wanted[1])) if wanted else None,
        hands_off=str(hands_off) if hands_off else None,
        ownership=Ownership(
            tuple(QueuedSong(int(number), str(uri)) for number, uri in record["owned"]),
            tuple(QueuedSong(int(number), str(uri)) for number, uri in record["tolerated"]),
            tuple(str(uri) for uri in record["pending"]),
        ),
    )
