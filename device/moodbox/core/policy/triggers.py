"""Requests by trigger track: the part of the state that follows them and what to restore."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from moodbox.core.music.trigger_tracks import trigger_tracks
from moodbox.core.music.triggers import (
    Cleared,
    Request,
    after_user_action,
    cleared,
    plays_trigger,
    requested,
)

if TYPE_CHECKING:
    from moodbox.core.music.playback import Snapshot
    from moodbox.core.policy.control import Control


@dataclass(frozen=True, slots=True)
class Triggers:
    """Requests by trigger track, and what clients cleared for them."""

    cleared: Cleared | None = None
    """The queue that was cleared last; a trigger track that is loaded soon after restores it."""
    request: Request | None = None
    """The last request; None once it is answered and its trigger tracks are deleted."""


def polled(
    triggers: Triggers,
    before: Snapshot | None,
    polled_s: float,
    now: Snapshot,
    now_s: float,
    control: Control,
) -> Triggers:
    """Note a queue that was cleared, and a trigger track that was loaded, since the last poll.

    `control` is that of the last poll, which was at `polled_s`.
    """
    if before is None or now.queue is before.queue:
        return triggers
    gone = cleared(before, polled_s, now, now_s, control.ownership, control.manual)
    triggers = replace(triggers, cleared=gone or triggers.cleared)
    return loaded(triggers, before, now, now_s, control.manual)


def loaded(
    triggers: Triggers, before: Snapshot | None, now: Snapshot, now_s: float, manual: str | None
) -> Triggers:
    """Note a trigger track that was loaded since `before`."""
    if before is None:
        return triggers
    request = requested(before, now, now_s, triggers.cleared, manual)
    return replace(triggers, request=request) if request else triggers


def follow(
    triggers: Triggers, before: Triggers, seen: Snapshot | None, now: Snapshot | None
) -> Triggers:
    """After a user action that followed a request, update what is still to be restored for it."""
    request = triggers.request
    if request is None or request.cleared is None or request is not before.request:
        return triggers
    if seen is None or now is None or now is seen:
        return triggers
    gone = after_user_action(request.cleared, seen, now)
    if gone is request.cleared:
        return triggers
    return replace(triggers, request=replace(request, cleared=gone))


def is_due(request: Request, now: Snapshot, now_s: float) -> bool:
    """Whether the client has finished, so that its request can be answered."""
    return now_s >= request.due_s or plays_trigger(now)


def due_s(triggers: Triggers) -> float | None:
    """When a request has to be answered at the latest; None without one."""
    request = triggers.request
    return request.due_s if request and not request.answered else None


def has_to_restore(triggers: Triggers, now: Snapshot | None) -> bool:
    """Whether there are trigger tracks to delete, or a request to conclude."""
    return triggers.request is not None or (now is not None and bool(trigger_tracks(now.queue)))
