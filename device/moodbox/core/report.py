"""What the box reports: its light, its status, and a sentence for each transition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moodbox.core.ports import Hold, Light
from moodbox.core.seeing.presence import Presence
from moodbox.core.seeing.reading import Why

if TYPE_CHECKING:
    from moodbox.core.policy.playing import Playing
    from moodbox.core.policy.state import State
    from moodbox.core.seeing.reading import Reading

SCHEMA = 2
"""Version of the status's fields. Schema 1 had `hands_off` and `looks`, and no `song`."""


def light(state: State) -> Light:
    """The light's pattern; while the button is held long, it shows what letting go does."""
    appliance, seeing = state.appliance, state.seeing
    if appliance.switching_off or appliance.holding is Hold.SWITCH_OFF:
        return Light.SWITCHING_OFF
    if appliance.holding is Hold.CLOSE_CAMERA:
        return Light.CLOSING
    if seeing.attempt is not None:
        return Light.WORKING
    if trouble(state):
        return Light.TROUBLE
    return Light.NOT_SURE if seeing.unsure else Light.OFF


def trouble(state: State) -> list[str]:
    """What needs attention, one sentence each; empty when nothing does."""
    playing = state.playing
    faults = [state.seeing.camera_fault, playing.player_fault, playing.music_fault]
    told = [fault for fault in faults if fault]
    if playing.without_music:
        told.append(_without_music(playing))
    return told


def activity(state: State) -> str:
    """What the box is doing, in one or two words."""
    if state.appliance.switching_off:
        return "switching off"
    if state.appliance.camera_closed:
        return "camera closed"
    if state.seeing.camera_fault:
        return "no camera"
    if state.seeing.attempt is not None:
        return "reading"
    return "dark" if state.seeing.dark else "watching"


def sentence(state: State) -> str:
    """One line for a person: what the box is doing, who is here, what plays or who controls it."""
    playing = state.playing
    mood = f"mood {playing.mood or 'not read yet'}"
    music = "manual control of the music" if state.control.manual else mood
    parts = [activity(state), f"{state.seeing.tracked.presence} here", music]
    parts += [fault for fault in (playing.player_fault, playing.music_fault) if fault]
    return "; ".join(parts)


def status(state: State) -> dict[str, Any]:
    """The fields of `status.json`; None where something is not known or does not apply."""
    seeing, playing, playback = state.seeing, state.playing, state.playing.playback
    reading = seeing.reading
    return {
        "schema": SCHEMA,
        "state": activity(state),
        "sentence": sentence(state),
        "light": str(light(state)),
        "needs_attention": trouble(state),
        "presence": str(seeing.tracked.presence),
        "mood": playing.mood,
        "confidence": _rounded(reading.confidence) if reading else None,
        "last_reading": _reading(reading) if reading else None,
        "manual_control": state.control.manual,
        "song": playing.song,
        "camera": {
            "closed": state.appliance.camera_closed,
            "fault": seeing.camera_fault,
            "dark": seeing.dark,
        },
        "mpd": {
            "fault": playing.player_fault,
            "error": playing.music_fault,
            "state": str(playback.state) if playback else None,
            "own_songs": len(state.control.ownership.owned),
            "queue": len(playback.queue) if playback else None,
            "mood_without_music": playing.without_music,
        },
    }


# ── Transitions ──────────────────────────────────────────────────────────────────────────────────


def transitions(before: State, after: State) -> list[str]:
    """Sentences for what changed between two states, causes before their effects."""
    return seen(before, after) + read(before, after) + played(before, after)


def impersonal(before: State, after: State) -> list[str]:
    """The sentences that say nothing of who sits there, of their mood, or of a mood's songs.

    So a log that keeps them with their times is no history of moods.
    """
    said = _camera(before, after) + _control(before, after)
    was, now = before.playing, after.playing
    if now.without_music and now.without_music != was.without_music:
        said.append("a mood has no music: 'moodbox status' says which")
    said += _player_fault(was, now)
    if now.music_fault and not was.music_fault:
        said.append("the music cannot be played: 'moodbox status' says why")
    if was.music_fault and not now.music_fault:
        said.append("the music plays again")
    return said


def seen(before: State, after: State) -> list[str]:
    """What changed in front of the camera."""
    return _camera(before, after) + _person(before, after)


