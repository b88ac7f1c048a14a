"""Neutral: a walking pace, every cue in the middle of its scale, nothing that draws attention."""

from __future__ import annotations

from music.recipes import Band, Recipe, Section

WINDOW_SEAT = Recipe(
    mood="neutral",
    title="Window Seat",
    tempo_bpm=88,
    tonic=5,
    scale="major pentatonic",
    form="A_6 A?6 B?7 A.6",
    sections={
        "A": Section(
            chords="1:maj7 | 4:maj7 | 1:maj7 | 5:sus4",
            ending="4:maj7 | 1:maj7",
            rhythm="x---x---x-------  x---x---x-------",
            comp="1...3...2...3...",
            bass="r-------5-------",
            drums={"brush": "....o.......o...", "shaker": "o...o...o...o..."},
        ),
        "B": Section(
            chords="6:m7 | 4:maj7 | 2:m7 | 5:sus4",
            ending="4 5 | 1",
            rhythm="x-------x---x---  x-----------....",
            comp="1...2...3...2...",
            bass="r-------r-------",
            drums={"brush": "....o.......o...", "shaker": "o...o...o...o..."},
            lift=1,
        ),
    },
    band=Band(
        lead="felt piano",
        comp="guitar",
        bass="upright bass",
        pad="soft pad",
        lead_db=0.0,
        comp_db=-7.0,
        pad_db=-19.0,
        drums_db=-14.0,
        comp_centre_midi=60,
        reverb=0.3,
        reverb_s=1.8,
    ),
    seed=4,
)

TUESDAY_AFTERNOON = Recipe(
    mood="neutral",
    title="An Ordinary Tuesday",
    tempo_bpm=84,
    tonic=0,
    scale="major",
    form="A?6 B?6 A.6",
    sections={
        "A": Section(
            chords="1 | 3:m | 4 | 1",
            ending="4 5 | 1",
            rhythm="x---x---x---x---  x---x---x-------",
            comp="1...3...2...3...",
            bass="r---....5---....",
            drums={"shaker": "o...o...o...o...", "block": "........o......."},
        ),
        "B": Section(
            chords="4 | 1 | 6:m | 5:sus4",
            ending="4 5 | 1",
            rhythm="x-------x-------  x---x---x-------",
            comp="x.......x.......",
            bass="r---....r---....",
            drums={"shaker": "o...o...o...o..."},
            lift=1,
        ),
    },
    band=Band(
        lead="flute",
        comp="felt piano",
        bass="upright bass",
        pad="soft pad",
        lead_db=-2.0,
        comp_db=-5.0,
        pad_db=-19.0,
        drums_db=-15.0,
        comp_centre_midi=58,
        reverb=0.3,
        reverb_s=1.7,
    ),
    seed=1,
)

LEVEL_GROUND = Recipe(
    mood="neutral",
    title="Level Ground",
    tempo_bpm=94,
    tonic=7,
    scale="major pentatonic",
    form="A_6 A?6 A.6 B?6 A.6",
    sections={
        "A": Section(
            chords="1 | 1:sus4 | 1 | 4:add9",
            ending="4:add9 | 1",
            rhythm="x-------x---x---  x-------x-------",
            comp="1...2...3...2...",
            bass="r---....r---....",
            drums={"brush": "....o.......o...", "kick": "o.......o......."},
        ),
        "B": Section(
            chords="4:add9 | 1 | 6:m7 | 5:sus4",
            ending="4 5 | 1",
            rhythm="x---x---x-------  x---x---x-------",
            comp="1...3...2...3...",
            bass="r---....5---....",
            drums={"brush": "....o.......o...", "kick": "o.......o......."},
            lift=1,
        ),
    },
    band=Band(
        lead="marimba",
        comp="guitar",
        bass="bass",
        pad="soft pad",
        lead_db=1.0,
        comp_db=-8.0,
        pad_db=-18.0,
        drums_db=-13.0,
        comp_centre_midi=59,
        reverb=0.3,
        reverb_s=1.6,
    ),
    seed=6,
)

PIECES = (WINDOW_SEAT, TUESDAY_AFTERNOON, LEVEL_GROUND)
