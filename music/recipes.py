"""What is fixed by hand in each piece: key, tempo, chords, rhythms, form and band.

Patterns are one bar of sixteenths. Comping: digits pick a note of the chord's voicing from the
bottom up (past its top they go on an octave higher), ``x`` is the whole chord. Bass: ``r`` root,
``5`` fifth, ``o`` octave. Drums: ``x`` a stroke, ``o`` a soft one. ``-`` holds, ``.`` is silent.

A form is phrases of four bars: a letter with ``?`` (ends open), ``.`` (ends closed) or ``_``
(without the melody). A digit after it is the loudness out of 9. A long tonic chord is added at
the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Section:
    """One letter of a form.

    chords: four bars, divided by ``|``; the chords of one bar share it evenly.
    ending: the last two bars instead, where the phrase is closed.
    rhythm: the melody's, two bars, as `music.melody.parse_rhythm` reads it.
    comp, bass, drums: one bar each; fill: drums of the fourth bar, empty for no change.
    lift: how far the melody lies above the section's usual height, in semitones.
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
    """Who plays: names of timbres, levels in decibels; pad may be None."""

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
