"""The player: MPD's queue, playback and library, by python-mpd2's synchronous client."""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import mpd

from moodbox.adapters.mpd.address import MpdAddress, address_from_env
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
from moodbox.core.ports import (
    Add,
    Delete,
    Pause,
    PlayAdded,
    PlayerRefusedError,
    PlayId,
    PlayState,
    QueueCommand,
    QueuedSong,
    Resume,
    Snapshot,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from moodbox.core.mood import Mood
    from moodbox.core.music.tastes import Ratings
    from moodbox.core.ports import Batch

__all__ = [
    "CHANNEL",
    "LibraryCount",
    "MpdAddress",
    "MpdListener",
    "MpdPlayer",
    "Output",
    "address_from_env",
]

CHUNK = 100
"""Commands in one list. MPD adds 100 songs in 0.4 ms."""
PLAY_TRIES = 5
"""Added songs that are tried before a plan is refused: so many broken files are no accident."""
OPTIONS = ("random", "repeat", "single", "consume")
CHANGED = "What plays was changed while the box was about to."

_ACK = mpd.FailureResponseCode

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Output:
    """One of MPD's sound outputs."""

    name: str
    plugin: str
    enabled: bool


class MpdPlayer:
    """The Player port on an MPD server. Connects at the first call; each call takes ≤ timeout_s."""

    def __init__(
        self, address: MpdAddress, timeout_s: float = 0.8, rng: random.Random | None = None
    ) -> None:
        self.address = address
        self._link = MpdLink(address, timeout_s)
        self._rng = rng or random.Random()
        self._read_in = 0
        """The connection on which the queue was read last: ids of another one may be wrong."""
        self._cached: tuple[int, str, tuple[QueuedSong, ...]] | None = None
        """Connection, playlist version, queue."""
        self._seen: _Playing | None = None
        """What was going on at the last snapshot; None once the box itself has changed it."""

    def close(self) -> None:
        """Let the connection go. Never raises; the next call makes a new one."""
        self._link.close()

    def snapshot(self) -> Snapshot:
        """Read queue and playback. The queue is read anew only when MPD counted a change in it."""
        with self._link.exchange() as ask:
            status: Mapping[str, str] = ask.ask("status")
            if self._cached is None or self._cached[:2] != self._key(status):
                status, queue = self._read_queue(ask)
                self._cached = (*self._key(status), queue)
            self._read_in = self._link.generation
            self._seen = _playing(status)
            return _snapshot(status, self._cached[2], self._link.restarts)

    def revision(self, mood: Mood) -> str:
        """A word that changes when MPD's database or the mood's stored playlist does."""
        with self._link.exchange() as ask:
            return revision(ask, mood)

    def batches(self, mood: Mood) -> Iterator[Batch]:
        """The mood's stored playlist, then its folder; of a large folder a random part.

        Entries of the playlist that MPD's database does not hold are left out, but in a playlist of
        more than MOST_CANDIDATES. Each step takes ≤ 2 × timeout_s.
        """
        return batches(self._link, mood, self._rng)

    def ensure_playlists(self, playlists: Mapping[str, str]) -> None:
        """Have a stored playlist of each name, with its one song, unless there is one with any.

        A song that MPD's database does not hold is passed over.
        """
        with self._link.exchange() as ask:
            ensure_playlists(ask, playlists)

    def ratings(self) -> Mapping[str, Ratings]:
        """What clients keep in the stickers `rating` and `like`; empty without stickers."""
        with self._link.exchange() as ask:
            return ratings(ask)

    def apply(self, commands: Sequence[QueueCommand]) -> tuple[QueuedSong, ...]:
        """Carry out a plan in order and return the songs it added, with their ids.

        Songs that MPD does not know are passed over; an `Add` of which nothing could be added is
        refused. A plan with ids is refused, and nothing of it done, when the connection is not
        the one on which the queue was read: MPD may have restarted and renumbered its songs. A
        `PlayAdded`, a `Resume` or a `Pause` is refused, and what goes on put back, when that is not
        what the last snapshot saw going on: a person's hand came in between.
        """
        added: list[QueuedSong] = []
        try:
            with self._link.exchange() as ask:
                self._carry_out(ask, commands, added)
        except PlayerRefusedError as error:
            error.added = tuple(added)
            raise
        return tuple(added)

    def library(self, mood: Mood) -> LibraryCount:
        """Count a mood's songs and their length, without listing its folder."""
        with self._link.exchange() as ask:
            return count_songs(ask, mood)

    def send(self, text: str) -> bool:
        """Send the box a message, as any client can; False when no box listens on the channel."""
        with self._link.exchange() as ask:
            try:
                ask.ask("sendmessage", CHANNEL, text)
            except mpd.CommandError as error:
                if error.errno is not _ACK.NO_EXIST:
                    raise
                return False
        return True

    def version(self) -> str:
        """The version of MPD's protocol; it does not tell its program's own."""
        with self._link.exchange() as ask:
            ask.ask("ping")
            return ask.version

    def outputs(self) -> tuple[Output, ...]:
        """MPD's sound outputs; without an enabled one nothing is heard."""
        with self._link.exchange() as ask:
            return tuple(
                Output(o["outputname"], o.get("plugin", ""), o["outputenabled"] == "1")
                for o in ask.ask("outputs")
            )

    def _key(self, status: Mapping[str, str]) -> tuple[int, str]:
        # A restart begins counting the versions anew, but on a new connection.
        return self._link.generation, status["playlist"]

    def _read_queue(self, ask: Exchange) -> tuple[Mapping[str, str], tuple[QueuedSong, ...]]:
        """Status and queue of one moment. Ids and names alone: 16,000 songs stay cheap."""
        status, ids, names = ask.ask_all([("status",), ("plchangesposid", 0), ("playlist",)])
        pairs = zip(ids, names, strict=True)
        queue = (QueuedSong(int(i["id"]), name.removeprefix("file: ")) for i, name in pairs)
        return status, tuple(queue)

    def _check_ids(self, commands: Sequence[QueueCommand]) -> None:
        has_ids = any(isinstance(command, PlayId | Delete) for command in commands)
        if has_ids and self._read_in != self._link.generation:
            raise PlayerRefusedError(
                f"The connection to MPD at {self.address} is new: read its queue again."
            )

    def _carry_out(
        self, ask: Exchange, commands: Sequence[QueueCommand], added: list[QueuedSong]
    ) -> None:
        """Carry out a plan; `added` takes in the songs as they come."""
        seen, self._seen = self._seen, None
        self._check_ids(commands)
        for command in commands:
            match command:
                case Add(uris):
                    added += self._add(ask, uris)
                case PlayAdded():
                    _insist(_play_first(ask, added, seen))
                case PlayId(song_id):
                    ask.ask("playid", song_id)
                case Delete(ids):
                    _delete(ask, ids)
                case Resume():
                    _insist(_resume(ask, added, command, seen))
                case Pause(on):
                    _pause(ask, seen, on=on)

    def _add(self, ask: Exchange, uris: Sequence[str]) -> list[QueuedSong]:
        added: list[QueuedSong] = []
        refused: mpd.CommandError | None = None
        at = 0
        while at < len(uris):
            chunk = uris[at : at + CHUNK]
            ids, error = ask.try_all([("addid", uri) for uri in chunk])
            added += [QueuedSong(int(i), uri) for i, uri in zip(ids, chunk, strict=False)]
            at += len(ids)
            if error is None:
                continue
            refused = error
            if error.errno in (_ACK.PLAYLIST_MAX, _ACK.PERMISSION):
                break  # the others would fare no better
            log.info("MPD passed over %s: %s", uris[at], error.msg)
            at += 1
        if refused is not None and not added:
            raise refused
        return added


def _snapshot(status: Mapping[str, str], queue: tuple[QueuedSong, ...], restarts: int) -> Snapshot:
    return Snapshot(
        queue=queue,
        state=PlayState(status["state"]),
        current_id=_number(status, "songid", int),
        elapsed_s=_number(status, "elapsed", float),
        duration_s=_number(status, "duration", float),
        error=status.get("error"),
        restarts=restarts,
        version=int(status["playlist"]),
        options=frozenset(name for name in OPTIONS if status.get(name, "0") != "0"),
    )


def _number(status: Mapping[str, str], key: str, kind: Any) -> Any:
    return kind(status[key]) if key in status else None


@dataclass(frozen=True, slots=True)
class _Playing:
    """What goes on: MPD's state and its current song."""

    state: str
    song_id: str | None


def _playing(status: Mapping[str, str]) -> _Playing:
    return _Playing(status["state"], status.get("songid"))


def _play_first(
    ask: Exchange, added: Sequence[QueuedSong], seen: _Playing | None
) -> Exception | None:
    """Play the first added song, or the next that can be played: a file may be gone or broken.

    Returns why none could be. `seen` is what was going on when the box looked last.
    """
    refused: Exception = PlayerRefusedError("Nothing was added that could be played.")
    for song in added[:PLAY_TRIES]:
        error = _displace(ask, seen, ("playid", song.id))
        if error is None:
            return None
        log.debug("MPD cannot play %s: %s", song.uri, error.msg)
        refused, seen = error, None
    return refused


def _resume(
    ask: Exchange, added: Sequence[QueuedSong], how: Resume, seen: _Playing | None
) -> Exception | None:
    """Go on with a song where it was; from its beginning where it cannot be sought in.

    Returns why it cannot be gone on with. `seen` is what was going on when the box looked last.
    """
    if how.state is PlayState.STOP or not added:
        return _displace(ask, seen, ("stop",))
    song = added[min(how.at, len(added) - 1)]
    # MPD plays after a seek; a person had paused.
    hold = [("pause", 1)] if how.state is PlayState.PAUSE else []
    # A seek out of a song that has just begun now and then finds MPD's decoder dead: stop first.
    seek = ("seekid", song.id, f"{how.elapsed_s:.3f}")
    error = _displace(ask, seen, ("stop",), seek, *hold)
    if error is None:
        return None
    log.info("MPD cannot go on in the middle of %s: %s", song.uri, error.msg)
    return _displace(ask, None, ("playid", song.id), *hold)


def _displace(
    ask: Exchange, seen: _Playing | None, *requests: tuple[object, ...]
) -> mpd.CommandError | None:
    """Make these requests and return the ACK that ended them, None if none did.

    Refused, and what went on put back, where that is not what was `seen`; None leaves that open.
    """
    # In one list, so that the first status is that of the very moment before.
    answers, error = ask.try_all([("status",), *requests, ("status",)])
    if answers and seen is not None and _playing(answers[0]) != seen:
        _put_back(ask, answers[0], answers[-1] if error is None else None)
        raise PlayerRefusedError(CHANGED)
    return error


def _insist(error: Exception | None) -> None:
    """Raise it, if there is one."""
    try:
        if error is not None:
            raise error
    finally:
        del error  # it refers to this frame: do not wait for the collector


def _pause(ask: Exchange, seen: _Playing | None, *, on: bool) -> None:
    """Pause or let go on, unless something else goes on than was `seen`."""
    before, _, left = ask.ask_all([("status",), ("pause", int(on)), ("status",)])
    if seen is None or _playing(before) == seen:
        return
    _pause_back(ask, before, left)
    raise PlayerRefusedError(CHANGED)


def _pause_back(ask: Exchange, before: Mapping[str, str], left: Mapping[str, str]) -> None:
    """Pause or let go on what a `pause` broke into, unless a hand has changed that again."""
    if before["state"] == "stop":
        return
    pause = ("pause", int(before["state"] == "pause"))
    found, _, now_left = ask.ask_all([("status",), pause, ("status",)])
    if _is_touched(left, found):
        _pause_back(ask, found, now_left)


def _put_back(ask: Exchange, before: Mapping[str, str], left: Mapping[str, str] | None) -> None:
    """Let go on, pause or stop what the box broke into, as the person's hand had left it.

    `left` is what the box made of it, if that is known: where a hand has changed that again by now,
    what it has left is put back instead.
    """
    # A seek out of a song that has just begun now and then finds MPD's decoder dead: stop first.
    undo: list[tuple[object, ...]] = [("stop",)]
    if before["state"] != "stop":
        undo.append(("seekid", before["songid"], before["elapsed"]))
    if before["state"] == "pause":
        undo.append(("pause", 1))
    answers, error = ask.try_all([("status",), *undo, ("status",)])
    if answers and left is not None and _is_touched(left, answers[0]):
        # Where an ACK ended the list, MPD has stopped for it all the same.
        stopped = {**answers[0], "state": "stop"}
        _put_back(ask, answers[0], answers[-1] if error is None else stopped)
    elif error is not None and before["state"] == "play":  # else it is silent all the same
        _play_anew(ask, before["songid"])


def _is_touched(left: Mapping[str, str], found: Mapping[str, str]) -> bool:
    """Whether a hand came after the box had left it so; a song that cannot be played is none."""
    return _playing(found) != _playing(left) and found.get("error") == left.get("error")


def _play_anew(ask: Exchange, song_id: str) -> None:
    """Play a song from its beginning: a stream cannot be sought in."""
    try:
        ask.ask("playid", song_id)
    except mpd.CommandError:
        ask.ask("play")  # in consume mode it is gone with its being left


def _delete(ask: Exchange, ids: Sequence[int]) -> None:
    """Delete songs; those that are gone already are passed over."""
    at = 0
    while at < len(ids):
        done, error = ask.try_all([("deleteid", i) for i in ids[at : at + CHUNK]])
        at += len(done)
        if error is None:
            continue
        if error.errno is not _ACK.NO_EXIST:
            raise error
        at += 1
