"""Happy: fast, major, high and bouncing; plain major harmony."""

from __future__ import annotations

from music.recipes import Band, Recipe, Section

MORNING_ERRAND = Recipe(
    mood="happy",
    title="Morning Errand",
    tempo_bpm=124,
    tonic=2,
    scale="major",
    form="A_5 A?7 A.7 B?8 A?8 A.9",
    sections={
        "A": Section(
            chords="1 | 6:m | 4 | 5",
            ending="4 5 | 1",
            rhythm="x-x-x---x-x-x--- x-x-x-x-x---....",
            comp="x...x.x.x...x.x.",
            bass="r-..r...5-..5...",
            drums={
                "kick": "x.......x.......",
                "clap": "....x.......x...",
                "shaker": "x.o.x.o.x.o.x.o.",
            },
            fill={
                "kick": "x.......x.......",
                "clap": "....x.......x.xx",
                "shaker": "x.o.x.o.x.o.x.o.",
            },
        ),
        "B": Section(
            chords="4 | 1 | 2:m | 5",
            ending="4 5 | 1",
            rhythm="x---x-x-x---x--- x-x-x-x-x---....",
            comp="x...x...x...x.x.",
            bass="r---....5---....",
            drums={
                "kick": "x...x...x...x...",
                "clap": "....x.......x...",
                "shaker": "x.o.x.o.x.o.x.o.",
            },
            lift=3,
        ),
    },
    band=Band(
        lead="whistle",
        comp="ukulele",
        bass="upright bass",
        lead_db=0.0,
        comp_db=-7.0,
        comp_centre_midi=60,
    ),
    seed=3,
)

TIN_ROOF_POLKA = Recipe(
    mood="happy",
    title="Tin Roof Polka",
    tempo_bpm=126,
    tonic=7,
    scale="major",
    form="A?7 A.8 B?7 B.8 A?9 A.9",
    sections={
        "A": Section(
            chords="1 | 5:7 | 5:7 | 1",
            ending="5:7 | 1",
            rhythm="x-x-x-x-x---x--- x-x-x-x-x---x---",
            comp="....x.......x...",
            bass="r-......5-......",
            drums={
                "kick": "x.......x.......",
                "brush": "....x.......x...",
                "hat": "..o...o...o...o.",
            },
        ),
        "B": Section(
            chords="4 | 1 | 5:7 | 1",
            ending="5:7 | 1",
            rhythm="x---x-x-x---x-x- x---x---x-------",
            comp="..x.x.x...x.x.x.",
            bass="r...5...r...5...",
            drums={
                "kick": "x.......x.......",
                "brush": "....x.......x...",
                "triangle": "x...............",
            },
            lift=2,
        ),
    },
    band=Band(
        lead="clarinet", comp="guitar", bass="upright bass", lead_db=-2.0, comp_centre_midi=60
    ),
    seed=5,
)

PAPER_KITES = Recipe(
    mood="happy",
    title="Paper Kites",
    tempo_bpm=118,
    tonic=9,
    scale="major pentatonic",
    form="A_5 A?7 A.8 B?8 A.9",
    sections={
        "A": Section(
            chords="1 | 4:add9 | 1 | 5",
            ending="4 5 | 1",
            rhythm="x--x--x-x---x--- x--x--x-x---....",
            comp="1.3.2.3.1.3.2.3.",
            bass="r---..r-5---..5-",
            drums={
                "kick": "x.....x.x.......",
                "block": "....x.......x...",
                "shaker": "x.o.x.o.x.o.x.o.",
            },
        ),
        "B": Section(
            chords="6:m | 4 | 1 | 5",
            ending="4 5 | 1",
            rhythm="x-x-x-x-x---x--- x-x-x-x-x---....",
            comp="x...x...x...x...",
            bass="r...r...r...r...",
            drums={
                "kick": "x...x...x...x...",
                "clap": "....x.......x...",
                "shaker": "x.o.x.o.x.o.x.o.",
            },
            fill={"kick": "x...x...x...x...", "clap": "....x.......x.x."},
            lift=2,
        ),
    },
    band=Band(
        lead="marimba", comp="kalimba", bass="bass", lead_db=5.0, comp_db=-9.0, comp_centre_midi=60
    ),
    seed=2,
)

PIECES = (MORNING_ERRAND, TIN_ROOF_POLKA, PAPER_KITES)
