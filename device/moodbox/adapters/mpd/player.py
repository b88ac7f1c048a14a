"""The player on MPD, by python-mpd2's synchronous client: queue, playback and library."""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import mpd

from moodbox.adapters.mpd.address import MpdAddress, address_from_env
from moodbox.adapters.mpd.changes import apply, has_ids
from moodbox.adapters.mpd.library import (
    LibraryCount,
    batches,
    count_songs,
    ensure_playlists,
    ratings,
    revision,
)
from moodbox.adapters.mpd.link import Exchange, MpdLink
from moodbox.adapters.mpd.listener import CHANNEL, MpdListener
from moodbox.adapters.mpd.names import Names, names
from moodbox.core.music.playback import PlayState, QueuedSong, Snapshot
from moodbox.core.ports import PlayerRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from moodbox.core.mood import Mood
    from moodbox.core.music.playback import Batch, QueueCommand
    from moodbox.core.music.tastes import Ratings

__all__ = [
    "CHANNEL",
    "LibraryCount",
    "MpdAddress",
    "MpdListener",
    "MpdPlayer",
    "Output",
    "address_from_env",
]

OPTIONS = ("random", "repeat", "single", "consume")
_ACK = mpd.FailureResponseCode

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Output:
    """One of MPD's audio outputs."""

    name: str
    plugin: str
    enabled: bool


class MpdPlayer:
    """The Player port on MPD. Connects at the first call; each call takes at most `timeout_s`."""

    def __init__(
        self, address: MpdAddress, timeout_s: float = 0.8, rng: random.Random | None = None
    ) -> None:
        self.address = address
        self._link = MpdLink(address, timeout_s)
        self._rng = rng or random.Random()
        self._cached: tuple[int, str, tuple[QueuedSong, ...]] | None = None
        """Connection, playlist version, queue."""

    def close(self) -> None:
        """Close the connection. Never raises; the next call makes a new one."""
        self._link.close()

    def snapshot(self) -> Snapshot:
        """Poll queue and playback. The queue is listed again only when its version has changed."""
        with self._link.exchange() as ask:
            status: Mapping[str, str] = ask.ask("status")
            if self._cached is None or self._cached[:2] != self._key(status):
                status, queue = self._read_queue(ask)
                self._cached = (*self._key(status), queue)
            return _snapshot(status, self._cached[2], self._link)

    def revision(self, mood: Mood) -> str:
        """A text that changes when MPD's database or the mood's stored playlist changes."""
        with self._link.exchange() as ask:
            return revision(ask, mood)

    def batches(self, mood: Mood) -> Iterator[Batch]:
        """The mood's stored playlist, then its folder; of a large folder a random part.

        Entries of the playlist that MPD's database does not hold are left out, except from a
        playlist of more than MOST_CANDIDATES. Each step takes at most 2 × timeout_s.
        """
        return batches(self._link, mood, self._rng)

    def ensure_playlists(self, playlists: Mapping[str, str]) -> None:
        with self._link.exchange() as ask:
            ensure_playlists(ask, playlists)

    def ratings(self) -> Mapping[str, Ratings]:
        """Clients' ratings from the stickers `rating` and `like`; empty without stickers."""
        with self._link.exchange() as ask:
            return ratings(ask)

    def apply(self, changes: Sequence[QueueCommand], since: Snapshot) -> tuple[QueuedSong, ...]:
        added: list[QueuedSong] = []
        try:
            with self._link.exchange() as ask:
                if since.connection != self._link.generation and has_ids(changes):
                    raise PlayerRefusedError(
                        f"The connection to MPD at {self.address} is new: poll it again."
                    )
                apply(ask, changes, since, added)
        except PlayerRefusedError as error:
            error.added = tuple(added)
            raise
        return tuple(added)

    def library(self, mood: Mood) -> LibraryCount:
        """Count a mood's songs and sum their lengths, without listing its folder."""
        with self._link.exchange() as ask:
            return count_songs(ask, mood)

    def names(self) -> Names:
        """Names of the folders at the top of MPD's music directory, and of its stored playlists."""
        with self._link.exchange() as ask:
            return names(ask)

    def send(self, text: str) -> bool:
        """Send the box a message, as any client can; False if no box listens on the channel."""
        with self._link.exchange() as ask:
            try:
                ask.ask("sendmessage", CHANNEL, text)
            except mpd.CommandError as error:
                if error.errno is not _ACK.NO_EXIST:
                    raise
                return False
        return True

    def version(self) -> str:
        """The version of MPD's protocol; MPD does not report its program's version."""
        with self._link.exchange() as ask:
            ask.ask("ping")
            return ask.version

    def outputs(self) -> tuple[Output, ...]:
        """MPD's audio outputs; without an enabled one there is no sound."""
        with self._link.exchange() as ask:
            return tuple(
                Output(o["outputname"], o.get("plugin", ""), o["outputenabled"] == "1")
                for o in ask.ask("outputs")
            )

    def _key(self, status: Mapping[str, str]) -> tuple[int, str]:
        # After a restart MPD counts versions from the start, but then the connection is new.
        return self._link.generation, status["playlist"]

    def _read_queue(self, ask: Exchange) -> tuple[Mapping[str, str], tuple[QueuedSong, ...]]:
        """Status and queue of the same moment. Only ids and names, so 16,000 songs stay cheap."""
        status, ids, names = ask.ask_all([("status",), ("plchangesposid", 0), ("playlist",)])
        pairs = zip(ids, names, strict=True)
        queue = (QueuedSong(int(i["id"]), name.removeprefix("file: ")) for i, name in pairs)
        return status, tuple(queue)


def _snapshot(status: Mapping[str, str], queue: tuple[QueuedSong, ...], link: MpdLink) -> Snapshot:
    return Snapshot(
        queue=queue,
        state=PlayState(status["state"]),
        current_id=_number(status, "songid", int),
        elapsed_s=_number(status, "elapsed", float),
        duration_s=_number(status, "duration", float),
        error=status.get("error"),
        restarts=link.restarts,
        version=int(status["playlist"]),
        options=frozenset(name for name in OPTIONS if status.get(name, "0") != "0"),
        connection=link.generation,
    )


def _number(status: Mapping[str, str], key: str, kind: Any) -> Any:
    return kind(status[key]) if key in status else None
