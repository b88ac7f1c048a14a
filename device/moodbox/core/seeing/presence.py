"""Faces over time → who sits here: nobody, somebody passing, somebody sitting.

A face counts as a person while something moves at its place time and again: a poster and a portrait
do not. Once a person sits, a face or any motion about where they sat keeps the sitting: looking
down at a book is not leaving.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from moodbox.core.mood import BBox


class Presence(StrEnum):
    """Who is in front of the box."""

    NOBODY = "nobody"
    PASSING = "passing"
    SITTING = "sitting"


@dataclass(frozen=True, slots=True)
class SeenFace:
    """A face in one frame, and whether something moved at its place since the frame before."""

    bbox: BBox
    moved: bool


@dataclass(frozen=True, slots=True)
class Sight:
    """What one frame showed."""

    person: SeenFace | None = None
    """The person's face, chosen by `target`; None when no face is theirs."""
    moved_near: bool = False
    """Motion about the place where the person last was."""
    dark: bool = False


@dataclass(frozen=True, slots=True)
class SittingConfig:
    """When a face becomes a sitting, and when a sitting ends."""

    dwell_s: float
    """A face for this long is somebody sitting; shorter, somebody passing."""
    leave_after_s: float
    """Without a face or motion for this long, the person has left."""


GAP_S = 1.1
"""The face finder loses a face for a frame or two when it turns; at two frames a second this
bridges two misses. After it, somebody passing has passed."""

STILL_S = 10.0
"""A living face moves well within this (blinks come every 2–10 s); a picture never does."""

LIVES_S = 0.4
"""A face lives once it has moved at two moments this far apart. One alone is somebody who walks
past a poster, or a lamp that is switched on."""

OVERLAP = 0.2
"""Least intersection over union that makes two boxes the same face in successive frames."""


@dataclass(frozen=True, slots=True)
class Tracked:
    """What is remembered about who is there. Times in seconds of the loop's clock."""

    presence: Presence = Presence.NOBODY
    bbox: BBox | None = None
    """Where the person's face last was; None when nobody was seen yet or they left."""
    first_s: float = 0.0
    """Since when somebody passing has been at this place."""
    seen_s: float = 0.0
    """When a living face, or motion that stands for it, was last seen."""
    face_s: float = float("-inf")
    """When the face itself was last seen."""
    stirred_s: float = float("-inf")
    """When something first moved at the face's place, not counting what is long ago."""
    moved_s: float = float("-inf")
    """When something last moved there."""

    def lives(self, now_s: float) -> bool:
        """Whether the face is a living one, and no picture."""
        return self.moved_s - self.stirred_s >= LIVES_S and now_s - self.moved_s <= STILL_S


def overlap(a: BBox, b: BBox) -> float:
    """Intersection over union of two boxes, 0–1."""
    width_px = min(a.x_px + a.width_px, b.x_px + b.width_px) - max(a.x_px, b.x_px)
    height_px = min(a.y_px + a.height_px, b.y_px + b.height_px) - max(a.y_px, b.y_px)
    if width_px <= 0 or height_px <= 0:
        return 0.0
    shared_px = width_px * height_px
    return shared_px / (a.area_px + b.area_px - shared_px)


def is_same(a: BBox, b: BBox) -> bool:
    """Whether two boxes of successive frames are one face."""
    return overlap(a, b) >= OVERLAP


def target(faces: tuple[SeenFace, ...], tracked: Tracked, now_s: float) -> SeenFace | None:
    """Which face is the person's: the one that was it, else the largest moving, else the largest.

    `faces` are largest first; None without faces. A face that never moved holds no place, so that a
    poster hides nobody. In the place of somebody who sits only a moving face is taken, and only a
    while after theirs was seen: the face finder loses a face now and then, and nobody else is read
    meanwhile.
    """
    same = _same(faces, tracked)
    if same is not None and (same.moved or tracked.lives(now_s)):
        return same
    sitting = tracked.presence is Presence.SITTING
    if sitting and now_s - tracked.face_s <= GAP_S:
        return same
    moving = next((face for face in faces if face.moved), None)
    return moving or same or (None if sitting else next(iter(faces), None))


def _same(faces: tuple[SeenFace, ...], tracked: Tracked) -> SeenFace | None:
    """The face at the place of the one before; None when none is."""
    last = tracked.bbox
    if last is None or not faces:
        return None
    nearest = max(faces, key=lambda face: overlap(face.bbox, last))
    return nearest if is_same(nearest.bbox, last) else None


def step(tracked: Tracked, sight: Sight, now_s: float, config: SittingConfig) -> Tracked:
    """Take in one frame's sight; returns who is there now."""
    face = sight.person
    if face is not None:
        tracked = _follow(tracked, face, now_s)
    living = face is not None and tracked.lives(now_s)
    if tracked.presence is Presence.SITTING:
        if living or sight.moved_near or (face is not None and face.moved):
            return replace(tracked, seen_s=now_s)
        return Tracked() if now_s - tracked.seen_s >= config.leave_after_s else tracked
    if face is None or not living:
        passed = tracked.presence is Presence.PASSING and now_s - tracked.seen_s > GAP_S
        return Tracked(bbox=tracked.bbox if face else None) if passed else tracked
    if tracked.presence is Presence.NOBODY:
        tracked = replace(tracked, presence=Presence.PASSING, first_s=tracked.stirred_s)
    # Whoever is there for the dwell still moves at its end; a shadow over a portrait has passed.
    if now_s - tracked.first_s >= config.dwell_s and face.moved:
        tracked = replace(tracked, presence=Presence.SITTING)
    return replace(tracked, seen_s=now_s)


def _follow(tracked: Tracked, face: SeenFace, now_s: float) -> Tracked:
    """Note where the face is and whether it moved; another place is another face."""
    gone = tracked.presence is not Presence.SITTING and now_s - tracked.face_s > GAP_S
    if gone or _same((face,), tracked) is None:
        # Somebody who sits moved over or was followed by another; somebody passing is not staying.
        tracked = replace(tracked, stirred_s=float("-inf"), moved_s=float("-inf"), first_s=now_s)
    tracked = replace(tracked, bbox=face.bbox, face_s=now_s)
    if not face.moved:
        return tracked
    anew = now_s - tracked.moved_s > STILL_S
    return replace(tracked, stirred_s=now_s if anew else tracked.stirred_s, moved_s=now_s)


def absent(tracked: Tracked, now_s: float, config: SittingConfig) -> Tracked:
    """No frame shows anything (dark, camera gone): a sitting is held as during an absence."""
    return step(tracked, Sight(dark=True), now_s, config)
