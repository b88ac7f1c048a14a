"""Made sounds for the sorting's tests: no song of anybody's."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt

from moodbox.sorting.features import RATE_HZ

Samples = npt.NDArray[np.float32]


def band(duration_s: float, seed: int, *, fast: bool = True) -> Samples:
    """A made-up band: a bass, chords and drums in a key, quick and loud or slow and soft."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(duration_s * RATE_HZ)) / RATE_HZ
    beat_s = 0.35 if fast else 1.1
    root = 110 * 2 ** (rng.integers(0, 12) / 12)
    steps = (0, 4, 7) if fast else (0, 3, 7)
    chord = sum(np.sin(2 * np.pi * root * 2 ** (step / 12) * 2 * t) for step in steps)
    phase = t % beat_s
    drum = rng.standard_normal(len(t)) * np.exp(-phase * (40 if fast else 8))
    bass = np.sin(2 * np.pi * root * t) * np.exp(-phase * 3)
    mix = 0.2 * chord + (0.6 if fast else 0.05) * drum + 0.5 * bass
    result: Samples = (0.3 * mix / np.abs(mix).max()).astype(np.float32)
    return result


def noise(duration_s: float, seed: int = 1) -> Samples:
    """White noise."""
    rng = np.random.default_rng(seed)
    result: Samples = (0.2 * rng.standard_normal(int(duration_s * RATE_HZ))).astype(np.float32)
    return result


def pink_noise(duration_s: float, seed: int = 1) -> Samples:
    """Noise of the same power in each octave."""
    spectrum = np.fft.rfft(noise(duration_s, seed))
    samples = np.fft.irfft(spectrum / np.sqrt(np.arange(len(spectrum)) + 1))
    result: Samples = (0.3 * samples / np.abs(samples).max()).astype(np.float32)
    return result


def piano(duration_s: float, seed: int) -> Samples:
    """A solo piano of our own: single decaying notes with overtones, of a pentatonic scale."""
    rng = np.random.default_rng(seed)
    size = int(duration_s * RATE_HZ)
    out = np.zeros(size + 3 * RATE_HZ, np.float32)
    t = np.arange(3 * RATE_HZ) / RATE_HZ
    start, gap_s = 0, float(rng.uniform(0.2, 0.7))
    while start < size:
        hz = 220 * 2 ** (rng.choice([-12, -5, 0, 3, 5, 7, 10, 12, 15]) / 12)
        partials = sum(
            np.sin(2 * np.pi * hz * n * (1 + 4e-4 * n * n) * t) / n**1.5 for n in range(1, 8)
        )
        out[start : start + len(t)] += (0.15 * partials * np.exp(-t * hz / 180)).astype(np.float32)
        start += int(gap_s * RATE_HZ * rng.choice([1, 1, 2]))
    return out[:size]


def write_wav(path: Path, samples: Samples, rate_hz: int = RATE_HZ, channels: int = 1) -> None:
    """Write samples, the same in each channel, as 16-bit PCM."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        whole = np.repeat(np.clip(samples, -1, 1), channels)
        file.writeframes((whole * 32767).astype("<i2").tobytes())
