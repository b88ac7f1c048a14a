"""Sad: slow, minor, low and soft; melodies that fall by step."""

from __future__ import annotations

from music.recipes import Band, Recipe, Section

EMPTY_CHAIR = Recipe(
    mood="sad",
    title="The Empty Chair",
    tempo_bpm=60,
    tonic=9,
    scale="minor",
    form="A?6 B?7 A.6",
    sections={
        "A": Section(
            chords="1:m | b6:maj7 | 4:m | 5",
            ending="4:m 5 | 1:m",
            rhythm="....x---x---x--- x-------x---x---",
            comp="1...2...3...2...",
            bass="r---------------",
        ),
        "B": Section(
            chords="b6:maj7 | b3 | 4:m | 5:sus4 5",
            ending="4:m 5 | 1:m",
            rhythm="x-------x---x--- x-----------....",
            comp="1...3...2...3...",
            bass="r-------5-------",
            lift=3,
        ),
    },
    band=Band(
        lead="cello",
        comp="felt piano",
        bass="bass",
        pad="strings",
        lead_db=-1.0,
        comp_db=-1.0,
        bass_db=-9.0,
        pad_db=-20.0,
        comp_centre_midi=55,
        bass_centre_midi=38,
        reverb=0.4,
        reverb_s=2.6,
    ),
    seed=4,
)

RAIN_ON_THE_STATION = Recipe(
    mood="sad",
    title="Rain on the Station",
    tempo_bpm=66,
    tonic=2,
    scale="minor",
    form="A?6 A?7 B.6",
    sections={
        "A": Section(
            chords="1:madd9 | b7 | b6:maj7 | 5",
            ending="b6 5 | 1:m",
            rhythm="x-------x---x--- x-------x---....",
            comp="1...3...2...3...",
            bass="r-------r-------",
        ),
        "B": Section(
            chords="4:m | 1:m | b6:maj7 | 5",
            ending="4:m 5 | 1:m",
            rhythm="x---x---x------- x---x---x-------",
            comp="x.......x.......",
            bass="r---------------",
            lift=-2,
        ),
    },
    band=Band(
        lead="felt piano",
        comp="felt piano",
        bass="bass",
        pad="soft pad",
        lead_db=1.0,
        comp_db=-6.0,
        bass_db=-9.0,
        pad_db=-17.0,
        comp_centre_midi=53,
        bass_centre_midi=38,
        reverb=0.45,
        reverb_s=3.0,
    ),
    seed=7,
)

LAST_LIGHT = Recipe(
    mood="sad",
    title="Last Light",
    tempo_bpm=63,
    tonic=4,
    scale="minor",
    form="A?6 B?7 A.5",
    sections={
        "A": Section(
            chords="1:m | 4:m | b6 | 5",
            ending="4:m 5:7 | 1:m",
            rhythm="x---x---x------- x---x---x-------",
            comp="1...2...3...4...",
            bass="r-------........",
        ),
        "B": Section(
            chords="b3 | b7 | 4:m | 5",
            ending="4:m 5 | 1:m",
            rhythm="x-----------x--- x-----------....",
            comp="1...3...2...3...",
            bass="r-------r-------",
            lift=3,
        ),
    },
    band=Band(
        lead="clarinet",
        comp="guitar",
        bass="bass",
        pad="strings",
        lead_db=-1.0,
        comp_db=-5.0,
        bass_db=-9.0,
        pad_db=-19.0,
        comp_centre_midi=54,
        bass_centre_midi=38,
        reverb=0.4,
        reverb_s=2.4,
    ),
    seed=1,
)

PIECES = (EMPTY_CHAIR, RAIN_ON_THE_STATION, LAST_LIGHT)
