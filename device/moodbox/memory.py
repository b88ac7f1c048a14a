"""Persistent state: what the box has learned, and when that is written to disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from moodbox.adapters.store import PersistentState
from moodbox.core.music.history import History, evict
from moodbox.core.music.tastes import Tastes, learn

if TYPE_CHECKING:
    from moodbox.adapters.store import StateStore
    from moodbox.core.music.tastes import Heard

SAVE_TASTES_S = 600.0
"""Longest time before what was learned is written, and so the most that a power cut can lose.
Writing more often would wear the card."""

SAVE_RETRY_S = 60.0
"""Pause before the next attempt when writing failed (a full card)."""


@dataclass(slots=True)
class Memory:
    """Learns at once, and writes later.

    The policy knows whether the camera is closed, so callers pass that in when they save.
    """

    store: StateStore
    tastes: Tastes = field(default_factory=dict)
    history: History = field(default_factory=dict)
    _unsaved: bool = False
    _save_at_s: float = float("-inf")

    def learn(self, heard: Heard, now_s: float) -> None:
        """Learn from a song that was heard; written within `SAVE_TASTES_S`."""
        self.history = evict(self.history, self.tastes, heard)
        self.tastes = learn(self.tastes, heard)
        if not self._unsaved:
            self._save_at_s = now_s + SAVE_TASTES_S
        self._unsaved = True

    def forget(self) -> None:
        """Forget what was learned of every song. Call `save` afterwards."""
        self.tastes, self.history = {}, {}

    def save(self, now_s: float, *, camera_closed: bool) -> None:
        """Write everything now; if that fails, `save_if_due` tries again later."""
        kept = PersistentState(camera_closed, self.tastes, self.history)
        self._unsaved = not self.store.save(kept)
        self._save_at_s = now_s + SAVE_RETRY_S

    def save_if_due(self, now_s: float, *, camera_closed: bool) -> None:
        """Write unsaved changes if they have waited long enough."""
        if self._unsaved and now_s >= self._save_at_s:
            self.save(now_s, camera_closed=camera_closed)

    def save_unsaved(self, now_s: float, *, camera_closed: bool) -> None:
        """Write unsaved changes at once, for when the box stops."""
        if self._unsaved:
            self.save(now_s, camera_closed=camera_closed)
