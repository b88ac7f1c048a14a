"""Surprise: fast and high, wide leaps, chords from outside the key, sudden changes to loud."""

from __future__ import annotations

from music.recipes import Band, Recipe, Section

JACK_IN_THE_BOX = Recipe(
    mood="surprise",
    title="Jack in the Box",
    tempo_bpm=136,
    tonic=0,
    scale="major",
    form="A?3 A?9 B?3 A?9 B?4 A.9",
    sections={
        "A": Section(
            chords="1 | 4 | 1 | 5",
            ending="b6 5 | 1",
            rhythm="x-x-x-.....-x-.. x-x-x-x-x---....",
            comp="x...x...x...x...",
            bass="r...5...r...5...",
            drums={"block": "x...x...x...x...", "snare": "............x..."},
            fill={"block": "x...x...", "crash": "x...............", "kick": "x..............."},
        ),
        "B": Section(
            chords="b6 | 4:m | 1:aug | 5",
            ending="b7 5 | 1",
            rhythm="x.....x-....x--- x.....x-....x---",
            comp="1...3...2...3...",
            bass="r.......r.......",
            drums={"block": "x...x...x...x...", "triangle": "x..............."},
            lift=3,
        ),
    },
    band=Band(
        lead="glockenspiel",
        comp="pizzicato",
        bass="upright bass",
        lead_db=3.0,
        comp_db=-6.0,
        comp_centre_midi=64,
        reverb=0.3,
    ),
    seed=5,
)

WRONG_STAIRCASE = Recipe(
    mood="surprise",
    title="The Wrong Staircase",
    tempo_bpm=140,
    tonic=5,
    scale="lydian",
    form="A?3 A?9 B?3 B?9 A?3 A.9",
    sections={
        "A": Section(
            chords="1 | 2 | 1 | b3",
            ending="b6 5 | 1",
            rhythm="x-x---x-..x---.. x-x-x-x-........",
            comp="1...3...2...3...",
            bass="r...r...r...r...",
            drums={
                "kick": "x...x...x...x...",
                "block": "....x.......x...",
                "clap": "..............x.",
            },
            fill={"crash": "x...............", "kick": "x...x..........."},
        ),
        "B": Section(
            chords="1 | 3 | b6 | 5",
            ending="b6 5 | 1",
            rhythm="x-..x-..x------- ..x-..x-x-------",
            comp="x...x...x...x...",
            bass="r...5...r...5...",
            drums={"block": "x...x...x...x...", "triangle": "x..............."},
            lift=-2,
        ),
    },
    band=Band(
        lead="celesta",
        comp="marimba",
        bass="upright bass",
        lead_db=1.0,
        comp_db=-7.0,
        comp_centre_midi=62,
        reverb=0.3,
    ),
    seed=8,
)

CONFETTI_CANNON = Recipe(
    mood="surprise",
    title="Confetti Cannon",
    tempo_bpm=132,
    tonic=10,
    scale="major",
    form="A?3 B?9 A?3 B?9 A?4 B.9",
    sections={
        "A": Section(
            chords="1 | b7 | b6 | 5",
            ending="4 5 | 1",
            rhythm="..x-..x-x---.... ..x-..x-x-x-x---",
            comp="x...x...x...x...",
            bass="r.......5.......",
            drums={"hat": "x...x...x...x..."},
            fill={"hat": "x...x...", "snare": "........xxxxxxxx"},
        ),
        "B": Section(
            chords="1 | 4:m | 1 | 5",
            ending="b2 5 | 1",
            rhythm="x-x-x---..x-x--- x-x-x---..x-x---",
            comp="x...x.x.x...x.x.",
            bass="r...r...5...5...",
            drums={
                "kick": "x...x...x...x...",
                "snare": "....x.......x...",
                "triangle": "x.......x.......",
            },
            fill={"crash": "x...............", "kick": "x...x..........."},
            lift=2,
        ),
    },
    band=Band(
        lead="glockenspiel",
        comp="piano",
        bass="bass",
        lead_db=4.0,
        comp_db=-8.0,
        comp_centre_midi=62,
        reverb=0.3,
    ),
    seed=3,
)

PIECES = (JACK_IN_THE_BOX, WRONG_STAIRCASE, CONFETTI_CANNON)
