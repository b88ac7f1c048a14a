"""The files that the daemon writes: what it keeps for good, and what it tells while it runs."""

from __future__ import annotations

import contextlib
import json
import logging
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moodbox.adapters.files import read_file
from moodbox.core.foreign import DamagedError, parse_json_object
from moodbox.core.music import history as history_record
from moodbox.core.music.history import History
from moodbox.core.music.tastes import Tastes, from_record, to_record

log = logging.getLogger(__name__)

SCHEMA = 1

PROBE_BYTES = 256 << 10
"""As much as a state file of some thousand songs."""

MOST_BYTES = 64 << 20
"""Largest file that is read. What five moods have learned of 25,000 songs each takes some 8 MB."""


def write_atomically(path: Path, text: str) -> None:
    """Replace a file's content as a whole: a reader, or a power cut, sees the old or the new.

    UTF-8, readable by everybody. Raises OSError; then the old content stands and nothing is left
    beside it.
    """
    # A name of its own would pile up where the power is cut between two steps.
    temporary = path.with_name(f".{path.name}.new")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def try_writing(folder: Path) -> None:
    """Write as much into a folder as the box may have to keep, sync it, and take it away again.

    An empty file needs no block: a full disk takes it. Raises OSError.
    """
    probe = folder / ".probe"
    try:
        with probe.open("wb") as file:
            file.write(os.urandom(PROBE_BYTES))  # not zeros, which a disk may keep for nothing
            file.flush()
            os.fsync(file.fileno())
    finally:
        with contextlib.suppress(OSError):
            probe.unlink()


class _JsonFile:
    """A file of one JSON object; a failure to write is logged when it begins and when it ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._failing = False

    def write(self, data: dict[str, Any]) -> bool:
        """Replace the file; False when that failed, and the old content stands."""
        try:
            write_atomically(self.path, json.dumps(data, indent=1) + "\n")
        except OSError as error:
            if not self._failing:
                log.error("%s cannot be written: %s; it is tried again", self.path, error.strerror)
            self._failing = True
            return False
        if self._failing:
            log.info("%s can be written again", self.path)
        self._failing = False
        return True

    def read(self) -> dict[str, Any] | None:
        """The object; None when there is no such file.

        Raises OSError when it cannot be read, DamagedError when it holds something else.
        """
        try:
            return parse_json_object(read_file(self.path, MOST_BYTES))
        except FileNotFoundError:
            return None


@dataclass(frozen=True, slots=True)
class PersistentState:
    """What survives a restart."""

    camera_closed: bool = False
    """Whether a long press closed the camera."""
    tastes: Tastes = field(default_factory=dict)
    """What has been learned about songs."""
    history: History = field(default_factory=dict)
    """Which songs were heard before those."""


class DamagedStateError(DamagedError):
    """The file holds no state; the message says why."""

    def __init__(self, why: str, camera_closed: bool = True) -> None:
        super().__init__(why)
        self.camera_closed = camera_closed
        """What it says of the camera, if that can be read; True else."""


class StateStore:
    """`state.json` in the state directory."""

    def __init__(self, directory: Path) -> None:
        """`directory` must exist when something is saved."""
        self._file = _JsonFile(directory / "state.json")

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    def load(self) -> PersistentState:
        """What was saved last; the defaults when nothing was.

        A damaged file is set aside as `state.json.damaged` with a line in the log. What it says of
        the camera is believed if it can be read; otherwise the camera counts as closed, since only
        a hand on the button may open one that was.
        """
        try:
            return self.read() or PersistentState()
        except OSError as error:
            log.warning(
                "%s cannot be read (%s): the camera stays closed until a press",
                self._file.path, error.strerror,
            )  # fmt: skip
            return PersistentState(camera_closed=True)
        except DamagedStateError as error:
            self._set_aside(str(error))
            return PersistentState(error.camera_closed)

    def read(self) -> PersistentState | None:
        """What was saved last; None when nothing was. Raises OSError and DamagedStateError."""
        try:
            data = self._file.read()
        except DamagedError as error:
            raise DamagedStateError(str(error)) from error
        if data is None:
            return None
        closed, tastes = data.get("camera_closed"), data.get("tastes")
        if data.get("schema") != SCHEMA or type(closed) is not bool or not isinstance(tastes, dict):
            raise DamagedStateError(f"it is not of schema {SCHEMA}", closed is not False)
        try:
            return PersistentState(
                closed, from_record(tastes), history_record.from_record(data.get("earlier", {}))
            )
        except ValueError as error:
            raise DamagedStateError(str(error), closed) from error

    def save(self, kept: PersistentState) -> bool:
        """Replace the file. False when it could not be written: try again later."""
        return self._file.write(
            {
                "schema": SCHEMA,
                "camera_closed": kept.camera_closed,
                "tastes": to_record(kept.tastes),
                "earlier": history_record.to_record(kept.history),
            }
        )

    def _set_aside(self, why: str) -> None:
        path = self._file.path
        damaged = path.with_name(path.name + ".damaged")
        try:
            path.replace(damaged)
        except OSError as error:
            log.warning("%s is damaged (%s) and cannot be moved: %s", path, why, error.strerror)
        else:
            log.warning("%s is damaged (%s): kept as %s, starting anew", path, why, damaged.name)


class RuntimeFiles:
    """What lies in the runtime directory, which a reboot empties.

    `status.json`, `owned.json`, and `poweroff` once a hand asked for it: the daemon may not switch
    the machine off, so a unit of root's waits for that file.
    """

    def __init__(self, directory: Path) -> None:
        """`directory` must exist when something is written."""
        self._status = _JsonFile(directory / "status.json")
        self._owned = _JsonFile(directory / "owned.json")
        self._poweroff = directory / "poweroff"

    def ask_to_switch_off(self) -> bool:
        """Leave the file for which moodbox-poweroff.path waits; False when that failed."""
        try:
            self._poweroff.touch()
        except OSError as error:
            log.error(
                "%s cannot be written (%s): the machine stays on", self._poweroff, error.strerror
            )
            return False
        return True

    def forget_to_switch_off(self) -> None:
        """Take back what nobody has answered: the unit, started later, would switch off at once."""
        with contextlib.suppress(OSError):
            self._poweroff.unlink()

    def write_status(self, status: dict[str, Any]) -> bool:
        """Replace the status that `moodbox status` prints; False when that failed."""
        return self._status.write(status)

    def read_status(self) -> dict[str, Any] | None:
        """The status that was written last; None when there is none.

        Raises OSError when it cannot be read and DamagedError when it is no status.
        """
        return self._status.read()

    def write_owned(self, owned: dict[str, Any]) -> bool:
        """Replace the record of the songs that the box owns; False when that failed."""
        return self._owned.write(owned)

    def read_owned(self) -> dict[str, Any] | None:
        """The record that was written last; None when there is none, or none that can be read."""
        try:
            return self._owned.read()
        except (OSError, DamagedError) as error:
            log.warning("%s cannot be read: %s; no song counts as owned", self._owned.path, error)
            return None
