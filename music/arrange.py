"""From a recipe to a score: which part plays which note when, and how loud."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from music.melody import PHRASE_STEPS, STEPS_PER_BAR, STEPS_PER_BEAT, invent_motif, write_phrase
from music.moods import CHARACTERS, Character
from music.recipes import Recipe, Section
from music.theory import Chord, chord, near, voicing

# Largest random shift of a note, as with human players; 6 ms is too little to be heard as a flam.
_LOOSENESS_S: Final = 0.006
# Silence before the first beat, so that a music player's fade-in does not cut into it.
_LEAD_IN_S: Final = 0.15
# Least length of the last chord, so that it is heard as the end.
_CODA_S: Final = 2.5


class Note(NamedTuple):
    """A note in seconds; `velocity` is a linear amplitude from 0 to 1."""

    start_s: float
    length_s: float
    midi: int
    velocity: float


class Stroke(NamedTuple):
    """A drum stroke; `velocity` is a linear amplitude from 0 to 1."""

    start_s: float
    instrument: str
    velocity: float


@dataclass(frozen=True)
class Score:
    """All parts of one piece, and when the last written note ends."""

    lead: tuple[Note, ...]
    comp: tuple[Note, ...]
    bass: tuple[Note, ...]
    pad: tuple[Note, ...]
    drums: tuple[Stroke, ...]
    end_s: float


@dataclass(frozen=True)
class _Phrase:
    section: Section
    chords: tuple[Chord, ...]  # one per sixteenth
    name: str
    kind: str
    level: float


def arrange(recipe: Recipe) -> Score:
    """Write every part of a piece. The same recipe always gives the same score."""
    character = CHARACTERS[recipe.mood]
    phrases = [_phrase(recipe, token) for token in recipe.form.split()]
    writer = _Writer(recipe, character)
    for index, phrase in enumerate(phrases):
        writer.play(phrase, index * PHRASE_STEPS)
    writer.coda(len(phrases) * PHRASE_STEPS, phrases[-1].level)
    return writer.score()


def _phrase(recipe: Recipe, token: str) -> _Phrase:
    name, kind, level = tuple(token)
    section = recipe.sections[name]
    bars = section.chords.split("|")
    if kind == ".":
        bars[2:] = section.ending.split("|")
    grid: list[Chord] = []
    for bar in bars:
        symbols = bar.split()
        for symbol in symbols:
            grid += [chord(symbol, recipe.tonic)] * (STEPS_PER_BAR // len(symbols))
    return _Phrase(section, tuple(grid), name, kind, int(level) / 9)


def _stress(step: int) -> float:
    """Accent of a step in the bar: first beat, other beats, eighths, sixteenths."""
    if step % STEPS_PER_BAR == 0:
        return 1.0
    if step % STEPS_PER_BEAT == 0:
        return 0.9
    return 0.72 if step % 2 == 0 else 0.6


def _spans(pattern: str) -> list[tuple[int, int, str]]:
    """(step, length, mark) of each mark in a one-bar pattern; ``-`` lengthens the mark before."""
    return [
        (step, len(pattern[step + 1 :]) - len(pattern[step + 1 :].lstrip("-")) + 1, mark)
        for step, mark in enumerate(pattern)
        if mark not in "-."
    ]


class _Writer:
    """Collects the notes of all parts, phrase by phrase."""

    def __init__(self, recipe: Recipe, character: Character) -> None:
        self._recipe = recipe
        self._character = character
        self._band = recipe.band
        self._step_s = 60.0 / recipe.tempo_bpm / STEPS_PER_BEAT
        # Python promises that random() gives the same numbers for a seed in every version.
        rng = random.Random(f"{recipe.title}/{recipe.seed}")
        self._motifs = {
            name: invent_motif(rng, section.rhythm, character)
            for name, section in recipe.sections.items()
        }
        self._loose = random.Random(recipe.title)
        self._parts: dict[str, list[Note]] = {"lead": [], "comp": [], "bass": [], "pad": []}
        self._drums: list[Stroke] = []
        self._end_step = 0

    def play(self, phrase: _Phrase, first_step: int) -> None:
        """Write one phrase of four bars in all parts."""
        if phrase.kind != "_":
            self._melody(phrase, first_step)
        for bar in range(0, PHRASE_STEPS, STEPS_PER_BAR):
            self._comp(phrase, first_step, bar)
            self._bass(phrase, first_step, bar)
            fourth = bar == PHRASE_STEPS - STEPS_PER_BAR
            drums = phrase.section.fill if fourth and phrase.section.fill else phrase.section.drums
            self._strokes(drums, first_step + bar, phrase.level)
        self._pad(phrase, first_step)
        self._end_step = first_step + PHRASE_STEPS

    def coda(self, first_step: int, level: float) -> None:
        """The last chord, on the tonic, in all parts but the melody."""
        minor = self._character.mode == "minor"
        harmony = chord("1:m" if minor else "1", self._recipe.tonic)
        steps = STEPS_PER_BAR * math.ceil(_CODA_S / (STEPS_PER_BAR * self._step_s))
        for midi in self._voicing(harmony):
            self._add("comp", first_step, steps, midi, level)
            if self._band.pad:
                self._add("pad", first_step, steps, midi, level)
        self._add("bass", first_step, steps, near(harmony.root, self._band.bass_centre_midi), level)
        if any("kick" in s.drums or "kick" in s.fill for s in self._recipe.sections.values()):
            self._strokes({"kick": "x"}, first_step, level)
        self._end_step = first_step + steps

    def score(self) -> Score:
        """All notes written so far, in order of time."""
        parts = {name: tuple(sorted(notes)) for name, notes in self._parts.items()}
        end_s = _LEAD_IN_S + self._end_step * self._step_s
        return Score(drums=tuple(sorted(self._drums)), end_s=end_s, **parts)

    def _add(
        self, part: str, step: int, steps: float, midi: int, velocity: float, hold: float = 1.0
    ) -> None:
        loose_s = (self._loose.random() - 0.5) * 2 * _LOOSENESS_S
        loudness = velocity * (0.94 + 0.12 * self._loose.random())
        start_s = _LEAD_IN_S + step * self._step_s + loose_s
        self._parts[part].append(Note(start_s, steps * self._step_s * hold, midi, loudness))

    def _voicing(self, harmony: Chord) -> tuple[int, ...]:
        centre = self._band.comp_centre_midi
        if self._band.drive:
            # Distortion makes thirds sound muddy, so play power chords: root and fifth.
            root = near(harmony.root, centre)
            return (root, root + 7)
        return voicing(harmony, centre)

    def _melody(self, phrase: _Phrase, first_step: int) -> None:
        events = write_phrase(
            self._motifs[phrase.name],
            phrase.chords,
            self._recipe.tonic,
            self._recipe.scale,
            self._character,
            lift=phrase.section.lift,
            closed=phrase.kind == ".",
        )
        hold = self._character.articulation
        for event in events:
            velocity = event.accent * phrase.level
            self._add("lead", first_step + event.start, event.steps, event.midi, velocity, hold)

    def _comp(self, phrase: _Phrase, first_step: int, bar: int) -> None:
        for step, steps, mark in _spans(phrase.section.comp):
            notes = self._voicing(phrase.chords[bar + step])
            velocity = phrase.level * _stress(step)
            if mark == "x":
                for midi in notes:
                    self._add("comp", first_step + bar + step, max(steps, 1.6), midi, velocity)
            else:
                octave, index = divmod(int(mark) - 1, len(notes))
                midi = notes[index] + 12 * octave
                # The notes of an arpeggio overlap.
                self._add("comp", first_step + bar + step, 6.0, midi, velocity)

    def _bass(self, phrase: _Phrase, first_step: int, bar: int) -> None:
        for step, steps, mark in _spans(phrase.section.bass):
            harmony = phrase.chords[bar + step]
            root = near(harmony.root, self._band.bass_centre_midi)
            fifth = harmony.notes[2] if len(harmony.notes) > 2 else harmony.root
            midi = {"r": root, "5": near(fifth, root - 4), "o": root + 12}[mark]
            velocity = phrase.level * _stress(step)
            self._add("bass", first_step + bar + step, max(steps, 1.8), midi, velocity)

    def _strokes(self, drums: Mapping[str, str], first_step: int, level: float) -> None:
        for instrument, pattern in drums.items():
            for step, _, mark in _spans(pattern):
                velocity = level * _stress(step) * (0.55 if mark == "o" else 1.0)
                loose_s = (self._loose.random() - 0.5) * _LOOSENESS_S
                start_s = _LEAD_IN_S + (first_step + step) * self._step_s + loose_s
                self._drums.append(Stroke(start_s, instrument, velocity))

    def _pad(self, phrase: _Phrase, first_step: int) -> None:
        if not self._band.pad:
            return
        start = 0
        for step in range(1, PHRASE_STEPS + 1):
            if step == PHRASE_STEPS or phrase.chords[step] != phrase.chords[start]:
                for midi in voicing(phrase.chords[start], self._band.comp_centre_midi):
                    self._add("pad", first_step + start, step - start, midi, phrase.level)
                start = step
