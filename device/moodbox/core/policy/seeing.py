"""Who sits here and how they are read: the part of the state that follows the camera."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from moodbox.core.policy.settings import CONFIRM_S
from moodbox.core.seeing import presence
from moodbox.core.seeing.presence import Presence, Tracked
from moodbox.core.seeing.reading import Reading, Why, conclude

if TYPE_CHECKING:
    from moodbox.core.mood import BBox, Mood, Scores
    from moodbox.core.policy.events import CameraLost, Sensed
    from moodbox.core.policy.settings import Policy


@dataclass(frozen=True, slots=True)
class Attempt:
    """A reading under way."""

    started_s: float
    asked: bool
    """A person asked for it (button or message): it may displace a person's music."""
    predictions: tuple[Scores, ...] = ()
    bbox: BBox | None = None
    """Last place of the face that is read; None before the first prediction."""
    reread: bool = False
    """The sitting was read before; this checks whether its mood has changed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows for the music from a reading that has ended."""

    mood: Mood | None
    """The mood to follow; None when it is not known."""
    asked: bool
    """A person asked for the reading."""


@dataclass(frozen=True, slots=True)
class Seeing:
    """Who sits here and how they are read. `Seeing()` means that nobody was seen yet."""

    tracked: Tracked = Tracked()
    dark: bool = False
    camera_fault: str | None = None
    """What is wrong with the camera; None while it works or is closed."""
    attempt: Attempt | None = None
    """The reading under way; None while nobody is read."""
    reading: Reading | None = None
    """The last reading; None before the first."""
    unsure: bool = False
    """The last reading had no mood, and the person that it was of has not left since."""
    was_read: bool = False
    """This sitting has been read."""
    again: int = 0
    """How often a reading without a mood was repeated in this sitting."""
    again_at_s: float | None = None
    """When a reading without a mood is repeated; None for not at all."""
    again_asked: bool = False
    """Whether a person asked for the reading that is to be repeated."""
    reread_at_s: float | None = None
    """When the sitting is read anew; None for not at all."""
    doubt: Mood | None = None
    """A new mood that only the last reading saw; it is followed if the next one sees it too."""


def sensed(seeing: Seeing, event: Sensed, now_s: float, policy: Policy) -> Seeing:
    """Take in what one frame showed."""
    seeing = replace(seeing, dark=event.sight.dark, camera_fault=None)
    tracked = presence.step(seeing.tracked, event.sight, now_s, policy.sitting)
    seeing = _with_presence(seeing, tracked)
    if seeing.attempt is None or event.prediction is None:
        return seeing
    attempt = _with_prediction(seeing.attempt, event.prediction, tracked.bbox)
    return replace(seeing, attempt=attempt)


def camera_lost(seeing: Seeing, event: CameraLost, now_s: float, policy: Policy) -> Seeing:
    """The camera failed; until it works again, nobody can be seen."""
    seeing = replace(seeing, camera_fault=event.reason, dark=False)
    if event.ended and seeing.attempt is not None and not seeing.attempt.asked:
        seeing = replace(seeing, attempt=None)  # a film that ends in mid-reading starts no music
    return waited(seeing, now_s, policy)


def waited(seeing: Seeing, now_s: float, policy: Policy) -> Seeing:
    """Time passed; while the camera fails, that counts as nobody being there."""
    if not seeing.camera_fault:
        return seeing
    return _with_presence(seeing, presence.absent(seeing.tracked, now_s, policy.sitting))


def ask(seeing: Seeing, now_s: float) -> Seeing:
    """A person asks to be read now; a reading that is under way starts again."""
    return not_again(replace(seeing, attempt=Attempt(now_s, asked=True), again=0))


def told(seeing: Seeing) -> Seeing:
    """A person set the mood: nobody has to be read."""
    return not_again(replace(seeing, attempt=None, was_read=True, unsure=False))


def not_again(seeing: Seeing) -> Seeing:
    """Cancel every reading that was planned for later."""
    return replace(seeing, again_at_s=None, reread_at_s=None, doubt=None)


def not_asked(seeing: Seeing) -> Seeing:
    """A user action came after the request: the reading no longer counts as asked for."""
    attempt = seeing.attempt and replace(seeing.attempt, asked=False)
    return not_again(replace(seeing, attempt=attempt))


def may_read(seeing: Seeing) -> bool:
    """Whether a reading can begin: somebody sits here, and nobody is being read."""
    idle = seeing.attempt is None and not seeing.camera_fault
    return idle and seeing.tracked.presence is Presence.SITTING


def due_s(seeing: Seeing) -> float | None:
    """When the next reading of this sitting is due; None for none."""
    moments = [s for s in (seeing.again_at_s, seeing.reread_at_s) if s is not None]
    return min(moments, default=None) if may_read(seeing) else None


