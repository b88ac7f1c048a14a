"""From a score to stereo sound: voices into tracks, amplifier, room, loudness, fade."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from music.arrange import Note, Score, Stroke
from music.drums import hit
from music.moods import CHARACTERS
from music.recipes import Band, Recipe
from music.synth import SAMPLE_RATE_HZ, TIMBRES, Signal, tone

Stereo = npt.NDArray[np.float32]
"""Shape (2, samples): left and right, float32, full scale is 1."""

_TAIL_S: Final = 3.0
_FADE_S: Final = 1.5
# A piece ends where it stays 56 dB below its loudest sample: nobody hears what is cut off.
_SILENCE: Final = 0.0016
# Soft clipping: peaks above the knee are compressed, and never exceed 0.9 (-0.9 dBFS).
_KNEE: Final = 0.65
_CEILING: Final = 0.9
# Left to right, -1 to 1. Bass and kick are in the middle, so that both speakers play them.
_PAN: Final = {"lead": 0.1, "comp": -0.35, "bass": 0.0, "pad": 0.0}
_DRUM_PAN: Final = {"hat": 0.4, "shaker": 0.5, "clap": -0.2, "block": 0.45, "tom": -0.3,
                    "triangle": -0.5, "crash": -0.25, "brush": 0.15}  # fmt: skip


def mix(score: Score, recipe: Recipe) -> Stereo:
    """The sound of a score, (2, samples) float32 with peaks below `_CEILING`."""
    band = recipe.band
    count = round((score.end_s + _TAIL_S) * SAMPLE_RATE_HZ)
    dry = np.zeros((2, count), dtype=np.float32)
    send = np.zeros(count, dtype=np.float32)
    for part, notes, name, level_db in _parts(score, band):
        track = play_notes(notes, name, count)
        if band.drive and part in ("lead", "comp"):
            track = _amplify(track, band.drive)
        track *= np.float32(10 ** (level_db / 20))
        _pan_into(dry, track, _PAN[part])
        if part != "bass":
            send += track
    for instrument in sorted({stroke.instrument for stroke in score.drums}):
        track = _play_strokes(score.drums, instrument, count)
        track *= np.float32(10 ** (band.drums_db / 20))
        _pan_into(dry, track, _DRUM_PAN.get(instrument, 0.0))
        if instrument != "kick":
            send += 0.6 * track
    wet = _room(send, band.reverb_s)
    return _master(dry + np.float32(band.reverb) * wet, CHARACTERS[recipe.mood].loudness_lufs)


def _parts(score: Score, band: Band) -> list[tuple[str, Sequence[Note], str, float]]:
    parts: list[tuple[str, Sequence[Note], str, float]] = [
        ("lead", score.lead, band.lead, band.lead_db),
        ("comp", score.comp, band.comp, band.comp_db),
        ("bass", score.bass, band.bass, band.bass_db),
    ]
    if band.pad:
        parts.append(("pad", score.pad, band.pad, band.pad_db))
    return parts


def play_notes(notes: Sequence[Note], timbre_name: str, count: int) -> Signal:
    """One part as mono sound of `count` samples. Each pitch is made once and cut to length."""
    timbre = TIMBRES[timbre_name]
    longest_s: dict[int, float] = {}
    for note in notes:
        longest_s[note.midi] = max(longest_s.get(note.midi, 0.0), note.length_s)
    tones = {
        midi: tone(timbre, midi, length_s + timbre.release_s + 0.01)
        for midi, length_s in longest_s.items()
    }
    release = round(timbre.release_s * SAMPLE_RATE_HZ)
    fall = (0.5 + 0.5 * np.cos(np.pi * np.arange(release) / release)).astype(np.float32)
    track = np.zeros(count, dtype=np.float32)
    for note in notes:
        held = round(note.length_s * SAMPLE_RATE_HZ)
        sound = tones[note.midi][: held + release] * np.float32(note.velocity)
        sound[held:] *= fall[: sound.size - held]
        _add_at(track, sound, note.start_s)
    return track


def _play_strokes(strokes: Sequence[Stroke], instrument: str, count: int) -> Signal:
    track = np.zeros(count, dtype=np.float32)
    sound = hit(instrument)
    for stroke in strokes:
        if stroke.instrument == instrument:
            _add_at(track, sound * np.float32(stroke.velocity), stroke.start_s)
    return track


def _add_at(track: Signal, sound: Signal, start_s: float) -> None:
    start = round(start_s * SAMPLE_RATE_HZ)
    end = min(track.size, start + sound.size)
    track[start:end] += sound[: end - start]


def _pan_into(stereo: Stereo, track: Signal, position: float) -> None:
    """Add a mono track at `position` from -1 (left) to 1 (right), at equal power everywhere."""
    angle = (position + 1) * np.pi / 4
    stereo[0] += track * np.float32(np.cos(angle))
    stereo[1] += track * np.float32(np.sin(angle))


def _fft_size(count: int) -> int:
    """The next size that is 2**a, 3 * 2**a or 5 * 2**a: fast to transform, not much longer."""
    power = 1 << max(0, (count - 1).bit_length() - 3)
    return min(size for factor in (4, 5, 6, 8) if (size := factor * power) >= count)


def _spectrum(sound: Signal, size: int) -> npt.NDArray[np.complex128]:
    """The transform in double precision in every numpy; numpy 2 would use single for float32."""
    return np.asarray(np.fft.rfft(sound.astype(np.float64), size), dtype=np.complex128)


def _amplify(track: Signal, drive: float) -> Signal:
    """An overdriven amplifier and its loudspeaker, which passes about 80 Hz to 5 kHz.

    The bass is reduced before the distortion, which would otherwise hide all higher tones.
    """
    size = _fft_size(track.size)
    frequency_hz = np.fft.rfftfreq(size, 1.0 / SAMPLE_RATE_HZ)
    input_filter = frequency_hz / np.sqrt(frequency_hz**2 + 300.0**2)
    clean = np.fft.irfft(_spectrum(track, size) * input_filter, size)
    loud = np.fft.rfft(np.tanh(1.8 * drive * clean))
    high_pass = 1.0 - 1.0 / (1.0 + (frequency_hz / 80.0) ** 4)
    low_pass = 1.0 / (1.0 + (frequency_hz / 4800.0) ** 4)
    sound = np.fft.irfft(loud * high_pass * low_pass, size)[: track.size]
    return np.asarray(0.5 * sound, dtype=np.float32)


def _room(send: Signal, reverb_s: float) -> Stereo:
    """Reverberation of a soft room: convolution with decaying noise, other noise for each ear.

    `reverb_s` is the time to fall by 60 dB (6.9 time constants).
    """
    length = round(reverb_s * SAMPLE_RATE_HZ)
    time_s = np.arange(length) / SAMPLE_RATE_HZ
    envelope = np.exp(-6.9 * time_s / reverb_s) * np.minimum(1.0, time_s / 0.02)
    size = _fft_size(send.size + length)
    frequency_hz = np.fft.rfftfreq(size, 1.0 / SAMPLE_RATE_HZ)
    # Air and curtains absorb the treble; bass is left out of the reverberation, or it would boom.
    colour = 1.0 / (1.0 + (frequency_hz / 3500.0) ** 2)
    colour *= 1.0 - 1.0 / (1.0 + (frequency_hz / 180.0) ** 2)
    spectrum = _spectrum(send, size) * colour
    noise = np.random.RandomState(1).uniform(-1.0, 1.0, (2, length)) * envelope
    noise /= np.sqrt(np.sum(noise**2, axis=1, keepdims=True))
    wet = [np.fft.irfft(spectrum * np.fft.rfft(ear, size), size)[: send.size] for ear in noise]
    return np.asarray(wet, dtype=np.float32)


def loudness_lufs(stereo: Stereo) -> float:
    """Programme loudness, close to ITU-R BS.1770 (ungated, with approximations of its filters)."""
    size = _fft_size(stereo.shape[1])
    frequency_hz = np.fft.rfftfreq(size, 1.0 / SAMPLE_RATE_HZ)
    high_pass = frequency_hz**2 / (frequency_hz**2 + 38.0**2)
    shelf = (1.0 + 10 ** (4 / 20) * (frequency_hz / 1500.0) ** 2) / (
        1.0 + (frequency_hz / 1500.0) ** 2
    )
    weight = (high_pass * shelf) ** 2
    # One channel at a time halves the memory used: a small Pi has little.
    energy = sum(float(np.sum(np.abs(_spectrum(ear, size)) ** 2 * weight)) for ear in stereo)
    power = 2.0 * energy / size / stereo.shape[1]
    return float(-0.691 + 10 * np.log10(power))


def _master(stereo: Stereo, target_lufs: float) -> Stereo:
    """Cut the silence at the end, fade out, set the loudness, and compress the peaks."""
    audible = np.flatnonzero(np.max(np.abs(stereo), axis=0) > _SILENCE * np.max(np.abs(stereo)))
    stereo = stereo[:, : audible[-1] + 1]
    fade = round(_FADE_S * SAMPLE_RATE_HZ)
    stereo[:, -fade:] *= np.cos(np.linspace(0, np.pi / 2, fade, dtype=np.float32)) ** 2
    stereo = stereo * np.float32(10 ** ((target_lufs - loudness_lufs(stereo)) / 20))
    size = np.abs(stereo)
    room = _CEILING - _KNEE
    bent = _KNEE + room * np.tanh((size - _KNEE) / room)
    return np.asarray(np.where(size > _KNEE, np.sign(stereo) * bent, stereo), dtype=np.float32)
