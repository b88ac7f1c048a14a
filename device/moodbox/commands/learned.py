"""`moodbox library --learned` and `--forget`: what the box has learned of songs."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from moodbox.adapters.lock import in_use
from moodbox.adapters.mpd.player import MpdPlayer
from moodbox.adapters.store import StateStore
from moodbox.compose import mpd_address, state_directories, status_directories
from moodbox.core.foreign import DamagedError, printable
from moodbox.core.mood import Mood
from moodbox.core.ports import PlayerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moodbox.adapters.store import PersistentState
    from moodbox.config import Config
    from moodbox.core.music.tastes import Taste, Tastes


def show() -> int:
    """Print what was learned, by mood, the best liked first; 1 when it cannot be read."""
    try:
        found = _found()
    except (OSError, DamagedError) as error:
        print(
            f"moodbox: what was learned cannot be read: {printable(_why(error))}", file=sys.stderr
        )
        return 1
    if found is not None and any(found[1].tastes.values()):
        print(_age(found[0].path))
    print("\n".join(lines(found[1].tastes if found else {})))
    return 0


def _age(path: Path) -> str:
    """How old the file is: a box that runs knows more."""
    try:
        minutes = max(0.0, time.time() - path.stat().st_mtime) / 60
    except OSError:
        return f"as {path} has it"
    past = f"{minutes:.0f} minutes ago" if minutes < 120 else f"{minutes / 60:.0f} hours ago"
    later = "; what the running box has learned since is not in it" if _box_runs() else ""
    return f"as written {past} to {printable(str(path))}{later}"


def lines(tastes: Tastes) -> list[str]:
    """What a person should know of what was learned."""
    if not any(tastes.values()):
        return ["nothing has been learned yet: it is, while you listen and skip"]
    told = ["  liked  skipped   (hearings, the earlier ones fading)"]
    for mood in Mood:
        songs = tastes.get(mood, {})
        if songs:
            told += [f"{mood}, songs heard: {len(songs)}", *_songs(songs)]
    return told


def _songs(songs: Mapping[str, Taste]) -> list[str]:
    ranked = sorted(songs, key=lambda uri: songs[uri].skipped - songs[uri].finished)
    return [
        f"{songs[uri].finished:>7.1f} {songs[uri].skipped:>8.1f}   {printable(uri)}"
        for uri in ranked
    ]


def forget(config: Config) -> int:
    """Clear what was learned: by a word to the box that runs, else in its file.

    1 when the file cannot be changed, 69 when a box runs and cannot be reached.
    """
    player = MpdPlayer(mpd_address(config, os.environ))
    why = "no box listens to this MPD"
    try:
        if player.send("forget"):
            print("the box forgets what it has learned of songs")
            return 0
    except PlayerError as error:
        why = str(error)
    finally:
        player.close()
    if _box_runs():
        print(
            f"moodbox: the box runs and cannot be told to forget: {printable(why)}", file=sys.stderr
        )
        return os.EX_UNAVAILABLE
    return _forget_in_file()


def _forget_in_file() -> int:
    try:
        found = _found()
        if found and not found[0].save(replace(found[1], tastes={}, history={})):
            return 1
    except (OSError, DamagedError) as error:
        print(
            f"moodbox: what was learned cannot be cleared: {printable(_why(error))}",
            file=sys.stderr,
        )
        return 1
    print(f"cleared in {found[0].path}" if found else "nothing had been learned")
    return 0


def _found() -> tuple[StateStore, PersistentState] | None:
    """The box's store and what it keeps; None when there is none. Raises as StateStore.read does.

    A user's own box is looked for first, then the service's.
    """
    for folder in state_directories(os.environ):
        store = StateStore(folder)
        kept = store.read()
        if kept is not None:
            return store, kept
    return None


def _box_runs() -> bool:
    """Whether a box runs on this machine, as far as this user may see."""

    def runs(folder: Path) -> bool:
        try:
            return in_use(folder)
        except OSError:
            return False

    return any(runs(folder) for folder in status_directories(os.environ))


def _why(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return f"{error.filename} is not for this user; try it with sudo"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error)
