"""Writes starter music into a music directory, for each mood that has no music."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from errno import ENOTDIR
from pathlib import Path
from typing import Final

from music.arrange import arrange
from music.flac import write_flac
from music.mix import mix
from music.moods import CHARACTERS, MOODS
from music.pieces import PIECES
from music.recipes import Recipe
from music.theory import NOTE_NAMES

# Files that are often stored beside music. Any other visible file counts as a person's music: so
# their music is left alone whatever its format.
_NOT_MUSIC: Final = frozenset(
    {
        *(".txt", ".md", ".nfo", ".pdf", ".html", ".url", ".ini", ".db", ".log"),
        *(".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp"),
    }
)


def file_name(recipe: Recipe) -> str:
    """The piece's file name, in ASCII, which every file system accepts."""
    return f"Moodbox - {recipe.title}.flac"


def tags(recipe: Recipe) -> dict[str, str]:
    """The piece's Vorbis comments."""
    character = CHARACTERS[recipe.mood]
    key = f"{NOTE_NAMES[recipe.tonic]} {character.mode}"
    return {
        "TITLE": recipe.title,
        "ARTIST": "Moodbox",
        "ALBUM": f"Starter music: {recipe.mood}",
        "GENRE": character.genre,
        "TRACKNUMBER": str(_of_mood(recipe.mood).index(recipe) + 1),
        "MOOD": recipe.mood,
        "BPM": f"{recipe.tempo_bpm:g}",
        "LICENSE": "CC0-1.0",
        "COMMENT": f"{recipe.tempo_bpm:g} bpm, {key}. Composed by Moodbox's own code. "
        "CC0 1.0: no rights reserved.",
    }


def compose(
    directory: Path, moods: Iterable[str] = MOODS, say: Callable[[str], None] = print
) -> None:
    """Write the starter pieces of each mood into ``directory/<mood>/``.

    Existing files are never changed. A folder that holds any other music is a person's library and
    is skipped. `say` gets a line for each mood. Raises music.flac.FlacError or OSError when a file
    cannot be written; the files written before it are complete.
    """
    for mood in moods:
        folder = directory / mood
        recipes = _of_mood(mood)
        names = {file_name(recipe) for recipe in recipes}
        foreign = next(_other_music(folder, names), None)
        if foreign is not None:
            say(f"{mood}: skipped, {folder} holds music of yours ({foreign.name})")
            continue
        missing = [recipe for recipe in recipes if not (folder / file_name(recipe)).exists()]
        if folder.exists() and not folder.is_dir():
            raise NotADirectoryError(ENOTDIR, "it is a file, and a folder is needed", str(folder))
        folder.mkdir(parents=True, exist_ok=True)
        for recipe in missing:
            write_flac(folder / file_name(recipe), mix(arrange(recipe), recipe), tags(recipe))
        had = len(recipes) - len(missing)
        say(f"{mood}: {len(missing)} composed, {had} existed already, in {folder}")


def _of_mood(mood: str) -> list[Recipe]:
    return [recipe for recipe in PIECES if recipe.mood == mood]


def _other_music(folder: Path, ours: set[str]) -> Iterator[Path]:
    """Files in a folder, at any depth, that may be music and are not starter pieces."""
    seen: set[str] = set()
    for root, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(root)
        if real in seen:  # a link to a parent folder would make an endless loop
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            hidden = name.startswith(".")
            mine = name in ours and Path(root) == folder
            if not hidden and not mine and Path(name).suffix.lower() not in _NOT_MUSIC:
                yield Path(root, name)
