"""Control: whether a person or the box controls the music, and the ownership of songs."""

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
    """The user action by which a person took control, until a press; None: the box controls."""
    ownership: Ownership = Ownership()
    """Ownership of the songs in the queue as last polled."""


def take_over(control: Control) -> Control:
    """A person gave the music back to the box: user songs stay in the queue as displaced ones."""
    return Control(None, control.ownership.displacing())


def matched(control: Control, before: Snapshot | None, now: Snapshot) -> Control:
    """Match ownership to the queue as it is now."""
    anew = is_first(before, now)
    same = before is not None and now.queue is before.queue and not anew
    if same and not control.ownership.pending:
        return control  # the last poll found this very queue
    return replace(control, ownership=recognise(now.queue, control.ownership, anew=anew))


def polled(
    control: Control,
    before: Snapshot | None,
    expected: Snapshot | None,
    now: Snapshot,
    *,
    asked: bool,
) -> tuple[Control, str | None]:
    """Control after a poll, and the user action since the last one (None: there was none).

    `before` is the last poll, `expected` the same with the box's own changes since. `asked`: a
    person's request came before the first poll and is not answered yet, so user songs that play at
    the first poll do not begin manual control.
    """
    control = matched(control, before, now)
    action = user_action(expected, now, control.ownership)
    if is_first(before, now) and (action is None or asked):
        # User songs that were there before do not begin manual control.
        return replace(control, ownership=control.ownership.displacing()), None
    return replace(control, manual=control.manual or action), action


def is_first(before: Snapshot | None, now: Snapshot) -> bool:
    """Whether this is the first poll of a server since it started."""
    return before is None or before.restarts != now.restarts
