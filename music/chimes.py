"""The trigger tracks: six short chimes, each the only song of a stored playlist.

The box acts when one of them appears in MPD's queue, so each request has a file of its own. The
sound, an arpeggio in the requested mood, confirms the request to the listener.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from music.arrange import Note
from music.flac import write_flac
from music.mix import Stereo, play_notes
from music.synth import SAMPLE_RATE_HZ

FOLDER: Final = "moodbox"
"""Folder in the music directory for the chimes; the box recognises them by this path."""

_LENGTH_S: Final = 1.2
_SILENCE_S: Final = 2.8
"""Silence after the sound. MPD does not answer while it plays the last 64 chunks (256 kB, 1.5 s) of
the queue's last song; with this silence the box can still act while a chime alone in the queue
sounds."""
_PEAK: Final = 0.25
"""About 12 dB below the music, so that the chime does not disturb."""

# Title, instrument, seconds between the notes, MIDI pitches.
_CHIMES: Final[dict[str, tuple[str, str, float, tuple[int, ...]]]] = {
    "read my mood": ("Read my mood", "celesta", 0.16, (72, 79, 86)),
    "mood happy": ("Mood: happy", "marimba", 0.11, (72, 76, 79, 84)),
    "mood sad": ("Mood: sad", "felt piano", 0.26, (67, 63, 60)),
    "mood angry": ("Mood: angry", "picked bass", 0.13, (41, 42, 41, 36)),
    "mood surprise": ("Mood: surprise", "glockenspiel", 0.10, (74, 86, 78, 93)),
    "mood neutral": ("Mood: neutral", "guitar", 0.22, (64, 67)),
}


def chime(name: str) -> Stereo:
    """The sound of a chime, shape (2, samples); both channels are equal."""
    _, instrument, apart_s, pitches = _CHIMES[name]
    count = round(_LENGTH_S * SAMPLE_RATE_HZ)
    notes = [
        Note(number * apart_s, _LENGTH_S - number * apart_s, midi, 1.0)
        for number, midi in enumerate(pitches)
    ]
    sound = play_notes(notes, instrument, count)
    fade = round(0.3 * SAMPLE_RATE_HZ)
    sound[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    sound *= np.float32(_PEAK / np.abs(sound).max())
    sound = np.pad(sound, (0, round(_SILENCE_S * SAMPLE_RATE_HZ)))
    return np.stack([sound, sound])


def write_chimes(directory: Path, say: Callable[[str], None] = print) -> None:
    """Write the chimes into ``directory/moodbox/``; existing files are not changed.

    Raises music.flac.FlacError or OSError when a file cannot be written.
    """
    folder = directory / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    missing = [name for name in _CHIMES if not (folder / f"{name}.flac").exists()]
    for name in missing:
        tags = {"TITLE": _CHIMES[name][0], "ARTIST": "Moodbox", "ALBUM": "Remote control"}
        write_flac(folder / f"{name}.flac", chime(name), {**tags, "LICENSE": "CC0-1.0"})
    had = len(_CHIMES) - len(missing)
    say(f"trigger tracks: {len(missing)} made, {had} existed already, in {folder}")
