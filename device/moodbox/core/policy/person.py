"""What a person tells the box, by its button or by a message from a client."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from moodbox.core.mood import Mood
from moodbox.core.policy import appliance as appliance_part
from moodbox.core.policy import control as control_part
from moodbox.core.policy import playing as playing_part
from moodbox.core.policy import seeing as seeing_part
from moodbox.core.policy.commands import Forget, Remark, SaveCamera
from moodbox.core.policy.seeing import Seeing

if TYPE_CHECKING:
    from moodbox.core.policy.state import State, Step

KNOWN_MESSAGES = f"detect, mood {'|'.join(Mood)}, camera off, forget"


def pressed(state: State, now_s: float) -> Step:
    """A press of the button: open the camera, end manual control, begin a reading."""
    commands = (SaveCamera(closed=False),) if state.appliance.camera_closed else ()
    state = replace(state, appliance=appliance_part.pressed(state.appliance))
    return _asked(state, now_s), commands


def close_camera(state: State) -> Step:
    """Close the camera until the next press, and forget who was seen."""
    if state.appliance.camera_closed:
        return state, ()
    appliance = replace(state.appliance, camera_closed=True)
    return replace(state, seeing=Seeing(), appliance=appliance), (SaveCamera(closed=True),)


def message(state: State, text: str, now_s: float) -> Step:
    """A client's message: `detect`, `mood <name>`, `camera off` or `forget`."""
    match text.lower().split():
        case ["detect"] if state.appliance.camera_closed:
            remark = "'detect' is ignored: press the button to open the camera first"
            return state, (Remark(remark),)
        case ["detect"]:
            return _asked(state, now_s), ()
        case ["mood", name] if name in set(Mood):
            return _told(state, Mood(name)), ()
        case ["camera", "off"]:
            return close_camera(state)
        case ["forget"]:
            return state, (Forget(), Remark("what was learned about songs is forgotten"))
        case _:
            remark = f"message {text[:80]!r} is unknown; send one of: {KNOWN_MESSAGES}"
            return state, (Remark(remark),)


def _asked(state: State, now_s: float) -> State:
    """A person asks to be read now: end manual control, begin a reading."""
    control = control_part.take_over(state.control)
    return replace(state, control=control, seeing=seeing_part.ask(state.seeing, now_s))


def _told(state: State, mood: Mood) -> State:
    """A person sets the mood: end manual control, make it the target."""
    return replace(
        state,
        control=control_part.take_over(state.control),
        seeing=seeing_part.told(state.seeing),
        playing=playing_part.set_target(state.playing, mood, displace=True),
    )
