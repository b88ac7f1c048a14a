"""What is measured of music: of the right size, whatever the volume, and of what it should be."""

from __future__ import annotations

import numpy as np
import pytest

from moodbox.sorting.features import GROUPS, RATE_HZ, features
from tests.sorting.sounds import band, noise, piano


def test_only_the_last_number_knows_the_volume() -> None:
    loud = band(10, seed=1)
    one, other = features(loud), features(loud * np.float32(0.1))
    assert one.dtype == np.float32
    assert np.isfinite(one).all()
    assert len(one) == sum(size for _, size in GROUPS)
    assert np.abs(one[:-1] - other[:-1]).max() < 0.02
    assert one[-1] - other[-1] == pytest.approx(20, abs=0.01)


def test_different_music_has_different_numbers() -> None:
    fast, slow = features(band(10, seed=1)), features(band(10, seed=1, fast=False))
    again = features(band(10, seed=1)[RATE_HZ:])
    assert np.linalg.norm(fast - slow) > 3 * np.linalg.norm(fast - again)


def test_a_short_or_silent_piece_is_refused() -> None:
    with pytest.raises(ValueError, match="needs 3 s"):
        features(noise(2.9))
    with pytest.raises(ValueError, match="silent"):
        features(np.zeros(5 * RATE_HZ, np.float32))


@pytest.mark.parametrize("samples", [noise(4), piano(4, seed=2), np.sign(noise(4))])
def test_every_sound_has_finite_numbers(samples: np.ndarray) -> None:  # type: ignore[type-arg]
    assert np.isfinite(features(samples.astype(np.float32))).all()
