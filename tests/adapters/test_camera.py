"""The camera sources, each by itself: what it shows, when, and what it says when it cannot."""

from __future__ import annotations

import numpy as np
from moodbox.adapters.camera.scene import SCENARIO, scene_frame
from moodbox.adapters.face import FaceFinder
from moodbox.core import motion

# ── The built-in scene ───────────────────────────────────────────────────────────────────────────


def seconds(start_s: float, end_s: float, rate_hz: float) -> list[float]:
    return [float(t_s) for t_s in np.arange(start_s, end_s, 1 / rate_hz)]


COMES_S = SCENARIO.empty_s
SITS_S = COMES_S + SCENARIO.walk_s
RISES_S = COMES_S + SCENARIO.present_s - SCENARIO.walk_s
GONE_S = COMES_S + SCENARIO.present_s


def test_the_scene_is_the_same_every_time() -> None:
    assert (scene_frame(9.25) == scene_frame(9.25)).all()
    assert (scene_frame(9.25) != scene_frame(9.5)).any()


def test_the_scene_shows_one_face_while_she_sits() -> None:
    finder = FaceFinder()
    found = [len(finder.find(scene_frame(t_s))) for t_s in seconds(SITS_S, RISES_S, 5)]
    assert len(found) > 25
    assert set(found) <= {0, 1}
    assert sum(found) >= 0.95 * len(found)


def test_the_scene_shows_nobody_before_and_after() -> None:
    finder = FaceFinder()
    empty = seconds(0, COMES_S, 3) + seconds(GONE_S, SCENARIO.total_s, 3)
    assert [t_s for t_s in empty if finder.find(scene_frame(t_s))] == []


def test_she_moves_as_a_living_person_does() -> None:
    """At two looks a second nearly every one shows motion at her face; the empty room has none."""
    finder = FaceFinder()

    def moved(t_s: float) -> bool:
        before, now = (motion.to_grid(scene_frame(at_s)) for at_s in (t_s - 0.5, t_s))
        changed = motion.changes(before, now)
        faces = finder.find(scene_frame(t_s))
        return motion.any_in(changed, faces[0], (480, 640)) if faces else bool(changed.any())

    sitting = [moved(t_s) for t_s in seconds(SITS_S + 0.5, RISES_S, 2)]
    assert sum(sitting) >= 0.8 * len(sitting)
    assert not any(moved(t_s) for t_s in seconds(0.5, COMES_S, 2))


def test_the_room_of_the_scene_is_dim_and_not_dark() -> None:
    assert not motion.is_dark(motion.to_grid(scene_frame(0)))
    assert scene_frame(0).mean() < 100
