"""Runtime state: what `owned.json` keeps over a restart of the daemon, but not over a reboot."""

from __future__ import annotations

from typing import Any

from moodbox.core.mood import Mood
from moodbox.core.music.ownership import Ownership
from moodbox.core.music.playback import QueuedSong
from moodbox.core.policy.appliance import Appliance
from moodbox.core.policy.commands import Target
from moodbox.core.policy.control import Control
from moodbox.core.policy.playing import Playing
from moodbox.core.policy.state import State


def to_record(state: State) -> dict[str, Any]:
    """The part of the state that a restarted daemon needs, as JSON values."""
    songs, target = state.control.ownership, state.playing.target
    return {
        "mood": state.playing.mood,
        "target": [target.mood, target.displace] if target else None,
        "manual_control": state.control.manual,
        "owned": [[song.id, song.uri] for song in songs.owned],
        "displaced": [[song.id, song.uri] for song in songs.displaced],
        "pending": list(songs.pending),
    }


def record_differs(before: State, after: State) -> bool:
    """Whether the records of two states differ; cheap as long as control has not changed."""
    was, now = before.playing, after.playing
    if (was.mood, was.target) != (now.mood, now.target):
        return True
    if before.control is after.control:
        return False
    return _remembered(before.control) != _remembered(after.control)


def from_record(record: dict[str, Any] | None, camera_closed: bool) -> State:
    """The state to start with; a missing or damaged record counts as empty."""
    nothing = State(appliance=Appliance(camera_closed))
    if not record:
        return nothing
    try:
        return State(
            playing=_playing(record),
            control=_control(record),
            appliance=Appliance(camera_closed),
        )
    except (LookupError, TypeError, ValueError, OverflowError):
        return nothing


def _remembered(control: Control) -> tuple[object, ...]:
    songs = control.ownership
    return control.manual, songs.owned, songs.displaced, songs.pending


def _playing(record: dict[str, Any]) -> Playing:
    target = record["target"]
    return Playing(
        mood=Mood(record["mood"]) if record["mood"] else None,
        target=Target(Mood(target[0]), bool(target[1])) if target else None,
    )


def _control(record: dict[str, Any]) -> Control:
    manual = record["manual_control"]
    return Control(
        manual=str(manual) if manual else None,
        ownership=Ownership(
            tuple(QueuedSong(int(number), str(uri)) for number, uri in record["owned"]),
            tuple(QueuedSong(int(number), str(uri)) for number, uri in record["displaced"]),
            tuple(str(uri) for uri in record["pending"]),
        ),
    )
