"""What the box says of itself: its light, its status, and a sentence for each transition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moodbox.core.ports import Hold, Light
from moodbox.core.seeing.presence import Presence
from moodbox.core.seeing.reading import Why

if TYPE_CHECKING:
    from moodbox.core.policy.state import State
    from moodbox.core.seeing.reading import Reading


def light(state: State) -> Light:
    """Which pattern the light shows; a hand on the button sees what letting go would do."""
    if state.switching_off or state.holding is Hold.SWITCH_OFF:
        return Light.SWITCHING_OFF
    if state.holding is Hold.CLOSE_CAMERA:
        return Light.CLOSING
    if state.attempt is not None:
        return Light.WORKING
    if state.camera_fault or state.player_fault or state.music_fault or state.without_music:
        return Light.TROUBLE
    if state.unsure:
        return Light.NOT_SURE
    return Light.OFF


def activity(state: State) -> str:
    """One or two words for what the box is doing."""
    if state.switching_off:
        return "switching off"
    if state.camera_closed:
        return "camera closed"
    if state.camera_fault:
        return "no camera"
    if state.attempt is not None:
        return "reading"
    if state.dark:
        return "dark"
    return "watching"


def sentence(state: State) -> str:
    """One line for a person: what it does, what plays, whose music it is."""
    music = "music is a person's" if state.hands_off else f"mood {state.mood or 'not read yet'}"
    parts = [activity(state), f"{state.tracked.presence} here", music]
    parts += [fault for fault in (state.player_fault, state.music_fault) if fault]
    return "; ".join(parts)


def status(state: State) -> dict[str, Any]:
    """The fields of `status.json`; None stands for what is not known."""
    reading = state.reading
    playback = state.playback
    return {
        "schema": 1,
        "state": activity(state),
        "sentence": sentence(state),
        "light": str(light(state)),
        "presence": str(state.tracked.presence),
        "mood": state.mood,
        "confidence": _rounded(reading.confidence) if reading else None,
        "last_reading": _reading(reading) if reading else None,
        "hands_off": state.hands_off,
        "camera": {"closed": state.camera_closed, "fault": state.camera_fault, "dark": state.dark},
        "mpd": {
            "fault": state.player_fault,
            "error": state.music_fault,
            "state": str(playback.state) if playback else None,
            "own_songs": len(state.ownership.owned),
            "queue": len(playback.queue) if playback else None,
            "mood_without_music": state.without_music,
        },
    }


def transitions(before: State, after: State) -> list[str]:
    """Sentences for what changed between two states, in the order in which it is understood."""
    return seen(before, after) + read(before, after) + played(before, after)


def seen(before: State, after: State) -> list[str]:
    """What changed before the camera."""
    return _camera(before, after) + _person(before, after)


def read(before: State, after: State) -> list[str]:
    """A reading that began or ended."""
    said = []
    if after.attempt is not None and before.attempt is None:
        said.append("reading the face")
    if after.reading is not None and after.reading is not before.reading:
        said.append(_told(after.reading))
    if after.again_at_s and after.again_at_s != before.again_at_s:
        said.append("it will look again")
    return said


def _camera(before: State, after: State) -> list[str]:
    said = []
    if after.switching_off and not before.switching_off:
        said.append("the button was held: switching off")
    if after.camera_closed != before.camera_closed:
        said.append(
            "the camera is closed until the button is pressed"
            if after.camera_closed
            else "the camera is open again"
        )
    if bool(after.camera_fault) != bool(before.camera_fault) and not after.camera_closed:
        said.append(after.camera_fault or "the camera works again")
    if after.dark != before.dark and not after.camera_closed and not after.camera_fault:
        said.append("it is dark, or the lens is covered" if after.dark else "there is light again")
    return said


def _person(before: State, after: State) -> list[str]:
    was, now = before.tracked.presence, after.tracked.presence
    if was is now or after.camera_closed:
        return []
    return {
        Presence.PASSING: ["a face"],
        Presence.SITTING: ["somebody sits here"],
        Presence.NOBODY: [
            "somebody passed by" if was is Presence.PASSING else "they have left; nobody is here"
        ],
    }[now]


def played(before: State, after: State) -> list[str]:
    """Whose music it is, what is wanted, and what plays."""
    said = []
    if after.hands_off != before.hands_off:
        said.append(
            f"hands off: {after.hands_off}" if after.hands_off else "the music is the box's again"
        )
    if after.paused and not before.paused:
        said.append("the music is paused until somebody sits here")
    if after.doubt and after.doubt != before.doubt:
        said.append(f"perhaps the mood has changed to {after.doubt}; it looks once more")
    if after.wanted and _asks_anew(before, after):
        said.append(f"wanted: {after.wanted.mood}")
    if before.unheard and not after.unheard and not (after.hands_off or before.music_fault):
        said.append(f"playing {after.mood} music: {_song(after)}")
    if after.without_music and after.without_music != before.without_music:
        said.append(
            f"no music for {after.without_music}: what plays stays; "
            f"fill the folder or the playlist {after.without_music!s} ('moodbox library' tells how)"
        )
    if bool(after.player_fault) != bool(before.player_fault):
        said.append(after.player_fault or "MPD answers again")
    if after.music_fault and not before.music_fault:
        said.append(f"the music cannot be played: {after.music_fault}")
    if before.music_fault and not after.music_fault:
        said.append(f"the music plays again: {_song(after)}")
    return said


def _asks_anew(before: State, after: State) -> bool:
    """Whether it is news that a mood is wanted: not where its songs could only not be played."""
    wanted = after.wanted
    if wanted is None or wanted == before.wanted:
        return False
    return wanted.displace or not (after.music_fault and wanted.mood is after.mood)


def _song(state: State) -> str | None:
    """URI of the song that plays; None when nothing does."""
    playback = state.playback
    if playback is None or not state.plays:
        return None
    return next((song.uri for song in playback.queue if song.id == playback.current_id), None)


def _told(reading: Reading) -> str:
    """A reading as a sentence."""
    looks = f"{reading.frames} look{'' if reading.frames == 1 else 's'}"
    if reading.mood is not None:
        return f"it reads {reading.mood} ({reading.confidence:.0%} sure, {looks})"
    if reading.scores is not None:
        likeliest = f"perhaps {reading.scores.mood}, {reading.confidence:.0%}"
        return f"not sure ({likeliest}, {looks})"
    return {
        Why.NOBODY: "it sees no face to read",
        Why.DARK: "it is too dark to read a face",
        Why.NO_CAMERA: "it cannot read anybody without its camera",
    }.get(reading.why or Why.UNDECIDED, "not sure")


def _reading(reading: Reading) -> dict[str, Any]:
    scores = reading.scores
    return {
        "mood": reading.mood,
        "why": reading.why,
        "looks": reading.frames,
        "scores": {m: _rounded(p) for m, p in scores.probability.items()} if scores else None,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
