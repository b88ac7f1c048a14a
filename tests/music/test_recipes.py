"""What is written by hand is well formed, and melodies keep the rules of their mood."""

from __future__ import annotations

import itertools

import pytest

from music.arrange import arrange
from music.drums import hit
from music.melody import parse_rhythm
from music.moods import CHARACTERS, MOODS
from music.pieces import PIECES
from music.recipes import Recipe
from music.synth import TIMBRES
from music.theory import SCALES, chord, near

each_piece = pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.title)


@each_piece
def test_patterns_fill_their_bars(piece: Recipe) -> None:
    """A bar has sixteen places, a phrase four bars, and every name is known."""
    low_bpm, high_bpm = CHARACTERS[piece.mood].tempo_bpm
    assert low_bpm <= piece.tempo_bpm <= high_bpm
    assert piece.scale in SCALES
    assert {piece.band.lead, piece.band.comp, piece.band.bass} <= set(TIMBRES)
    assert {token[0] for token in piece.form.split()} == set(piece.sections)
    assert piece.form.endswith(tuple("123456789"))
    assert piece.form.split()[-1][1] == "."
    for section in piece.sections.values():
        assert len(section.chords.split("|")) == 4
        assert len(section.ending.split("|")) == 2
        assert len(section.rhythm.replace(" ", "")) == 32
        patterns = [section.comp, section.bass, *section.drums.values()]
        assert {len(pattern) for pattern in patterns} == {16}
        assert all(hit(name).size > 0 for name in (*section.drums, *section.fill))


@each_piece
def test_the_melody_stays_in_its_register_and_ends_on_the_tonic(piece: Recipe) -> None:
    """Every note is within the mood's range, and the last one closes."""
    low, high = CHARACTERS[piece.mood].register_midi
    lead = arrange(piece).lead
    assert all(low <= note.midi <= high for note in lead)
    assert lead[-1].midi % 12 == piece.tonic


@each_piece
def test_the_opening_phrase_comes_back(piece: Recipe) -> None:
    """A listener recognises a tune: the longest run of notes that returns is a phrase's."""
    notes = [note.midi for note in arrange(piece).lead]
    run = 6
    grams = [tuple(notes[at : at + run]) for at in range(len(notes) - run + 1)]
    assert len(set(grams)) < len(grams)


def test_surprise_leaps() -> None:
    """Its melodies move half as far again as any other mood's; sad ones less than happy ones."""

    def mean_interval(mood: str) -> float:
        lines = [[n.midi for n in arrange(p).lead] for p in PIECES if p.mood == mood]
        moves = [abs(b - a) for line in lines for a, b in itertools.pairwise(line)]
        return sum(moves) / len(moves)

    widths = {mood: mean_interval(mood) for mood in MOODS}
    assert widths["surprise"] > 1.5 * max(widths[mood] for mood in MOODS if mood != "surprise")
    assert widths["sad"] < widths["happy"]


def test_rhythm_marks() -> None:
    """``x`` begins, ``-`` holds, ``.`` rests, spaces are left out."""
    assert parse_rhythm("x--. x.xx") == ((0, 3), (4, 1), (6, 1), (7, 1))


def test_chords_are_read_relative_to_the_tonic() -> None:
    """The dominant seventh of D is A, C sharp, E, G."""
    assert chord("5:7", 2).notes == (9, 1, 4, 7)
    assert chord("b6", 0).notes == (8, 0, 3)
    with pytest.raises(ValueError, match="no such chord"):
        chord("8", 0)
    with pytest.raises(ValueError, match="no such chord"):
        chord("1:majr", 0)


def test_the_nearest_pitch_of_a_class() -> None:
    """Nearest in either direction, the lower of two as close."""
    assert near(0, 61.0) == 60
    assert near(11, 61.0) == 59
    assert near(6, 60.0) == 54
