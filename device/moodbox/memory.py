"""What the box learns and keeps, and when that is written."""

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
"""Pause before what was learned is written: cards wear, and a power cut costs no more than that."""

SAVE_RETRY_S = 60.0
"""Pause before a state that could not be written (a full card) is written again."""


@dataclass(slots=True)
class Memory:
    """Learns at once, and writes at its own pace.

    Whether the camera is closed is the policy's to know; it is handed in when all is written.
    """

    store: StateStore
    tastes: Tastes = field(default_factory=dict)
    history: History = field(default_factory=dict)
    _unsaved: bool = False
    _save_at_s: float = float("-inf")

    def learn(self, heard: Heard, now_s: float) -> None:
        """Take in what became of a song; written within `SAVE_TASTES_S`."""
        self.history = evict(self.history, self.tastes, heard)
        self.tastes = learn(self.tastes, heard)
        if not self._unsaved:
            self._save_at_s = now_s + SAVE_TASTES_S
        self._unsaved = True

    def forget(self) -> None:
        """Forget what was learned of every song; `save` it."""
        self.tastes, self.history = {}, {}

    def save(self, now_s: float, *, camera_closed: bool) -> None:
        """Write everything now; tried again later when that fails."""
        kept = PersistentState(camera_closed, self.tastes, self.history)
        self._unsaved = not self.store.save(kept)
        self._save_at_s = now_s + SAVE_RETRY_S

    def save_if_due(self, now_s: float, *, camera_closed: bool) -> None:
        """Write what is unsaved, if it has waited long enough."""
        if self._unsaved and now_s >= self._save_at_s:
            self.save(now_s, camera_closed=camera_closed)

    def save_unsaved(self, now_s: float, *, camera_closed: bool) -> None:
        """Write what is unsaved: the box stops."""
        if self._unsaved:
            self.save(now_s, camera_closed=camera_closed)
