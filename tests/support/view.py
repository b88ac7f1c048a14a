"""What is in front of the camera, before the eye has chosen whose face is the person's."""

from __future__ import annotations

from dataclasses import dataclass

from moodbox.core.seeing.presence import SeenFace, Sight, Tracked, target


@dataclass(frozen=True, slots=True)
class View:
    """Faces, largest first, and what else a frame shows."""

    faces: tuple[SeenFace, ...] = ()
    moved_near: bool = False
    dark: bool = False

    def sight(self, tracked: Tracked, now_s: float) -> Sight:
        """What the eye makes of it, knowing who was there."""
        return Sight(target(self.faces, tracked, now_s), self.moved_near, self.dark)

    @property
    def first_sight(self) -> Sight:
        """What the eye makes of it when nobody was there."""
        return self.sight(Tracked(), 0.0)
