"""Shows the state: light, log, status and `owned.json` depend on it and on nothing else."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moodbox.core.report import impersonal, light, sentence, status, transitions
from moodbox.runtime_state import record_differs, to_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from moodbox.adapters.store import RuntimeFiles
    from moodbox.adapters.systemd import Notifier
    from moodbox.core.policy.state import State
    from moodbox.core.ports import Panel

log = logging.getLogger("moodbox")


@dataclass(slots=True)
class Display:
    """Shows a state; writes only what has changed. The cost does not grow with the queue."""

    panel: Panel
    files: RuntimeFiles
    notifier: Notifier
    log_moods: bool
    """Whether the log tells moods, readings and who sits there."""
    on_change: Callable[[State, State], None] | None = None
    """Called with the state before and after each event; the demonstration uses it."""
    _told: dict[str, Any] = field(default_factory=dict)

    def show(self, before: State | None, after: State) -> None:
        """Show the state after an event; `before` is None at the start."""
        self.panel.show(light(after))
        told = status(after)
        if told != self._told:
            self._told = told
            self.files.write_status(told)
            self.notifier.status(sentence(after))
        if before is None:
            return
        if record_differs(before, after):
            self.files.write_owned(to_record(after))
        for line in transitions(before, after) if self.log_moods else impersonal(before, after):
            log.info("%s", line)
        if self.on_change is not None:
            self.on_change(before, after)
