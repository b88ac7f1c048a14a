"""Crops that nobody could read: what they keep, what they hide, and that their seed makes them."""

from __future__ import annotations

import numpy as np
import pytest

from moodbox.core.seeing.preprocess import SIDE_PX
from tests.training.made_up import Images, images
from training.covers import EYES_END
from training.unreadable import KINDS, covered, far, motion, unreadable

FACES, _ = images(60)
NOTHING = np.zeros((0, SIDE_PX, SIDE_PX), np.uint8)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("others", [NOTHING, FACES[:3]], ids=["alone", "with patches"])
def test_every_kind_makes_a_picture_of_any_face_and_leaves_the_face_alone(
    kind: str, others: Images
) -> None:
    _, make = KINDS[kind]
    rng, before = np.random.default_rng(1), FACES.copy()
    for face in FACES:
        made = make(face, others, rng)
        assert made.shape == (SIDE_PX, SIDE_PX)
        assert made.dtype == np.uint8
    np.testing.assert_array_equal(FACES, before)


def test_the_same_seed_makes_the_same_crop_and_another_seed_another() -> None:
    one, same, other = (
        unreadable(FACES[0], FACES[1:], np.random.default_rng(seed)) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_kinds_come_in_their_shares() -> None:
    assert sum(share for share, _ in KINDS.values()) == pytest.approx(1)


def test_a_cover_leaves_the_eyes_and_hides_the_mouth() -> None:
    eyes, mouth = slice(0, round(0.4 * SIDE_PX)), slice(34, 40)
    rng = np.random.default_rng(2)
    for face in FACES:
        made = covered(face, NOTHING, rng).astype(int)
        changed = np.abs(made - face) > 2
        assert changed[eyes].mean() < 0.25  # a hand's fingers may reach up
        assert changed[mouth, 16:32].mean() > 0.6
    assert 0.4 < EYES_END < 0.5


def test_motion_smears_along_its_direction_alone_and_keeps_the_mean() -> None:
    picture = np.zeros((SIDE_PX, SIDE_PX), np.uint8)
    picture[:, 24] = 255
    across = motion(picture, 17, 0.0)
    assert (across[24] > 8).sum() == pytest.approx(17, abs=2)
    along = motion(picture, 17, 90.0)
    assert (along[24] > 8).sum() <= 3
    assert across.mean() == pytest.approx(picture.mean(), rel=0.1)


def test_a_face_far_away_has_no_detail_left() -> None:
    rng = np.random.default_rng(5)
    detail = [
        np.abs(np.diff(p.astype(float), axis=1)).mean() for p in (FACES[0], far(FACES[0], 4, rng))
    ]
    assert detail[1] < detail[0] / 2
