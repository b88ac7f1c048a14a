"""Which files of a folder are songs to listen to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIXES = frozenset(
    (
        ".aac", ".ac3", ".aif", ".aiff", ".ape", ".dsf", ".flac", ".m4a", ".m4b", ".m4p", ".mka",
        ".mp2", ".mp3", ".mp4", ".mpc", ".oga", ".ogg", ".opus", ".spx", ".tta", ".wav", ".wave",
        ".webm", ".wma", ".wv",
    )
)  # fmt: skip
"""What is taken for music when a folder is walked. A file that is named itself is always tried."""


def song_files(path: Path) -> Iterator[Path]:
    """The songs of a folder, walked recursively in the order of their names; a file is itself.

    Hidden files and folders are passed over (macOS leaves `._song.mp3` beside each song on a
    stick), and so are cue sheets: the file that they cut up is one recording. A link to a folder
    is not followed. Yields nothing for a folder that is not there or may not be read.
    """
    if not path.is_dir():
        yield path
        return
    for folder, names, files in os.walk(path):
        names[:] = sorted(name for name in names if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES:
                yield Path(folder) / name
