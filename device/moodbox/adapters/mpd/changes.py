"""Changes of MPD's queue and playback that do not override what a person does at the same time.

MPD has no compare-and-swap. So each change of playback is sent in one command list with a `status`
before it. If that status differs from what the box polled, a person acted first, and the change is
undone.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import mpd

from moodbox.core.music.playback import (
    Add,
    Delete,
    Pause,
    PlayAdded,
    PlayState,
    QueuedSong,
    Resume,
)
from moodbox.core.ports import PlayerRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from moodbox.adapters.mpd.link import Exchange
    from moodbox.core.music.playback import QueueCommand, Snapshot

CHUNK = 100
"""Commands in one list. MPD adds 100 songs in 0.4 ms."""
PLAY_TRIES = 5
"""Added songs that are tried before a plan is refused: then more than a few files are broken."""
CHANGED = "A person changed what plays at the same moment as the box."

_ACK = mpd.FailureResponseCode

log = logging.getLogger(__name__)


def has_ids(changes: Iterable[QueueCommand]) -> bool:
    """Whether any change names songs by their ids."""
    return any(isinstance(change, Delete) for change in changes)


def apply(
    ask: Exchange, changes: Sequence[QueueCommand], since: Snapshot, added: list[QueuedSong]
) -> None:
    """Make changes in order; each added song is appended to `added`, also before a refusal.

    Raises PlayerRefusedError or mpd.CommandError when a change is refused; earlier ones stay done.
    """
    song_id = None if since.current_id is None else str(since.current_id)
    seen: _Playing | None = _Playing(str(since.state), song_id)
    for change in changes:
        match change:
            case Add(uris):
                added += _add(ask, uris)
                continue
            case Delete(ids):
                _delete(ask, ids)
                continue
            case PlayAdded():
                _raise_if_refused(_play_first(ask, added, seen))
            case Resume():
                _raise_if_refused(_resume(ask, added, change, seen))
            case Pause(on):
                _pause(ask, seen, on=on)
        seen = None  # what plays now is the box's own change


def _add(ask: Exchange, uris: Sequence[str]) -> list[QueuedSong]:
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
            break  # the others would be refused, too
        log.debug("MPD skipped %s: %s", uris[at], error.msg)
        at += 1
    if refused is not None and not added:
        raise refused
    return added


@dataclass(frozen=True, slots=True)
class _Playing:
    """MPD's play state and current song."""

    state: str
    song_id: str | None


def _playing(status: Mapping[str, str]) -> _Playing:
    return _Playing(status["state"], status.get("songid"))


def _play_first(
    ask: Exchange, added: Sequence[QueuedSong], seen: _Playing | None
) -> Exception | None:
    """Play the first added song that can be played: a file may be gone or broken.

    Returns why none could be; None when one plays. `seen` is what the box polled last.
    """
    refused: Exception = PlayerRefusedError("Nothing was added that could be played.")
    for song in added[:PLAY_TRIES]:
        error = _change_playback(ask, seen, ("playid", song.id))
        if error is None:
            return None
        log.debug("MPD cannot play %s: %s", song.uri, error.msg)
        refused, seen = error, None
    return refused


def _resume(
    ask: Exchange, added: Sequence[QueuedSong], how: Resume, seen: _Playing | None
) -> Exception | None:
    """Resume a song at its position, or from its beginning if MPD cannot seek in it.

    Returns why it cannot be resumed; None when it was. `seen` is what the box polled last.
    """
    if how.state is PlayState.STOP or not added:
        return _change_playback(ask, seen, ("stop",))
    song = added[min(how.at, len(added) - 1)]
    # MPD plays after a seek, so pause again what a person had paused.
    hold = [("pause", 1)] if how.state is PlayState.PAUSE else []
    # A seek right after a song has begun sometimes finds MPD's decoder dead, so stop first.
    seek = ("seekid", song.id, f"{how.elapsed_s:.3f}")
    error = _change_playback(ask, seen, ("stop",), seek, *hold)
    if error is None:
        return None
    log.debug("MPD cannot resume in the middle of %s: %s", song.uri, error.msg)
    return _change_playback(ask, None, ("playid", song.id), *hold)