def begin(seeing: Seeing, now_s: float) -> Seeing:
    """Begin a reading if one is due."""
    if not may_read(seeing):
        return seeing
    if not seeing.was_read:
        return replace(seeing, attempt=Attempt(now_s, asked=False))
    if seeing.again_at_s is not None and now_s >= seeing.again_at_s:
        attempt = Attempt(now_s, asked=seeing.again_asked)
        return replace(seeing, attempt=attempt, again=seeing.again + 1, again_at_s=None)
    if seeing.reread_at_s is not None and now_s >= seeing.reread_at_s:
        attempt = Attempt(now_s, asked=False, reread=True)
        return replace(seeing, attempt=attempt, reread_at_s=None)
    return seeing


def end(
    seeing: Seeing, now_s: float, policy: Policy, in_force: Mood | None, *, manual: bool
) -> tuple[Seeing, Verdict | None]:
    """End the reading under way if it is sure, if its time is over, or if the camera failed.

    `in_force` is the mood whose music plays, `manual` whether a person controls the music. The
    verdict is None if no reading has ended, or if the music need not change.
    """
    attempt = seeing.attempt
    if attempt is None:
        return seeing, None
    reading = _reading(seeing, attempt, now_s, policy)
    if reading is None:
        return seeing, None
    seeing = replace(seeing, attempt=None, reading=reading)
    if attempt.reread:
        return _reread(seeing, reading, now_s, policy, in_force)
    seeing = _concluded(seeing, attempt, reading, now_s, policy, manual=manual)
    return seeing, Verdict(reading.mood, attempt.asked)


def _reading(seeing: Seeing, attempt: Attempt, now_s: float, policy: Policy) -> Reading | None:
    """The result of the reading under way; None while it goes on."""
    if seeing.camera_fault:
        return Reading(None, Why.NO_CAMERA, None, 0)
    final = now_s - attempt.started_s >= policy.reading_s
    reading = conclude(attempt.predictions, policy.point, final=final)
    if reading is not None and reading.why is Why.NOBODY and seeing.dark:
        return replace(reading, why=Why.DARK)
    return reading


def _concluded(
    seeing: Seeing,
    attempt: Attempt,
    reading: Reading,
    now_s: float,
    policy: Policy,
    *,
    manual: bool,
) -> Seeing:
    """Note that the sitting was read, and plan its next reading."""
    unsure = reading.mood is None
    seeing = not_again(replace(seeing, unsure=unsure, was_read=True))
    if policy.reread_s > 0:
        seeing = replace(seeing, reread_at_s=now_s + policy.reread_s)
    if attempt.asked and reading.scores is not None:
        # A person who asked and was seen counts as sitting at once, so that the dwell time does
        # not bring a second reading.
        here = replace(seeing.tracked, presence=Presence.SITTING, seen_s=now_s)
        seeing = replace(seeing, tracked=here)
    sits = seeing.tracked.presence is Presence.SITTING and not manual
    if unsure and sits and seeing.again < len(policy.again_s):
        again_at_s = now_s + policy.again_s[seeing.again]
        return replace(seeing, again_at_s=again_at_s, again_asked=attempt.asked)
    return seeing


def _reread(
    seeing: Seeing, reading: Reading, now_s: float, policy: Policy, in_force: Mood | None
) -> tuple[Seeing, Verdict | None]:
    """The sitting was read anew: follow a new mood only when it is read twice in a row."""
    seeing = replace(seeing, reread_at_s=now_s + policy.reread_s)
    if reading.mood is None or reading.mood is in_force:
        return replace(seeing, doubt=None), None
    if reading.mood is not seeing.doubt:
        soon_s = now_s + min(CONFIRM_S, policy.reread_s)
        return replace(seeing, doubt=reading.mood, reread_at_s=soon_s), None
    return replace(seeing, doubt=None), Verdict(reading.mood, asked=False)


def _with_presence(seeing: Seeing, tracked: Tracked) -> Seeing:
    """Note who is here; once nobody is, forget what was noted of the sitting."""
    if tracked.presence is not Presence.NOBODY:
        return replace(seeing, tracked=tracked)
    unsure = seeing.unsure and seeing.tracked.presence is Presence.NOBODY
    return not_again(replace(seeing, tracked=tracked, was_read=False, again=0, unsure=unsure))


def _with_prediction(attempt: Attempt, prediction: Scores, bbox: BBox | None) -> Attempt:
    """Add a prediction to a reading, unless the face is at another place: then it is another's."""
    if bbox is None or (attempt.bbox and not presence.is_same(attempt.bbox, bbox)):
        return attempt
    return replace(attempt, predictions=(*attempt.predictions, prediction), bbox=bbox)
