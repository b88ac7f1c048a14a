"""The player on a real MPD, struck by an accident in the middle of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodbox.adapters.mpd.player import MpdPlayer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from moodbox.adapters.mpd.link import Exchange
    from moodbox.core.ports import QueuedSong


class BoxKilledError(BaseException):
    """Stands for a kill of the box's process: nothing in it may catch this."""


class StruckPlayer(MpdPlayer):
    """The real player; `strike` is called once, between a plan's adding and its playing."""

    strike: Callable[[], None] | None = None

    def _add(self, ask: Exchange, uris: Sequence[str]) -> list[QueuedSong]:
        added = super()._add(ask, uris)
        strike, self.strike = self.strike, None
        if strike is not None:
            strike()
        return added
