"""What was heard of which file, what was put where, and what people said of it: one SQLite file.

Broken off at any moment, it holds every song that was told before. A file that is damaged is set
aside, not overwritten, and songs are heard anew.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from moodbox.core.mood import Mood
from moodbox.sorting.place import Heard, Place
from moodbox.sorting.taste import Correction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

NAME = "songs.sqlite"
SCHEMA = """
CREATE TABLE IF NOT EXISTS song (
    file BLOB PRIMARY KEY, size INTEGER NOT NULL, modified_ns INTEGER NOT NULL,
    ear TEXT NOT NULL, error TEXT, p BLOB, distance REAL, sound BLOB
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS written (
    mood TEXT NOT NULL, uri BLOB NOT NULL, PRIMARY KEY (mood, uri)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS adopted (mood TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS correction (
    mood TEXT NOT NULL, uri BLOB NOT NULL, belongs INTEGER NOT NULL, sound BLOB,
    PRIMARY KEY (mood, uri)
) WITHOUT ROWID;
"""


class RememberingError(Exception):
    """What is remembered of songs cannot be read or written; the message says why."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """By what a changed file is known; no clock is asked, so none can mislead."""

    size: int
    modified_ns: int

    @classmethod
    def of(cls, path: Path) -> Self:
        """Raises OSError."""
        stat = path.stat()
        return cls(stat.st_size, stat.st_mtime_ns)


class SongMemory:
    """The file in `folder`, opened; a context manager. Raises RememberingError where it cannot."""

    def __init__(self, folder: Path, ear: str) -> None:
        """`ear` names the model: what another one heard counts as not heard."""
        self._path, self._ear = folder / NAME, ear
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._database = self._open()
        except (OSError, sqlite3.Error) as error:
            raise self._fault(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()

    def song(self, file: str, stamp: Stamp) -> Heard | str | None:
        """What was heard of a file, or why it could not be; None for a new or a changed one."""
        row = self._database.execute(
            "SELECT p, distance, sound, error FROM song"
            " WHERE file = ? AND size = ? AND modified_ns = ? AND ear = ?",
            (os.fsencode(file), stamp.size, stamp.modified_ns, self._ear),
        ).fetchone()
        if row is None:
            return None
        p, distance, sound, error = row
        return error if error is not None else _heard(p, distance, sound)

    def remember(self, file: str, stamp: Stamp, heard: Heard | str) -> None:
        """Keep what was heard of a file, or the sentence why it could not be. Kept at once."""
        told: tuple[object, ...]
        if isinstance(heard, str):
            told = (heard, None, None, None)
        else:
            p = np.array(heard.place.probability, "<f4").tobytes()
            told = (None, p, heard.place.distance, heard.sound.astype("<f4").tobytes())
        self._change(
            "INSERT OR REPLACE INTO song VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [(os.fsencode(file), stamp.size, stamp.modified_ns, self._ear, *told)],
        )

    def written(self, mood: Mood) -> set[str]:
        """What the box put into a mood's playlist and did not take out again."""
        rows = self._database.execute("SELECT uri FROM written WHERE mood = ?", (str(mood),))
        return {os.fsdecode(uri) for (uri,) in rows}

    def note_written(self, mood: Mood, added: Sequence[str], removed: Sequence[str]) -> None:
        """Keep what was just put into a mood's playlist, or taken out, by the box."""
        self._change(
            "INSERT OR IGNORE INTO written VALUES (?, ?)",
            [(str(mood), os.fsencode(uri)) for uri in added],
        )
        self._change(
            "DELETE FROM written WHERE mood = ? AND uri = ?",
            [(str(mood), os.fsencode(uri)) for uri in removed],
        )

    def is_adopted(self, mood: Mood) -> bool:
        """Whether the box may add to the playlist of this name."""
        row = self._database.execute("SELECT 1 FROM adopted WHERE mood = ?", (str(mood),))
        return row.fetchone() is not None

    def adopt(self, mood: Mood) -> None:
        """Keep that the box may add to the playlist of this name: it made it, or was told to."""
        self._change("INSERT OR IGNORE INTO adopted VALUES (?)", [(str(mood),)])

    def disown(self, mood: Mood) -> None:
        """Forget that: the playlist is a person's."""
        self._change("DELETE FROM adopted WHERE mood = ?", [(str(mood),)])
        self._change("DELETE FROM written WHERE mood = ?", [(str(mood),)])

    def corrections(self) -> list[Correction]:
        """What people said of songs, by putting them into playlists and taking them out."""
        rows = self._database.execute("SELECT mood, uri, belongs, sound FROM correction")
        return [
            Correction(Mood(mood), os.fsdecode(uri), bool(belongs), _sound(sound))
            for mood, uri, belongs, sound in rows
        ]

    def correct(self, corrections: Sequence[Correction]) -> None:
        """Keep what people said; a later word on the same song and mood replaces the earlier."""
        self._change(
            "INSERT OR REPLACE INTO correction VALUES (?, ?, ?, ?)",
            [
                (
                    str(told.mood), os.fsencode(told.uri), int(told.belongs),
                    None if told.sound is None else told.sound.astype("<f4").tobytes(),
                )
                for told in corrections
            ],
        )  # fmt: skip

    def known(self) -> Mapping[str, Heard]:
        """Every file that was heard by this ear, whether it is still there or not."""
        rows = self._database.execute(
            "SELECT file, p, distance, sound FROM song WHERE error IS NULL AND ear = ?",
            (self._ear,),
        )
        return {os.fsdecode(file): _heard(*rest) for file, *rest in rows}

    def _change(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        try:
            with self._database:
                self._database.executemany(statement, rows)
        except sqlite3.Error as error:
            raise self._fault(error) from error

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise  # no room, no rights, in use: the file itself is sound
            with contextlib.suppress(FileNotFoundError):
                self._path.replace(self._path.with_suffix(".damaged"))
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=10)
        try:
            database.executescript("PRAGMA journal_mode = TRUNCATE;" + SCHEMA)
        except sqlite3.Error:
            database.close()
            raise
        return database

    def _fault(self, error: Exception) -> RememberingError:
        return RememberingError(
            f"{self._path}: what is known of songs cannot be kept ({error}). Is the disk full, "
            "or not this user's? Nothing that was kept before is lost."
        )


def _heard(p: bytes, distance: float, sound: bytes) -> Heard:
    a, b, c, d = (float(value) for value in np.frombuffer(p, "<f4"))
    return Heard(Place((a, b, c, d), distance), np.frombuffer(sound, "<f4").astype(np.float32))


def _sound(sound: bytes | None) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]] | None:
    return None if sound is None else np.frombuffer(sound, "<f4").astype(np.float32)
