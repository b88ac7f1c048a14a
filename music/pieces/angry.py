"""Angry: fast, loud and low; a flat second, power chords through an overdriven amplifier."""

from __future__ import annotations

from music.recipes import Band, Recipe, Section

_ROCK = {"kick": "x...x.x.x.x.x...", "snare": "....x.......x...", "hat": "x.o.x.o.x.o.x.o."}
_FAST = {"kick": "x.x.x.x.x.x.x.x.", "snare": "x...x...x...x...", "hat": "x...x...x...x..."}
_FILL = {"kick": "x.......x.......", "snare": "....x.......x.xx", "tom": "..........x.x..."}

SLAMMED_DOOR = Recipe(
    mood="angry",
    title="Slammed Door",
    tempo_bpm=152,
    tonic=4,
    scale="phrygian",
    form="A_7 A?8 A.8 B?8 A?9 B.9 A.9",
    sections={
        "A": Section(
            chords="1:m | 1:m | b2 | 1:m",
            ending="b2 | 1:m",
            rhythm="x-x-x---x-x-x--- x-x-x-x-x---x---",
            comp="x.xxx.xxx.xxx.x.",
            bass="r.rrr.rrr.rrr.r.",
            drums=_ROCK,
            fill=_FILL,
        ),
        "B": Section(
            chords="1:m | b3 | b2 | b7:m",
            ending="b2 | 1:m",
            rhythm="x---x---x-x-x--- x---x---x-x-x---",
            comp="x---..x-x---..x-",
            bass="r-r-r-r-r-r-r-r-",
            drums={
                "kick": "x...x...x...x...",
                "snare": "....x.......x...",
                "hat": "x...x...x...x...",
                "crash": "x...............",
            },
            fill=_FILL,
            lift=3,
        ),
    },
    band=Band(
        lead="electric guitar",
        comp="electric guitar",
        bass="picked bass",
        pad="brass",
        lead_db=0.0,
        comp_db=-7.0,
        bass_db=-6.0,
        pad_db=-19.0,
        drums_db=-5.0,
        comp_centre_midi=39,
        bass_centre_midi=31,
        reverb=0.1,
        reverb_s=0.8,
        drive=5.0,
    ),
    seed=6,
)

RED_LIGHT = Recipe(
    mood="angry",
    title="Red Light, Again",
    tempo_bpm=164,
    tonic=2,
    scale="phrygian",
    form="A_7 A?8 B?8 A.8 B?9 A?9 A.9",
    sections={
        "A": Section(
            chords="1:m | b2 | 1:m | b5:dim",
            ending="b2 | 1:m",
            rhythm="x-x-x-x-x---x-x- x-x-x-x-x---....",
            comp="x.x.x.x.x.x.x.x.",
            bass="r.r.r.r.r.r.r.r.",
            drums=_FAST,
            fill=_FILL,
        ),
        "B": Section(
            chords="b6 | b7:m | 1:m | b2",
            ending="b2 | 1:m",
            rhythm="x-----x-x-----x- x-x-x-x-x-------",
            comp="x-----x-x-----x-",
            bass="r-----r-r-----r-",
            drums={
                "kick": "x...x.x.x...x.x.",
                "snare": "....x.......x...",
                "hat": "x.o.x.o.x.o.x.o.",
                "crash": "x...............",
            },
            fill=_FILL,
            lift=2,
        ),
    },
    band=Band(
        lead="electric guitar",
        comp="electric guitar",
        bass="picked bass",
        pad="brass",
        lead_db=0.0,
        comp_db=-8.0,
        bass_db=-6.0,
        pad_db=-18.0,
        drums_db=-5.0,
        comp_centre_midi=39,
        bass_centre_midi=31,
        reverb=0.1,
        reverb_s=0.7,
        drive=6.0,
    ),
    seed=2,
)

IRON_STAIRS = Recipe(
    mood="angry",
    title="Iron Stairs",
    tempo_bpm=146,
    tonic=0,
    scale="phrygian",
    form="A_7 A?8 A.9 B?8 B?9 A.9",
    sections={
        "A": Section(
            chords="1:m | 1:m | b6 | b2",
            ending="b6 b2 | 1:m",
            rhythm="x---x---x---x-x- x---x---x-x-x---",
            comp="x...x.x.x...x.x.",
            bass="r...r.r.r...r.r.",
            drums={
                "kick": "x...x...x...x...",
                "snare": "x...x...x...x...",
                "hat": "x...x...x...x...",
                "tom": "..............x.",
            },
            fill=_FILL,
        ),
        "B": Section(
            chords="4:m | b2 | 4:m | b5:dim",
            ending="b2 | 1:m",
            rhythm="x-x-x-x-x-x-x--- x-x-x-x-x-x-x---",
            comp="x.xxx.xxx.xxx.x.",
            bass="r.rrr.rrr.rrr.r.",
            drums=_ROCK,
            fill=_FILL,
            lift=2,
        ),
    },
    band=Band(
        lead="brass",
        comp="electric guitar",
        bass="picked bass",
        pad="brass",
        lead_db=1.0,
        comp_db=-9.0,
        bass_db=-6.0,
        pad_db=-17.0,
        drums_db=-4.0,
        comp_centre_midi=38,
        bass_centre_midi=30,
        reverb=0.15,
        reverb_s=1.0,
        drive=5.0,
    ),
    seed=9,
)

PIECES = (SLAMMED_DOOR, RED_LIGHT, IRON_STAIRS)
