"""Percussion: swept sines and shaped noise. The same stroke always sounds the same."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from music.synth import SAMPLE_RATE_HZ, Signal

Samples = npt.NDArray[np.float64]


def _time_s(seconds: float) -> Samples:
    return np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ


def _sweep(seconds: float, start_hz: float, end_hz: float, bend_s: float, fade_s: float) -> Samples:
    """A sine that falls from one pitch to another, as a drum does after the stroke."""
    time_s = _time_s(seconds)
    phase = end_hz * time_s + (start_hz - end_hz) * bend_s * (1.0 - np.exp(-time_s / bend_s))
    return np.asarray(np.sin(2.0 * np.pi * phase) * np.exp(-time_s / fade_s))


def _noise(seconds: float, low_hz: float, high_hz: float, fade_s: float, seed: int) -> Samples:
    """Noise between two frequencies with an exponential fall, peak 1."""
    time_s = _time_s(seconds)
    white = np.random.RandomState(seed).uniform(-1.0, 1.0, time_s.size)
    spectrum = np.fft.rfft(white)
    frequency_hz = np.fft.rfftfreq(time_s.size, 1.0 / SAMPLE_RATE_HZ)
    band = 1.0 / (1.0 + (frequency_hz / high_hz) ** 6)
    band *= 1.0 - 1.0 / (1.0 + (frequency_hz / low_hz) ** 6)
    sound = np.fft.irfft(spectrum * band, time_s.size) * np.exp(-time_s / fade_s)
    return np.asarray(sound / np.max(np.abs(sound)))


def _kick() -> Samples:
    return 0.95 * _sweep(0.35, 160, 48, 0.03, 0.11) + 0.05 * _noise(0.35, 1500, 5000, 0.004, 1)


def _snare() -> Samples:
    body = _sweep(0.3, 260, 185, 0.02, 0.07)
    return 0.45 * body + 0.55 * _noise(0.3, 900, 9000, 0.085, 2)


def _brush() -> Samples:
    swish = _noise(0.25, 1800, 7000, 0.09, 3)
    return np.asarray(0.6 * swish * np.minimum(1.0, _time_s(0.25) / 0.012))


def _hat() -> Samples:
    return 0.5 * _noise(0.12, 6500, 13000, 0.025, 4)


def _shaker() -> Samples:
    rattle = _noise(0.14, 4000, 10000, 0.035, 5)
    return np.asarray(0.45 * rattle * np.minimum(1.0, _time_s(0.14) / 0.02))


def _clap() -> Samples:
    hand = _noise(0.25, 700, 5000, 0.05, 6)
    late = np.zeros_like(hand)
    gap = round(0.011 * SAMPLE_RATE_HZ)
    late[gap:] = hand[:-gap]
    return 0.4 * hand + 0.4 * late


def _block() -> Samples:
    return 0.6 * _sweep(0.15, 1250, 1180, 0.01, 0.025) + 0.1 * _noise(0.15, 2000, 6000, 0.004, 7)


def _tom() -> Samples:
    return 0.9 * _sweep(0.45, 150, 82, 0.05, 0.15) + 0.08 * _noise(0.45, 300, 3000, 0.02, 8)


def _crash() -> Samples:
    return 0.55 * _noise(2.2, 2500, 12000, 0.55, 9)


def _triangle() -> Samples:
    time_s = _time_s(1.2)
    modes = sum(np.sin(2.0 * np.pi * f * time_s) for f in (3210.0, 4390.0, 6870.0, 9120.0))
    return np.asarray(0.15 * modes * np.exp(-time_s / 0.35))


_HITS: Final = {
    "kick": _kick,
    "snare": _snare,
    "brush": _brush,
    "hat": _hat,
    "shaker": _shaker,
    "clap": _clap,
    "block": _block,
    "tom": _tom,
    "crash": _crash,
    "triangle": _triangle,
}


@cache
def hit(name: str) -> Signal:
    """One stroke of a percussion instrument: mono float32 at `SAMPLE_RATE_HZ`, peak below 1."""
    return np.asarray(_HITS[name](), dtype=np.float32)
