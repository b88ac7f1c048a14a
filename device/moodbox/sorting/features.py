"""What is measured of a piece of music: samples in, one vector of numbers out. numpy alone.

A piece of about ten seconds becomes a power spectrogram (2048 samples a window, every 512), and
that becomes seven groups of numbers, all of them means, deviations or correlations over time:
the mel bands, their cepstrum, spectral contrast, the shape of the spectrum, harmony, onsets with
pulse, and modulation. All but the last number are the same whatever the volume.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

RATE_HZ = 22050
"""Samples a second, mono; other material is resampled as it is decoded."""
FEATURES_ID = "songs-22k-v1"
"""Names what this file computes: a model belongs to one. Change it when the output changes."""

WINDOW = 2048
HOP = 512
FRAMES_PER_S = RATE_HZ / HOP
MELS = 40
CEPSTRA = 20
FLOOR = 1e-10
"""Power below which a band counts as silent, relative to the piece's mean."""
GROUPS = (
    ("moments", 4 * MELS), ("cepstral", 2 * CEPSTRA + CEPSTRA * (CEPSTRA + 1) // 2),
    ("contrast", 28), ("shape", 18), ("harmony", 34), ("onsets", 34), ("modulation", 48),
    ("patterns", 45), ("loudness", 6),
)  # fmt: skip
"""What `features` computes, in its order, with how many numbers each group has."""
LEAST_S = 3.0
"""A shorter piece has too few frames for modulation and pulse."""


def features(samples: Array) -> Array:
    """The numbers (F,) float32 of one piece: (N,) float32 mono samples, −1…1, at `RATE_HZ`.

    Raises ValueError for a piece shorter than `LEAST_S` or one without any sound.
    """
    if len(samples) < LEAST_S * RATE_HZ:
        raise ValueError(f"a piece of music needs {LEAST_S:g} s")
    level = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
    if not level > 0:
        raise ValueError("the piece is silent")
    power = spectrogram(samples / np.float32(level))
    mel = power @ _mel_filters().T
    log_mel = np.log(mel + FLOOR)
    cepstrum = log_mel @ _dct().T
    parts = (
        _moments(log_mel), _cepstral(cepstrum), _contrast(power), _shape(power),
        _harmony(power), _onsets(log_mel), _modulation(log_mel), _patterns(log_mel),
        _loudness(samples, level),
    )  # fmt: skip
    return np.concatenate(parts).astype(np.float32)


def spectrogram(samples: Array) -> Array:
    """Power (T, WINDOW / 2 + 1) of Hann windows, the mean over all of it near 1."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    spectrum = np.fft.rfft(frames * window).astype(np.complex64)
    power: Array = (spectrum.real**2 + spectrum.imag**2) / np.float32(WINDOW)
    return power


@lru_cache(maxsize=1)
def _frequencies_hz() -> Array:
    result: Array = np.fft.rfftfreq(WINDOW, 1 / RATE_HZ).astype(np.float32)
    return result


@lru_cache(maxsize=1)
def _mel_filters() -> Array:
    """Triangles (MELS, bins) on the mel scale from 30 Hz to 10 kHz, each of area 1."""
    mel = np.linspace(_to_mel(30.0), _to_mel(10_000.0), MELS + 2)
    edges_hz = 700 * (10 ** (mel / 2595) - 1)
    low, middle, high = edges_hz[:-2, None], edges_hz[1:-1, None], edges_hz[2:, None]
    hz = _frequencies_hz()[None, :]
    rising, falling = (hz - low) / (middle - low), (high - hz) / (high - middle)
    triangles = np.maximum(0, np.minimum(rising, falling))
    result: Array = (triangles / np.maximum(triangles.sum(1, keepdims=True), 1e-9)).astype(
        np.float32
    )
    return result


def _to_mel(hz: float) -> float:
    return float(2595 * np.log10(1 + hz / 700))


@lru_cache(maxsize=1)
def _dct() -> Array:
    """The first CEPSTRA rows after the constant one of an orthonormal DCT-II over the mel bands."""
    order, band = np.arange(1, CEPSTRA + 1)[:, None], np.arange(MELS)[None, :]
    result: Array = (np.sqrt(2 / MELS) * np.cos(np.pi * order * (band + 0.5) / MELS)).astype(
        np.float32
    )
    return result


def _moments(log_mel: Array) -> Array:
    """Mean, deviation, and the tenth and ninetieth percentile of each mel band."""
    low, high = np.percentile(log_mel, (10, 90), axis=0)
    return np.concatenate([log_mel.mean(0), log_mel.std(0), low, high])


def _cepstral(cepstrum: Array) -> Array:
    """The cepstrum's mean, the deviation of its steps, and its covariance."""
    steps = np.diff(cepstrum, axis=0)
    covariance = np.cov(cepstrum, rowvar=False)
    upper = covariance[np.triu_indices(CEPSTRA)]
    squashed = np.sign(upper) * np.log1p(np.abs(upper))
    return np.concatenate([cepstrum.mean(0), np.log(steps.std(0) + 1e-3), squashed])


_CONTRAST_EDGES_HZ = (0.0, 200.0, 400.0, 800.0, 1600.0, 3200.0, 6400.0, 11025.0)


def _contrast(power: Array) -> Array:
    """Peak over valley of each octave: how tonal or how noisy it is (Jiang et al. 2002)."""
    edges = np.searchsorted(_frequencies_hz(), _CONTRAST_EDGES_HZ)
    rows = []
    for first, last in pairwise(edges):
        band = np.log(power[:, first:last] + FLOOR)
        count = max(1, band.shape[1] // 20)
        ordered = np.partition(band, (count, band.shape[1] - count), axis=1)
        valley, peak = ordered[:, :count].mean(1), ordered[:, -count:].mean(1)
        contrast = peak - valley
        rows += [valley.mean(), contrast.mean(), contrast.std(), peak.std()]
    return np.array(rows, np.float32)


def _shape(power: Array) -> Array:
    """Centroid, spread, roll-off, flatness and flux of the spectrum, each with its deviation."""
    total = power.sum(1) + FLOOR
    share = power / total[:, None]
    octave = np.log2(np.maximum(_frequencies_hz(), 20.0) / 20.0)
    centroid = share @ octave
    spread = np.sqrt(np.maximum(share @ octave**2 - centroid**2, 0))
    cumulative = np.cumsum(share, axis=1)
    rolloff = octave[np.minimum((cumulative < 0.85).sum(1), len(octave) - 1)]
    flatness = np.log(power + FLOOR).mean(1) - np.log(total / power.shape[1])
    root = np.sqrt(share)
    flux = np.concatenate([[0], 1 - (root[1:] * root[:-1]).sum(1)])
    entropy = -(share * np.log(share + FLOOR)).sum(1)
    series = np.stack([centroid, spread, rolloff, flatness, flux, entropy], 1)
    steps = np.abs(np.diff(series, axis=0)).mean(0)
    return np.concatenate([series.mean(0), series.std(0), steps])


@lru_cache(maxsize=1)
def _chroma_filters() -> Array:
    """(12, bins): to which pitch class a bin between 100 Hz and 4 kHz belongs, C first."""
    hz = np.maximum(_frequencies_hz(), 1.0)
    pitch = 12 * np.log2(hz / 440.0) + 9
    distance = (pitch[None, :] - np.arange(12)[:, None] + 6) % 12 - 6
    weight = np.exp(-0.5 * (distance / 0.4) ** 2)
    result: Array = np.where((hz > 100) & (hz < 4000), weight, 0).astype(np.float32)
    return result


_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
"""How well each step above the tonic fits its key (Krumhansl 1990)."""


def _harmony(power: Array) -> Array:
    """Major or minor, how clear the key is, how harmony moves, and the chroma from the tonic."""
    chroma = np.sqrt(power) @ _chroma_filters().T + FLOOR
    chroma /= chroma.sum(1, keepdims=True)
    mean = chroma.mean(0)
    fits = np.array([_key_fits(mean, profile) for profile in (_MAJOR, _MINOR)])
    tonic = int(fits.max(0).argmax())
    entropy = -(chroma * np.log(chroma)).sum(1)
    block = max(1, int(FRAMES_PER_S / 2))
    slow = chroma[: len(chroma) // block * block].reshape(-1, block, 12).mean(1)
    change = np.abs(np.diff(slow, axis=0)).sum(1)
    minor_share = np.mean(
        [_key_fits(part, _MINOR).max() > _key_fits(part, _MAJOR).max() for part in slow]
    )
    told = [
        fits[0].max(), fits[1].max(), fits[0].max() - fits[1].max(), minor_share,
        entropy.mean(), entropy.std(), change.mean(), change.std(), mean.max(), mean.std(),
    ]  # fmt: skip
    return np.concatenate([told, np.roll(mean, -tonic), np.sort(mean)])


def _key_fits(chroma: Array, profile: tuple[float, ...]) -> npt.NDArray[np.float64]:
    """Correlation of a chroma (12,) with a key's profile for each of the twelve tonics."""
    centred = chroma - chroma.mean()
    rows = np.array([np.roll(profile, tonic) for tonic in range(12)])
    rows -= rows.mean(1, keepdims=True)
    scale = np.linalg.norm(rows, axis=1) * (np.linalg.norm(centred) + 1e-12)
    result: npt.NDArray[np.float64] = rows @ centred / scale
    return result


def _onsets(log_mel: Array) -> Array:
    """Onsets a second and their strength, low and high, and the pulse that they make."""
    rise = np.maximum(np.diff(np.maximum(log_mel, -8), axis=0), 0)
    told: list[float] = []
    for first, last in ((0, MELS), (0, 8), (8, 24), (24, MELS)):
        envelope = rise[:, first:last].mean(1)
        limit = envelope.mean() + envelope.std()
        middle = envelope[1:-1]
        peaks = (middle > envelope[:-2]) & (middle >= envelope[2:]) & (middle > limit)
        seconds = len(envelope) / FRAMES_PER_S
        strength = middle[peaks].mean() if peaks.any() else 0.0
        told += [peaks.sum() / seconds, envelope.mean(), envelope.std(), float(strength)]
    return np.concatenate([told, _pulse(rise.mean(1))])


_PULSE_LAGS_S = np.geomspace(0.24, 1.5, 17)


def _pulse(envelope: Array) -> Array:
    """How strongly the onsets repeat: the best, its lag, and the autocorrelation by lag."""
    centred = envelope - envelope.mean()
    size = 2 ** int(np.ceil(np.log2(2 * len(centred))))
    spectrum = np.abs(np.fft.rfft(centred, size)) ** 2
    correlation = np.fft.irfft(spectrum)[: int(2 * FRAMES_PER_S)]
    correlation = correlation / (correlation[0] + 1e-9)
    edges = np.rint(_PULSE_LAGS_S * FRAMES_PER_S).astype(int)
    bands = [correlation[a:b].max() for a, b in pairwise(edges)]
    best = int(edges[0] + correlation[edges[0] : edges[-1]].argmax())
    return np.array([max(bands), np.log(best), *bands], np.float32)


_MODULATION_EDGES_HZ = (0.25, 0.6, 1.2, 2.4, 4.8, 9.6, 20.0)
_MODULATION_BANDS = 8


def _modulation(log_mel: Array) -> Array:
    """How much eight groups of mel bands sway, by the rate of swaying."""
    grouped = np.maximum(log_mel, -8).reshape(len(log_mel), _MODULATION_BANDS, -1).mean(2)
    centred = (grouped - grouped.mean(0)) * np.hanning(len(grouped))[:, None]
    spectrum = np.abs(np.fft.rfft(centred, axis=0)) / len(grouped)
    rate_hz = np.fft.rfftfreq(len(grouped), 1 / FRAMES_PER_S)
    rows = [
        np.log(spectrum[(rate_hz >= a) & (rate_hz < b)].mean(0) + 1e-4)
        for a, b in pairwise(_MODULATION_EDGES_HZ)
    ]
    return np.concatenate(rows)


def _patterns(log_mel: Array) -> Array:
    """Which of ten groups of mel bands move together (after Seyerlehner's correlation pattern)."""
    grouped = np.maximum(log_mel, -8).reshape(len(log_mel), 10, -1).mean(2)
    centred = grouped - grouped.mean(0)
    norm = np.linalg.norm(centred, axis=0) + 1e-6
    correlation = (centred.T @ centred) / np.outer(norm, norm)
    upper: Array = correlation[np.triu_indices(10, 1)]
    return upper


def _loudness(samples: Array, level: float) -> Array:
    """Crest, share of quiet moments and swaying of the level; and last, the level itself in dB."""
    block = HOP * 4
    blocks = samples[: len(samples) // block * block].reshape(-1, block)
    rms_db = 20 * np.log10(np.sqrt(np.mean(blocks**2, axis=1)) / level + 1e-4)
    crest_db = 20 * np.log10(float(np.max(np.abs(samples))) / level)
    low, high = np.percentile(rms_db, (10, 90))
    quiet = float((rms_db < -3).mean())
    steps = float(np.abs(np.diff(rms_db)).mean())
    level_db = 20 * np.log10(level + 1e-6)
    return np.array([crest_db, quiet, steps, high - low, rms_db.std(), level_db], np.float32)
