"""Pitched voices: sums of sine partials, each with its own decay, shaped by an envelope.

A `Timbre` describes a voice; `tone` makes its sound at a pitch. All signals are mono float32 at
`SAMPLE_RATE_HZ`, about -1 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Signal = npt.NDArray[np.float32]

SAMPLE_RATE_HZ: Final = 44_100
# Partials above this are left out: nobody hears them, and none may alias at Nyquist.
_HIGHEST_PARTIAL_HZ: Final = 15_000.0
_BLOCK: Final = 512


@dataclass(frozen=True)
class Timbre:
    """How a voice sounds.

    ratios, levels: the partials' frequencies over the fundamental's, and their amplitudes.
    decay_s: time for the fundamental to fall to 1/e at middle C; None for a sustained tone.
    damping: how much faster each higher partial decays (0: all alike).
    attack_s, release_s: rise at the start, fall after the written end.
    vibrato_cents, vibrato_hz: depth and rate of a slow pitch swing; it sets in after the attack.
    detune_cents: adds a copy this far off, which sounds like several players; 0 for none.
    breath: share of soft noise, like that of breath or a bow.
    """

    ratios: tuple[float, ...]
    levels: tuple[float, ...]
    decay_s: float | None
    damping: float = 0.0
    attack_s: float = 0.003
    release_s: float = 0.08
    vibrato_cents: float = 0.0
    vibrato_hz: float = 5.2
    detune_cents: float = 0.0
    breath: float = 0.0


def _harmonics(
    count: int, rolloff: float, *, even: float = 1.0, stretch: float = 0.0
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Harmonic ratios and 1/k**rolloff levels; `even` scales even ones, `stretch` as on strings."""
    numbers = range(1, count + 1)
    ratios = tuple(k * (1 + stretch * k * k) ** 0.5 for k in numbers)
    levels = tuple((even if k % 2 == 0 else 1.0) / k**rolloff for k in numbers)
    return ratios, levels


TIMBRES: Final[dict[str, Timbre]] = {
    "piano": Timbre(*_harmonics(12, 1.35, stretch=3e-4), 1.1, 0.35, release_s=0.18),
    "felt piano": Timbre(*_harmonics(7, 2.0, stretch=2e-4), 1.8, 0.5, 0.012, release_s=0.35),
    "guitar": Timbre(*_harmonics(14, 1.1, stretch=5e-5), 0.7, 0.3, release_s=0.12),
    "ukulele": Timbre(*_harmonics(9, 1.3, even=0.7), 0.35, 0.3, release_s=0.1),
    "kalimba": Timbre((1.0, 2.0, 5.4), (1.0, 0.12, 0.1), 0.6, 1.2, release_s=0.2),
    # Tuned bars: a marimba's second mode sits two octaves up, a glockenspiel's at 2.76.
    "marimba": Timbre((1.0, 3.98, 9.9), (1.0, 0.22, 0.07), 0.32, 1.5, release_s=0.15),
    "glockenspiel": Timbre((1.0, 2.76, 5.4), (1.0, 0.3, 0.14), 0.9, 1.0, 0.001, release_s=0.4),
    "celesta": Timbre((1.0, 2.0, 4.0, 6.2), (1.0, 0.25, 0.1, 0.04), 0.8, 0.6, release_s=0.3),
    "pizzicato": Timbre(*_harmonics(8, 1.3), 0.16, 0.5, release_s=0.08),
    "whistle": Timbre(
        *_harmonics(4, 2.4), None, attack_s=0.03, release_s=0.06, vibrato_cents=14, breath=0.02
    ),
    "flute": Timbre(
        *_harmonics(6, 1.9), None, attack_s=0.06, release_s=0.12, vibrato_cents=12, breath=0.03
    ),
    "clarinet": Timbre(
        *_harmonics(9, 1.4, even=0.12), None, attack_s=0.05, release_s=0.1, vibrato_cents=5
    ),
    "cello": Timbre(
        *_harmonics(12, 1.45), None, attack_s=0.14, release_s=0.3, vibrato_cents=16, breath=0.01
    ),
    "strings": Timbre(
        *_harmonics(8, 1.5), None, attack_s=0.5, release_s=0.9, detune_cents=9, breath=0.01
    ),
    "soft pad": Timbre(*_harmonics(4, 1.8), None, attack_s=0.8, release_s=1.2, detune_cents=7),
    "brass": Timbre(*_harmonics(14, 1.0), None, attack_s=0.04, release_s=0.1, detune_cents=6),
    "electric guitar": Timbre(*_harmonics(16, 0.9), 1.4, 0.1, release_s=0.04),
    "bass": Timbre(*_harmonics(6, 1.5), 0.8, 0.4, 0.005, release_s=0.07),
    "picked bass": Timbre(*_harmonics(12, 1.0), 0.7, 0.3, release_s=0.05),
    "upright bass": Timbre(*_harmonics(5, 1.8), 0.55, 0.5, 0.008, release_s=0.12),
}