def read(before: State, after: State) -> list[str]:
    """A reading that began or ended."""
    was, now = before.seeing, after.seeing
    said = []
    if now.attempt is not None and was.attempt is None:
        said.append("reading the face")
    if now.reading is not None and now.reading is not was.reading:
        said.append(_told(now.reading))
    if now.again_at_s and now.again_at_s != was.again_at_s:
        said.append("it will read the face again soon")
    return said


def played(before: State, after: State) -> list[str]:
    """Who controls the music, what is to play, and what plays."""
    said = _control(before, after)
    was, now = before.playing, after.playing
    if now.paused and not was.paused:
        said.append("the music is paused until somebody sits down")
    doubt = after.seeing.doubt
    if doubt and doubt != before.seeing.doubt:
        said.append(f"the mood may have changed to {doubt}; checking once more")
    if now.target and _is_news(was, now):
        said.append(f"next mood: {now.target.mood}")
    if was.unheard and not now.unheard and not (after.control.manual or was.music_fault):
        said.append(f"playing {now.mood} music: {now.song}")
    return said + _music_faults(was, now)


def _camera(before: State, after: State) -> list[str]:
    said = []
    if after.appliance.switching_off and not before.appliance.switching_off:
        said.append("the button was held: switching off")
    closed = after.appliance.camera_closed
    if closed and not before.appliance.camera_closed:
        return [*said, "the camera is closed until the button is pressed"]
    if before.appliance.camera_closed and not closed:
        said.append("the camera is open again")
    was, now = before.seeing, after.seeing
    if bool(now.camera_fault) != bool(was.camera_fault):
        said.append(now.camera_fault or "the camera works again")
    if now.dark != was.dark and not closed and not now.camera_fault:
        said.append("it is dark, or the lens is covered" if now.dark else "there is light again")
    return said


def _person(before: State, after: State) -> list[str]:
    was, now = before.seeing.tracked.presence, after.seeing.tracked.presence
    if was is now or after.appliance.camera_closed:
        return []
    return {
        Presence.PASSING: ["a face"],
        Presence.SITTING: ["somebody sits here"],
        Presence.NOBODY: [
            "somebody passed by" if was is Presence.PASSING else "they have left; nobody is here"
        ],
    }[now]


def _control(before: State, after: State) -> list[str]:
    manual = after.control.manual
    if manual == before.control.manual:
        return []
    if manual:
        return [f"manual control: {manual}; a press of the button gives the music back to the box"]
    return ["the box controls the music again"]


def _music_faults(was: Playing, now: Playing) -> list[str]:
    said = []
    if now.without_music and now.without_music != was.without_music:
        said.append(_without_music(now))
    said += _player_fault(was, now)
    if now.music_fault and not was.music_fault:
        said.append(f"the music cannot be played: {now.music_fault}")
    if was.music_fault and not now.music_fault:
        said.append(f"the music plays again: {now.song}")
    return said


def _player_fault(was: Playing, now: Playing) -> list[str]:
    if bool(now.player_fault) == bool(was.player_fault):
        return []
    return [now.player_fault or "MPD answers again"]


def _without_music(playing: Playing) -> str:
    mood = playing.without_music
    return (
        f"no music for {mood}: put songs into the folder or the playlist '{mood}' "
        f"('moodbox library' shows how); until then, what plays stays"
    )


def _is_news(was: Playing, now: Playing) -> bool:
    """Whether the target is new, and not the same mood again because its songs failed to play."""
    target = now.target
    if target is None or target == was.target:
        return False
    return target.displace or not (now.music_fault and target.mood is now.mood)


def _told(reading: Reading) -> str:
    """A sentence about a reading."""
    frames = f"{reading.frames} frame{'' if reading.frames == 1 else 's'}"
    if reading.mood is not None:
        return f"it reads {reading.mood} ({reading.confidence:.0%} sure, {frames})"
    if reading.scores is not None:
        likeliest = f"perhaps {reading.scores.mood}, {reading.confidence:.0%}"
        return f"not sure ({likeliest}, {frames})"
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
        "frames": reading.frames,
        "scores": {m: _rounded(p) for m, p in scores.probability.items()} if scores else None,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
