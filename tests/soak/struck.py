"""The player on a real MPD, struck by an accident in the middle of a plan."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from moodbox.adapters.mpd.link import Exchange, MpdLink
from moodbox.adapters.mpd.player import MpdPlayer

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator, Sequence

    import mpd

    from moodbox.adapters.mpd.address import MpdAddress


class BoxKilledError(BaseException):
    """Stands for a kill of the box's process: nothing in it may catch this."""


class StruckPlayer(MpdPlayer):
    """The real player; `strike` is called once, between a plan's adding and its playing."""

    def __init__(self, address: MpdAddress, timeout_s: float, rng: random.Random) -> None:
        super().__init__(address, timeout_s, rng)
        self._link = _StruckLink(address, timeout_s, self._strike)
        self.strike: Callable[[], None] | None = None

    def _strike(self) -> None:
        strike, self.strike = self.strike, None
        if strike is not None:
            strike()


class _StruckLink(MpdLink):
    def __init__(self, address: MpdAddress, timeout_s: float, added: Callable[[], None]) -> None:
        super().__init__(address, timeout_s)
        self._added = added

    @contextlib.contextmanager
    def exchange(self) -> Iterator[Exchange]:
        with super().exchange() as ask:
            yield _StruckExchange(ask, self._added)


class _StruckExchange(Exchange):
    def __init__(self, ask: Exchange, added: Callable[[], None]) -> None:
        super().__init__(ask._client, ask._until_s)
        self._added = added

    def try_all(
        self, commands: Sequence[tuple[object, ...]]
    ) -> tuple[list[Any], mpd.CommandError | None]:
        result = super().try_all(commands)
        if commands and commands[0][0] == "addid":
            self._added()
        return result