def _change_playback(
    ask: Exchange, seen: _Playing | None, *requests: tuple[object, ...]
) -> mpd.CommandError | None:
    """Send these requests and return the ACK that ended them, None if none did.

    If what played just before is not `seen`, undoes them and raises PlayerRefusedError. `seen` None
    skips that check.
    """
    # In one command list, so that no other client acts between the status and the requests.
    answers, error = ask.try_all([("status",), *requests, ("status",)])
    if answers and seen is not None and _playing(answers[0]) != seen:
        _undo(ask, answers[0], answers[-1] if error is None else None)
        raise PlayerRefusedError(CHANGED)
    return error


def _raise_if_refused(error: Exception | None) -> None:
    """Raise `error` if there is one."""
    try:
        if error is not None:
            raise error
    finally:
        del error  # it refers to this frame: break the cycle, do not wait for the collector


def _pause(ask: Exchange, seen: _Playing | None, *, on: bool) -> None:
    """Pause or resume; if what played just before is not `seen`, undo that and raise."""
    before, _, left = ask.ask_all([("status",), ("pause", int(on)), ("status",)])
    if seen is None or _playing(before) == seen:
        return
    _undo_pause(ask, before, left)
    raise PlayerRefusedError(CHANGED)


def _undo_pause(ask: Exchange, before: Mapping[str, str], left: Mapping[str, str]) -> None:
    """Undo the box's own `pause`, which came after a user action; keep what a person did since.

    `before` is the status before it, `left` the status right after it.
    """
    if before["state"] == "stop":
        return
    pause = ("pause", int(before["state"] == "pause"))
    found, _, now_left = ask.ask_all([("status",), pause, ("status",)])
    if _has_user_acted(left, found):
        _undo_pause(ask, found, now_left)


def _undo(ask: Exchange, before: Mapping[str, str], left: Mapping[str, str] | None) -> None:
    """Undo the box's change of playback: play, pause or stop as in the status `before`.

    `left` is the status right after the change, if known. If a person has acted since then, what
    they left is brought about instead.
    """
    # A seek right after a song has begun sometimes finds MPD's decoder dead, so stop first.
    requests: list[tuple[object, ...]] = [("stop",)]
    if before["state"] != "stop":
        requests.append(("seekid", before["songid"], before["elapsed"]))
    if before["state"] == "pause":
        requests.append(("pause", 1))
    answers, error = ask.try_all([("status",), *requests, ("status",)])
    if answers and left is not None and _has_user_acted(left, answers[0]):
        # If an ACK ended the list, its `stop` was still carried out.
        stopped = {**answers[0], "state": "stop"}
        _undo(ask, answers[0], answers[-1] if error is None else stopped)
    elif error is not None and before["state"] == "play":  # paused or stopped is silent as well
        _play_from_start(ask, before["songid"])


def _has_user_acted(left: Mapping[str, str], found: Mapping[str, str]) -> bool:
    """Whether a person acted after the status `left`; a song that cannot be played is no action."""
    return _playing(found) != _playing(left) and found.get("error") == left.get("error")


def _play_from_start(ask: Exchange, song_id: str) -> None:
    """Play a song from its beginning, since MPD cannot seek in a stream."""
    try:
        ask.ask("playid", song_id)
    except mpd.CommandError:
        ask.ask("play")  # in consume mode MPD deleted the song when it was left


def _delete(ask: Exchange, ids: Sequence[int]) -> None:
    """Delete songs; those that are gone already are skipped."""
    at = 0
    while at < len(ids):
        done, error = ask.try_all([("deleteid", i) for i in ids[at : at + CHUNK]])
        at += len(done)
        if error is None:
            continue
        if error.errno is not _ACK.NO_EXIST:
            raise error
        at += 1
