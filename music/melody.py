"""Melodies: a motif of rhythm and contour, repeated over changing chords, ended by a cadence."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from music.moods import Character
from music.theory import Chord, near, scale_pitches

STEPS_PER_BEAT: Final = 4
STEPS_PER_BAR: Final = 16
BARS_PER_PHRASE: Final = 4
PHRASE_STEPS: Final = BARS_PER_PHRASE * STEPS_PER_BAR
# An average scale step is 12 / 7 semitones.
_SEMITONES_PER_SCALE_STEP: Final = 12 / 7


@dataclass(frozen=True)
class Event:
    """A melody note on the grid: first step and length in sixteenths, MIDI pitch, accent 0-1."""

    start: int
    steps: int
    midi: int
    accent: float


@dataclass(frozen=True)
class Motif:
    """Two bars of rhythm as (start, length) in sixteenths, and its contour in scale steps."""

    rhythm: tuple[tuple[int, int], ...]
    contour: tuple[int, ...]


def parse_rhythm(text: str) -> tuple[tuple[int, int], ...]:
    """Read ``x`` (a note begins), ``-`` (it goes on) and ``.`` (rest), a sixteenth each.

    Returns (start, length) pairs in sixteenths. Spaces are ignored.
    """
    grid = text.replace(" ", "")
    starts = [index for index, mark in enumerate(grid) if mark == "x"]
    return tuple(
        (start, len(grid[start + 1 :]) - len(grid[start + 1 :].lstrip("-")) + 1) for start in starts
    )


def invent_motif(rng: random.Random, rhythm_text: str, character: Character) -> Motif:
    """Give a rhythm a contour that suits the mood; the same `rng` state gives the same motif.

    After a leap the line steps back, and it tends to return to its start, as most melodies do
    (Huron 2006 on gap fill and regression to the mean).
    """
    rhythm = parse_rhythm(rhythm_text)
    positions = [0]
    last_move = 0
    for _ in rhythm[1:]:
        up_share = 0.5 + 0.15 * character.slope - 0.09 * positions[-1]
        direction = 1 if rng.random() < up_share else -1
        size = 1
        if abs(last_move) > 2 and character.leap_share < 0.5:
            direction = -1 if last_move > 0 else 1
        elif rng.random() < character.leap_share:
            size = 2 + int(rng.random() * (1.5 + 6 * character.leap_share))
        last_move = direction * size
        positions.append(positions[-1] + last_move)
    return Motif(rhythm, tuple(positions))


def write_phrase(
    motif: Motif,
    chords: Sequence[Chord],
    tonic: int,
    scale: str,
    character: Character,
    *,
    lift: float = 0.0,
    closed: bool,
) -> tuple[Event, ...]:
    """A phrase of four bars: the motif twice, then a last note.

    `chords` holds one chord per sixteenth (64 of them). `lift` moves the phrase by semitones.
    A closed phrase ends on the tonic, an open one on another note of its last chord.
    """
    low, high = character.register_midi
    anchor = (low + high) / 2 + lift
    events: list[Event] = []
    half = PHRASE_STEPS // 2
    for start, steps, contour in _two_statements(motif, half):
        harmony = chords[start]
        on_beat = start % (2 * STEPS_PER_BEAT) == 0 or steps >= 2 * STEPS_PER_BEAT
        candidates = scale_pitches(tonic, scale, harmony, low, high)
        if on_beat:
            candidates = tuple(p for p in candidates if p % 12 in harmony.notes) or candidates
        target = anchor + contour * _SEMITONES_PER_SCALE_STEP
        # Rounding to a pitch must not repeat a note where the contour moves.
        if events and events[-1].midi in candidates and len(candidates) > 1:
            candidates = tuple(p for p in candidates if p != events[-1].midi)
        pitch = min(candidates, key=lambda p: (abs(p - target), p))
        accent = 1.0 if start % STEPS_PER_BAR == 0 else 0.88 if on_beat else 0.76
        events.append(Event(start, steps, pitch, accent))
    return (*events, _cadence(events, chords, tonic, (low, high), closed=closed))


def _two_statements(motif: Motif, half: int) -> list[tuple[int, int, int]]:
    """The motif and its repeat as (start, length, contour), without the last bar."""
    first = [
        (start, steps, c) for (start, steps), c in zip(motif.rhythm, motif.contour, strict=True)
    ]
    second = [(start + half, steps, c - 1) for start, steps, c in first]
    last_bar = PHRASE_STEPS - STEPS_PER_BAR
    return [
        (start, min(steps, last_bar - start) if start < last_bar else steps, contour)
        for start, steps, contour in first + second
        if start < last_bar
    ]


def _cadence(
    events: Sequence[Event],
    chords: Sequence[Chord],
    tonic: int,
    register: tuple[int, int],
    *,
    closed: bool,
) -> Event:
    """The last note: three beats from the last bar line on, close to the note before it."""
    start = PHRASE_STEPS - STEPS_PER_BAR
    previous = events[-1].midi
    goals = (
        (tonic % 12,)
        if closed
        else tuple(note for note in chords[start].notes if note != tonic % 12)
    )
    pitches = [near(goal, previous) for goal in goals]
    inside = [p + 12 * (p < register[0]) - 12 * (p > register[1]) for p in pitches]
    pitch = min(inside, key=lambda p: (abs(p - previous), p))
    return Event(start, 3 * STEPS_PER_BEAT, pitch, 0.95)
