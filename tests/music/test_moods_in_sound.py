"""The finished files sound as the table in music/moods.py says; all is measured in the audio."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from music.moods import CHARACTERS, MOODS, Character
from music.pieces import PIECES
from music.recipes import Recipe
from tests.music import analysis
from tests.music.analysis import RATE_HZ
from tests.music.conftest import Heard

each_piece = pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.title)


def misfits(sound: Heard, character: Character) -> list[str]:
    """The cues in which a sound is not what a mood's row in the table says."""
    register = float(np.median(sound.melody_midi))
    # Half a per cent is the error of the measurement (see test_analysis), not of the music.
    low_bpm, high_bpm = character.tempo_bpm[0] * 0.995, character.tempo_bpm[1] * 1.005
    cues = {
        "tempo": low_bpm <= sound.tempo_bpm <= high_bpm,
        "mode": sound.key[1] == character.mode,
        "register": character.register_midi[0] <= register <= character.register_midi[1],
    }
    return [cue for cue, right in cues.items() if not right]


def of_mood(heard: dict[str, Heard], mood: str) -> list[Heard]:
    """What was heard of one mood's pieces."""
    return [heard[piece.title] for piece in PIECES if piece.mood == mood]


@pytest.mark.parametrize("mood", MOODS)
def test_each_mood_has_three_pieces(heard: dict[str, Heard], mood: str) -> None:
    """There is enough that the same piece does not come every time."""
    assert len({sound.path.name for sound in of_mood(heard, mood)}) >= 3


@each_piece
def test_lasts_30_to_60_s(heard: dict[str, Heard], piece: Recipe) -> None:
    """Every piece is a piece, and short."""
    assert 30.0 <= len(heard[piece.title].stereo) / RATE_HZ <= 60.0


@each_piece
def test_sounds_like_its_mood(heard: dict[str, Heard], piece: Recipe) -> None:
    """Tempo, mode and register lie where the mood's row puts them."""
    assert misfits(heard[piece.title], CHARACTERS[piece.mood]) == []


@each_piece
def test_sounds_like_no_other_mood(heard: dict[str, Heard], piece: Recipe) -> None:
    """No piece would pass for another mood's."""
    for other in MOODS:
        if other != piece.mood:
            assert misfits(heard[piece.title], CHARACTERS[other]), other


def test_sad_is_the_opposite_of_happy(heard: dict[str, Heard]) -> None:
    """Neither passes as the other in any of the three cues."""
    for one, other in (("sad", "happy"), ("happy", "sad")):
        for sound in of_mood(heard, one):
            assert misfits(sound, CHARACTERS[other]) == ["tempo", "mode", "register"]


@each_piece
def test_is_in_the_tempo_and_key_of_its_tags(heard: dict[str, Heard], piece: Recipe) -> None:
    """The stated beat, at its own octave, within one per cent; the stated tonic and mode."""
    sound = heard[piece.title]
    assert sound.tempo_bpm == pytest.approx(piece.tempo_bpm, rel=0.01)
    assert sound.key == (piece.tonic, CHARACTERS[piece.mood].mode)


def test_registers_rise_from_angry_to_surprise(heard: dict[str, Heard]) -> None:
    """Every piece of a mood lies higher than every piece of the mood below it."""
    order = ("angry", "sad", "neutral", "happy", "surprise")
    medians = [[float(np.median(s.melody_midi)) for s in of_mood(heard, m)] for m in order]
    for lower, higher in itertools.pairwise(medians):
        assert max(lower) < min(higher)


def test_surprise_is_sudden(heard: dict[str, Heard]) -> None:
    """From one second to the next, its level jumps further than any other mood's."""

    def jump_db(sound: Heard) -> float:
        music = sound.mono[: -3 * RATE_HZ]  # without the last chord's dying away
        return float(np.max(np.abs(np.diff(analysis.level_db(music, 1.0)))))

    jumps = {mood: [jump_db(sound) for sound in of_mood(heard, mood)] for mood in MOODS}
    others = [jump for mood in MOODS if mood != "surprise" for jump in jumps[mood]]
    assert min(jumps["surprise"]) > max(others)


def test_levels_order_as_the_moods_do(heard: dict[str, Heard]) -> None:
    """Sad is softest and angry loudest, and all lie within 8 dB: nobody turns the knob."""

    def level_db(sound: Heard) -> float:
        return float(10 * np.log10(np.mean(sound.stereo**2)))

    levels = {mood: [level_db(sound) for sound in of_mood(heard, mood)] for mood in MOODS}
    for softer, louder in itertools.pairwise(("sad", "neutral", "happy", "angry")):
        assert max(levels[softer]) < min(levels[louder])
    everything = [level for mood in MOODS for level in levels[mood]]
    assert max(everything) - min(everything) < 8.0


def test_sad_is_dull_and_angry_bright(heard: dict[str, Heard]) -> None:
    """The spectrum's centre of gravity tells a dull timbre from a sharp one."""
    centroids = {m: [analysis.centroid_hz(s.mono) for s in of_mood(heard, m)] for m in MOODS}
    assert max(centroids["sad"]) < min(centroids["happy"])
    assert 2 * max(centroids["sad"]) < min(centroids["angry"])


@each_piece
def test_never_clips(heard: dict[str, Heard], piece: Recipe) -> None:
    """Peaks stay under -0.9 dBFS, and no wave has a flat top."""
    stereo = heard[piece.title].stereo
    peak = np.max(np.abs(stereo))
    assert 0.2 < peak < 0.902
    at_peak = np.abs(stereo) > 0.9999 * peak
    assert not np.any(at_peak[:-2] & at_peak[1:-1] & at_peak[2:])


@each_piece
def test_begins_at_once_and_fades_away(heard: dict[str, Heard], piece: Recipe) -> None:
    """Music within half a second; the end is soft, without a click or a long silence."""
    level = analysis.level_db(heard[piece.title].mono, 0.1)
    loud = np.percentile(level, 90)
    assert level[:5].max() > loud - 30
    assert level[-1] < loud - 35
    assert level[-15:].max() > loud - 45


@each_piece
def test_is_stereo_and_survives_one_loudspeaker(heard: dict[str, Heard], piece: Recipe) -> None:
    """Left and right differ, and their sum loses little."""
    sound = heard[piece.title]
    left, right = sound.stereo.T
    assert np.corrcoef(left, right)[0, 1] < 0.98
    lost_db = 10 * np.log10(np.mean(sound.stereo**2) / np.mean(sound.mono**2))
    assert lost_db < 2.0


@each_piece
def test_ends_at_home(heard: dict[str, Heard], piece: Recipe) -> None:
    """Tonic and fifth hold the last two and a half seconds, twice as strong as by chance."""
    chroma = analysis.chroma(heard[piece.title].mono[-round(2.5 * RATE_HZ) :])
    tonic, fifth = piece.tonic, (piece.tonic + 7) % 12
    assert (chroma[tonic] + chroma[fifth]) / chroma.sum() > 2 * 2 / 12
    third = (tonic + (4 if CHARACTERS[piece.mood].mode == "major" else 3)) % 12
    assert int(np.argmax(chroma)) in {tonic, third, fifth}


def test_no_two_pieces_are_alike(heard: dict[str, Heard]) -> None:
    """Each piece has its own melody."""
    lines = {title: sound.melody_midi for title, sound in heard.items()}
    for (_, one), (_, other) in itertools.combinations(lines.items(), 2):
        shared = min(one.size, other.size)
        assert np.mean(one[:shared] == other[:shared]) < 0.5
