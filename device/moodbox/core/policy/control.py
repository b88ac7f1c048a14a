"""Whose hand: whether a person or the box controls the music, and whose song is whose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from moodbox.core.music.manual_control import user_action
from moodbox.core.music.ownership import Ownership, recognise

if TYPE_CHECKING:
    from moodbox.core.music.playback import Snapshot


@dataclass(frozen=True, slots=True)
class Control:
    """Who controls the music."""

    manual: str | None = None
    """What a person did, until a press; None while the box controls the music."""
    ownership: Ownership = Ownership()
    """Whose song is whose in the queue as last polled."""


def take_over(control: Control) -> Control:
    """A person gave the music back to the box; their songs stay, and count no more."""
    return Control(None, control.ownership.displacing())


def matched(control: Control, before: Snapshot | None, now: Snapshot) -> Control:
    """Ownership of the queue as it is now."""
    anew = is_first(before, now)
    same = before is not None and now.queue is before.queue and not anew
    if same and not control.ownership.pending:
        return control  # it was matched to this very queue at the last poll
    return replace(control, ownership=recognise(now.queue, control.ownership, anew=anew))


def polled(
    control: Control,
    before: Snapshot | None,
    expected: Snapshot | None,
    now: Snapshot,
    *,
    asked: bool,
) -> tuple[Control, str | None]:
    """Follow the queue to what it is `now`; also what a person did to it since, if they did.

    `expected` is `before` as the box itself has changed it since. `asked` says that a person's wish
    is still to be answered: it came before the first poll and so outranks what was there.
    """
    control = matched(control, before, now)
    action = user_action(expected, now, control.ownership)
    if is_first(before, now) and (action is None or asked):
        # What lay there before holds nobody back.
        return replace(control, ownership=control.ownership.displacing()), None
    return replace(control, manual=control.manual or action), action


def is_first(before: Snapshot | None, now: Snapshot) -> bool:
    """Whether this is the first poll of a server since it started."""
    return before is None or before.restarts != now.restarts