def midi_to_hz(midi: float) -> float:
    """Frequency of a MIDI pitch in equal temperament, 69 at 440 Hz."""
    return float(440.0 * 2.0 ** ((midi - 69.0) / 12.0))


def tone(timbre: Timbre, midi: int, seconds: float) -> Signal:
    """The voice at one pitch, held for `seconds`, with its attack and without its release."""
    count = max(1, round(seconds * SAMPLE_RATE_HZ))
    frequency_hz = midi_to_hz(midi)
    if timbre.detune_cents:
        shift = 2.0 ** (timbre.detune_cents / 2400.0)
        sound = 0.5 * (
            _partials(timbre, frequency_hz * shift, count)
            + _partials(timbre, frequency_hz / shift, count)
        )
    else:
        sound = _partials(timbre, frequency_hz, count)
    if timbre.vibrato_cents:
        sound = _vibrato(sound, timbre)
    if timbre.breath:
        # RandomState gives the same numbers in every numpy, so the music stays the same.
        noise = np.random.RandomState(midi).uniform(-1.0, 1.0, count + 32)
        smooth = np.convolve(noise, np.hanning(33) / 16.0, mode="valid")
        sound = sound + timbre.breath * smooth[:count]
    attack = min(count, max(1, round(timbre.attack_s * SAMPLE_RATE_HZ)))
    sound[:attack] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(attack) / attack)
    return np.asarray(sound, dtype=np.float32)


def _partials(timbre: Timbre, frequency_hz: float, count: int) -> npt.NDArray[np.float64]:
    """Sum of decaying sines, as one matrix product instead of a sine and an exp per sample.

    A partial at time block * B + r is exp(s * B * block) * exp(s * r) with s = -1/tau + i omega,
    so the sum over partials is the imaginary part of a product of two small matrices.
    """
    ratios = np.asarray(timbre.ratios)
    levels = np.asarray(timbre.levels)
    audible = ratios * frequency_hz < _HIGHEST_PARTIAL_HZ
    ratios, levels = ratios[audible], levels[audible]
    rate = np.zeros_like(ratios)
    if timbre.decay_s is not None:
        # Higher notes of plucked and struck instruments decay sooner.
        tau_s = timbre.decay_s * (261.6 / frequency_hz) ** 0.35
        rate = (1.0 + timbre.damping * (ratios - 1.0)) / tau_s
    s = (-rate + 2j * np.pi * ratios * frequency_hz) / SAMPLE_RATE_HZ
    blocks = -(-count // _BLOCK)
    coarse = np.exp(np.outer(np.arange(blocks) * _BLOCK, s)) * levels
    fine = np.exp(np.outer(s, np.arange(_BLOCK)))
    sound = coarse.imag @ fine.real + coarse.real @ fine.imag
    return np.asarray(sound.reshape(-1)[:count] / np.sqrt(np.sum(levels**2)))


def _vibrato(sound: npt.NDArray[np.float64], timbre: Timbre) -> npt.NDArray[np.float64]:
    """Play the tone at a varying speed; the variation grows over the first half second."""
    n = np.arange(sound.size)
    time_s = n / SAMPLE_RATE_HZ
    omega = 2.0 * np.pi * timbre.vibrato_hz
    depth_s = (2.0 ** (timbre.vibrato_cents / 1200.0) - 1.0) / omega
    onset = np.clip((time_s - 0.15) / 0.5, 0.0, 1.0)
    swing = depth_s * onset * np.sin(omega * time_s)
    return np.asarray(np.interp(n + swing * SAMPLE_RATE_HZ, n, sound))
