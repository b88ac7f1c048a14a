"""The measuring functions are right about sounds whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from tests.music import analysis
from tests.music.analysis import RATE_HZ, Samples


def _tone(midi: float, seconds: float) -> Samples:
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    f = 440.0 * 2 ** ((midi - 69) / 12)
    return np.asarray(sum(np.sin(2 * np.pi * f * k * time_s) / k**2 for k in (1, 2, 3)))


def _chord(notes: tuple[int, ...]) -> Samples:
    return np.asarray(sum(_tone(note, 1.0) for note in notes))


@pytest.mark.parametrize("bpm", [52.0, 71.0, 97.0, 128.0, 146.0, 168.0])
def test_tempo_of_a_metronome(bpm: float) -> None:
    """Clicks at a known tempo are found within one per cent, at that octave."""
    sound = np.zeros(20 * RATE_HZ)
    click = np.random.RandomState(1).uniform(-1, 1, 400) * np.exp(-np.arange(400) / 80)
    for start in np.arange(0.2, 19.5, 60.0 / bpm):
        at = round(start * RATE_HZ)
        sound[at : at + 400] = click
    assert analysis.tempo_bpm(sound) == pytest.approx(bpm, rel=0.01)


@pytest.mark.parametrize("tonic", range(12))
def test_key_of_a_cadence(tonic: int) -> None:
    """A plain cadence is heard in its key, and its minor twin in minor."""
    major = [(0, 4, 7), (5, 9, 12), (7, 11, 14), (0, 4, 7)]
    minor = [(0, 3, 7), (5, 8, 12), (7, 11, 14), (0, 3, 7)]
    for mode, chords in (("major", major), ("minor", minor)):
        sound = np.concatenate([_chord(tuple(n + 48 + tonic for n in c)) for c in chords])
        assert analysis.key(sound) == (tonic, mode)


@pytest.mark.parametrize("midi", [40, 52, 60, 69, 81, 93])
def test_pitch_of_a_tone_over_its_accompaniment(midi: int) -> None:
    """The louder line is followed, not the softer chord under it."""
    sound = _tone(midi, 2.0) + 0.1 * _tone(48, 2.0)
    assert np.median(analysis.melody_midi(sound)) == midi
