"""Scales, chords and voicings. Pitches are MIDI numbers; pitch classes are 0 to 11, C is 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NOTE_NAMES: Final = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

SCALES: Final[dict[str, tuple[int, ...]]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "major pentatonic": (0, 2, 4, 7, 9),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
}

_QUALITIES: Final[dict[str, tuple[int, ...]]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "5": (0, 7),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11),
    "add9": (0, 2, 4, 7),
    "madd9": (0, 2, 3, 7),
    "sus4": (0, 5, 7),
    "aug": (0, 4, 8),
    "dim": (0, 3, 6),
}

_ROOTS: Final[dict[str, int]] = {
    "1": 0, "b2": 1, "2": 2, "b3": 3, "3": 4, "4": 5, "b5": 6, "5": 7, "b6": 8, "6": 9,
    "b7": 10, "7": 11,
}  # fmt: skip


@dataclass(frozen=True)
class Chord:
    """A chord: the root's pitch class and the pitch classes of all its notes, root first."""

    root: int
    notes: tuple[int, ...]


def chord(symbol: str, tonic: int) -> Chord:
    """Read a chord written relative to the tonic, such as ``1``, ``6:m`` or ``b7:maj7``.

    The part before the colon is the root's degree in the major scale of `tonic`, the part after
    it the quality; none means a major triad. Raises ValueError for an unknown degree or quality.
    """
    degree, _, quality = symbol.partition(":")
    if degree not in _ROOTS or quality not in _QUALITIES:
        raise ValueError(f"no such chord: {symbol!r}")
    root = (tonic + _ROOTS[degree]) % 12
    return Chord(root, tuple((root + step) % 12 for step in _QUALITIES[quality]))


def near(pitch_class: int, target: float) -> int:
    """The MIDI pitch of `pitch_class` closest to `target`; the lower of two equally close."""
    octave = round((target - pitch_class) / 12)
    around = (pitch_class + 12 * (octave + shift) for shift in (-1, 0, 1))
    return min(around, key=lambda pitch: (abs(pitch - target), pitch))


def voicing(harmony: Chord, centre_midi: float) -> tuple[int, ...]:
    """Close position around `centre_midi`, lowest note first; so successive chords move little."""
    return tuple(sorted({near(note, centre_midi) for note in harmony.notes}))


def scale_pitches(tonic: int, scale: str, harmony: Chord, low: int, high: int) -> tuple[int, ...]:
    """MIDI pitches from `low` to `high` that fit the scale and the chord of the moment.

    A chord note outside the scale replaces the scale notes a semitone from it: over a major
    dominant in minor, the leading tone replaces the seventh degree.
    """
    in_scale = {(tonic + step) % 12 for step in SCALES[scale]}
    foreign = {note for note in harmony.notes if note not in in_scale}
    clashing = {(note + shift) % 12 for note in foreign for shift in (-1, 1)}
    allowed = (in_scale - clashing) | set(harmony.notes)
    return tuple(pitch for pitch in range(low, high + 1) if pitch % 12 in allowed)
