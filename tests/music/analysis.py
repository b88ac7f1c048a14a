"""Hearing a sound file: tempo, key, register, loudness, contrast. numpy and ``flac`` alone.

Nothing here knows how the music was made; each function takes sound and measures it.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float64]

RATE_HZ: Final = 44_100
_HOP: Final = 512
_FRAMES_PER_S: Final = RATE_HZ / _HOP
_FLUX_LAG: Final = 3

# Probe-tone ratings: Krumhansl, C. L. & Kessler, E. J. (1982), Psychological Review, 89, 334-368.
_MAJOR: Final = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR: Final = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])


def decode(path: Path) -> Samples:
    """Decode a FLAC file with the ``flac`` command: (samples, 2), -1 to 1, at `RATE_HZ`."""
    raw = subprocess.run(
        ["flac", "--decode", "--silent", "--stdout", "--force-raw-format", "--endian=little",
         "--sign=signed", str(path.absolute())],
        check=True, capture_output=True,
    ).stdout  # fmt: skip
    return np.frombuffer(raw, dtype="<i2").reshape(-1, 2) / 32768.0


def mono(stereo: Samples) -> Samples:
    """The mean of left and right."""
    return np.asarray(stereo.mean(axis=1))


def spectrogram(sound: Samples, size: int, hop: int) -> Samples:
    """Magnitudes of Hann-windowed frames: (frames, size // 2 + 1)."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, size)[::hop]
    return np.asarray(np.abs(np.fft.rfft(frames * np.hanning(size))))


def onset_strength(sound: Samples) -> Samples:
    """How much the log spectrum rises, `_FRAMES_PER_S` times a second.

    Spectral flux that compares each band with the loudest of its neighbours a little earlier, so
    that vibrato is not taken for notes (Böck & Widmer 2013, Maximum filter vibrato suppression
    for onset detection, Proc. DAFx).
    """
    magnitude = spectrogram(sound, 2048, _HOP)
    bands = np.add.reduceat(magnitude, _band_edges(2048), axis=1)
    level = np.log1p(100.0 * bands / bands.max())
    around = np.maximum(level, np.maximum(np.roll(level, 1, axis=1), np.roll(level, -1, axis=1)))
    rise = level[_FLUX_LAG:] - around[:-_FLUX_LAG]
    flux = np.maximum(rise, 0.0).sum(axis=1)
    return np.asarray(flux - flux.mean())


def _band_edges(size: int) -> npt.NDArray[np.int64]:
    """First bins of 24 bands, evenly spaced on a logarithmic scale from 60 Hz to 12 kHz."""
    edges_hz = np.geomspace(60.0, 12_000.0, 24)
    return np.unique((edges_hz / RATE_HZ * size).astype(np.int64))


def tempo_bpm(sound: Samples) -> float:
    """The beat's tempo from 40 to 200 a minute, without help from outside.

    The autocorrelation of the onset strength, weighted as Ellis (2007, Beat tracking by dynamic
    programming, J. New Music Research 36) does: a log-normal curve about 120 bpm, 0.9 octaves
    wide, for where people hear the beat. What repeats every beat repeats every second beat too,
    so of peaks within a fifth of the best the fastest is the beat. It is refined between lags.
    """
    onsets = onset_strength(sound)
    size = 2 * onsets.size
    power = np.abs(np.fft.rfft(onsets, size)) ** 2
    correlation = np.fft.irfft(power)[: onsets.size] / (onsets.size - np.arange(onsets.size))
    lags = np.arange(int(_FRAMES_PER_S * 60 / 200), int(_FRAMES_PER_S * 60 / 40) + 1)
    octaves = np.log2(60 * _FRAMES_PER_S / lags / 120.0) / 0.9
    weighted = correlation[lags] * np.exp(-0.5 * octaves**2)
    inner = weighted[1:-1]
    peaks = 1 + np.flatnonzero((inner > weighted[:-2]) & (inner >= weighted[2:]))
    best = int(peaks[weighted[peaks] > 0.8 * weighted[peaks].max()][0])
    before, peak, after = correlation[lags[best] - 1 : lags[best] + 2]
    shift = 0.5 * (before - after) / (before - 2 * peak + after)
    return float(60 * _FRAMES_PER_S / (lags[best] + shift))


def chroma(sound: Samples) -> Samples:
    """Energy of the twelve pitch classes, C first, from spectral peaks of 60 to 1000 Hz.

    The square root of the magnitude is summed, so that one loud note does not decide alone.
    Higher up, overtones would be taken for notes.
    """
    size = 16_384
    magnitude = np.sqrt(spectrogram(sound, size, size // 2))
    inner = magnitude[:, 1:-1]
    peaks = (inner > magnitude[:, :-2]) & (inner > magnitude[:, 2:])
    frequency_hz = np.arange(1, magnitude.shape[1] - 1) * RATE_HZ / size
    heard = (frequency_hz > 60) & (frequency_hz < 1000)
    energy = (inner * peaks)[:, heard].sum(axis=0)
    pitch = 69 + 12 * np.log2(frequency_hz[heard] / 440.0)
    classes = np.round(pitch).astype(int) % 12
    return np.asarray(np.bincount(classes, weights=energy, minlength=12))


def key(sound: Samples) -> tuple[int, str]:
    """Tonic (C is 0) and mode: the key whose profile correlates best with the chroma."""
    heard = chroma(sound)
    fits = {
        (tonic, mode): float(np.corrcoef(heard, np.roll(profile, tonic))[0, 1])
        for tonic in range(12)
        for mode, profile in (("major", _MAJOR), ("minor", _MINOR))
    }
    return max(fits, key=lambda name: fits[name])


def melody_midi(sound: Samples) -> Samples:
    """The leading pitch of each frame that has one, about 11 a second, in MIDI numbers.

    Harmonic summation (Hermes 1988, J. Acoust. Soc. Am. 83): the pitch whose harmonics are
    strongest together, after A-weighting, which is how loud each seems to the ear.
    """
    size, hop = 8192, 4096
    frequency_hz = np.arange(size // 2 + 1) * RATE_HZ / size
    magnitude = spectrogram(sound, size, hop) * _a_weight(frequency_hz)
    pitches = np.arange(33.0, 105.0, 0.5)
    fundamental_hz = 440.0 * 2 ** ((pitches - 69) / 12)
    salience = np.zeros((magnitude.shape[0], pitches.size))
    for harmonic in range(1, 6):
        bins = np.round(fundamental_hz * harmonic / RATE_HZ * size).astype(int)
        salience += 0.8 ** (harmonic - 1) * magnitude[:, bins]
    level = salience.max(axis=1)
    return np.asarray(pitches[salience.argmax(axis=1)][level > 0.1 * level.max()])


def _a_weight(frequency_hz: Samples) -> Samples:
    """IEC 61672 A-weighting as a linear factor, about 1 at 1 kHz."""
    f2 = frequency_hz**2
    return np.asarray(
        1.26 * 12194.0**2 * f2**2
        / ((f2 + 20.6**2) * np.sqrt((f2 + 107.7**2) * (f2 + 737.9**2)) * (f2 + 12194.0**2))
    )  # fmt: skip


def level_db(sound: Samples, window_s: float) -> Samples:
    """Root mean square level of windows one after another, in dB of full scale."""
    size = round(window_s * RATE_HZ)
    windows = sound[: sound.size // size * size].reshape(-1, size)
    return np.asarray(10 * np.log10(np.mean(windows**2, axis=1) + 1e-12))


def centroid_hz(sound: Samples) -> float:
    """Median over frames of the spectrum's centre of gravity: brightness."""
    magnitude = spectrogram(sound, 2048, 2048)
    frequency_hz = np.arange(magnitude.shape[1]) * RATE_HZ / 2048
    loud = magnitude.sum(axis=1) > 0.05 * magnitude.sum(axis=1).max()
    weights = magnitude[loud]
    return float(np.median(weights @ frequency_hz / weights.sum(axis=1)))
