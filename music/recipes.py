"""What each piece sets by hand: key, tempo, chords, rhythms, form and band.

A pattern is one bar of sixteenths. Comping: a digit plays that note of the chord's voicing, counted
from the bottom (past its top an octave higher); ``x`` plays the whole chord. Bass: ``r`` root,
``5`` fifth, ``o`` octave. Drums: ``x`` a stroke, ``o`` a soft one. ``-`` holds, ``.`` is silent.

A form is a row of phrases of four bars. Each is a section's letter, then ``?`` (the melody ends
open), ``.`` (it ends closed) or ``_`` (no melody), then a digit for the loudness, up to 9. A long
tonic chord is added at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Section:
    """The music of one letter of a form.

    chords: four bars, divided by ``|``; the chords of a bar have equal lengths.
    ending: the chords of the last two bars where the phrase ends closed.
    rhythm: the melody's rhythm of two bars, in the notation of `music.melody.parse_rhythm`.
    comp, bass, drums: patterns of one bar; fill: drums of the fourth bar, empty for no change.
    lift: how far the melody lies above its usual pitch, in semitones.
    """

    chords: str
    ending: str
    rhythm: str
    comp: str
    bass: str
    drums: Mapping[str, str] = field(default_factory=dict)
    fill: Mapping[str, str] = field(default_factory=dict)
    lift: float = 0.0


@dataclass(frozen=True)
class Band:
    """The instruments: names of timbres, levels in decibels; `pad` None means no pad."""

    lead: str
    comp: str
    bass: str
    pad: str | None = None
    lead_db: float = 0.0
    comp_db: float = -7.0
    bass_db: float = -5.0
    pad_db: float = -14.0
    drums_db: float = -8.0
    comp_centre_midi: float = 62.0
    bass_centre_midi: float = 41.0
    reverb: float = 0.25
    reverb_s: float = 1.4
    drive: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """One piece. `tonic` is a pitch class (C is 0); `seed` chooses among possible melodies."""

    mood: str
    title: str
    tempo_bpm: float
    tonic: int
    scale: str
    form: str
    sections: Mapping[str, Section]
    band: Band
    seed: int = 0
