"""Faces over time: who sits here, who passes, and which face is theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodbox.core.mood import BBox
from moodbox.core.seeing.presence import (
    GAP_S,
    STILL_S,
    Presence,
    SeenFace,
    SittingConfig,
    Tracked,
    absent,
    overlap,
    step,
    target,
)
from tests.support.view import View

CONFIG = SittingConfig(dwell_s=1.0, leave_after_s=120.0)
HERE = BBox(200, 100, 100, 100)
THERE = BBox(450, 100, 80, 80)
FAR = BBox(20, 120, 60, 60)

EMPTY = View()
ALIVE = View((SeenFace(HERE, moved=True),))
STILL = View((SeenFace(HERE, moved=False),))
BUSY = View(moved_near=True)
"""Motion where the person was, and no face: looking down."""


class Watch:
    """Looks twice a second at what a test shows."""

    def __init__(self, hz: float = 2.0) -> None:
        self.now_s = 1000.0
        self.tracked = Tracked()
        self._hz = hz

    def who(self) -> Presence:
        return self.tracked.presence

    def show(self, view: View, for_s: float = 0.0) -> list[Presence]:
        """Show a view for a while, at least once; returns who was here at each frame."""
        seen = []
        for _ in range(max(1, round(for_s * self._hz))):
            sight = view.sight(self.tracked, self.now_s)
            self.tracked = step(self.tracked, sight, self.now_s, CONFIG)
            self.now_s += 1 / self._hz
            seen.append(self.who())
        return seen

    def sit_down(self) -> None:
        self.show(ALIVE, 3)
        assert self.who() is Presence.SITTING


@pytest.fixture
def watch() -> Watch:
    return Watch()


# ── Coming ───────────────────────────────────────────────────────────────────────────────────────


def test_an_empty_room_is_nobody(watch: Watch) -> None:
    assert set(watch.show(EMPTY, 3600)) == {Presence.NOBODY}


def test_a_living_face_for_the_dwell_is_somebody_sitting(watch: Watch) -> None:
    began_s = watch.now_s
    while watch.who() is not Presence.SITTING:
        watch.show(ALIVE)
        assert watch.now_s < began_s + 5
    # The clock stands one frame after the last.
    assert watch.now_s - 0.5 - began_s == pytest.approx(CONFIG.dwell_s)


def test_a_face_for_less_than_the_dwell_is_somebody_passing(watch: Watch) -> None:
    seen = watch.show(ALIVE, 1) + watch.show(EMPTY, 10)
    assert Presence.PASSING in seen
    assert Presence.SITTING not in seen
    assert watch.who() is Presence.NOBODY


def test_two_short_visits_are_not_a_sitting(watch: Watch) -> None:
    for _ in range(10):
        seen = watch.show(ALIVE, 1) + watch.show(EMPTY, 5)
        assert Presence.SITTING not in seen


def test_somebody_who_walks_across_the_room_does_not_sit(watch: Watch) -> None:
    seen = []
    for x_px in range(0, 560, 90):  # a walk of three seconds, the face in view all the time
        seen += watch.show(View((SeenFace(BBox(x_px, 100, 80, 80), moved=True),)))
    seen += watch.show(EMPTY, 5)
    assert Presence.SITTING not in seen
    assert watch.who() is Presence.NOBODY


def test_the_face_finder_may_miss_a_face_while_somebody_sits_down(watch: Watch) -> None:
    for sight in (ALIVE, ALIVE, EMPTY, ALIVE):
        watch.show(sight)
    assert watch.who() is Presence.SITTING


# ── Pictures of faces ────────────────────────────────────────────────────────────────────────────


def test_a_motionless_face_is_nobody(watch: Watch) -> None:
    assert set(watch.show(STILL, 3600)) == {Presence.NOBODY}


def test_a_poster_that_somebody_walks_past_is_nobody(watch: Watch) -> None:
    """Uncovering it, and switching on the light, look like one motion at its place."""
    for _ in range(20):
        watch.show(EMPTY, 1)
        watch.show(ALIVE)
        assert Presence.SITTING not in watch.show(STILL, 30)
        assert watch.who() is Presence.NOBODY


def test_a_shadow_that_passes_over_a_poster_in_a_second_is_nobody(watch: Watch) -> None:
    for _ in range(20):
        seen = watch.show(ALIVE, 1) + watch.show(STILL, 30)
        assert Presence.SITTING not in seen
        assert watch.who() is Presence.NOBODY


@pytest.mark.parametrize("person", [BBox(400, 150, 60, 60), BBox(400, 100, 200, 200)])
def test_somebody_who_sits_down_beside_a_poster_is_seen(watch: Watch, person: BBox) -> None:
    watch.show(STILL, 60)
    faces = sorted(
        (SeenFace(HERE, moved=False), SeenFace(person, moved=True)),
        key=lambda face: -face.bbox.area_px,
    )
    watch.show(View(tuple(faces)), 3)
    assert watch.who() is Presence.SITTING
    assert watch.tracked.bbox == person


def test_a_poster_does_not_keep_a_sitting_that_is_over(watch: Watch) -> None:
    poster = SeenFace(THERE, moved=False)
    watch.show(View((SeenFace(HERE, moved=True), poster)), 10)
    assert watch.who() is Presence.SITTING
    watch.show(View((poster,)), CONFIG.leave_after_s + STILL_S + 1)
    assert watch.who() is Presence.NOBODY


# ── Staying and leaving ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("sight", [ALIVE, BUSY])
def test_a_sitting_lasts_as_long_as_a_face_or_motion(watch: Watch, sight: View) -> None:
    watch.sit_down()
    assert set(watch.show(sight, 3600)) == {Presence.SITTING}


def test_somebody_who_sits_very_still_and_moves_now_and_then_stays(watch: Watch) -> None:
    watch.sit_down()
    for _ in range(100):
        assert set(watch.show(STILL, 60)) == {Presence.SITTING}
        watch.show(ALIVE)


@pytest.mark.parametrize("nothing", [EMPTY, View(dark=True)])
def test_leaving_is_two_minutes_without_face_or_motion(watch: Watch, nothing: View) -> None:
    watch.sit_down()
    assert set(watch.show(nothing, CONFIG.leave_after_s - 1)) == {Presence.SITTING}
    watch.show(nothing, 2)
    assert watch.tracked == Tracked()


def test_coming_back_within_the_two_minutes_goes_on_with_the_sitting(watch: Watch) -> None:
    watch.sit_down()
    for _ in range(10):
        assert set(watch.show(EMPTY, 110)) == {Presence.SITTING}
        watch.show(BUSY)


def test_a_camera_that_is_gone_is_an_absence(watch: Watch) -> None:
    watch.sit_down()
    here = absent(watch.tracked, watch.now_s + 60, CONFIG)
    assert here.presence is Presence.SITTING
    assert absent(here, watch.now_s + CONFIG.leave_after_s, CONFIG).presence is Presence.NOBODY


# ── Which face ───────────────────────────────────────────────────────────────────────────────────


def faces(*boxes: BBox, moved: bool = True) -> tuple[SeenFace, ...]:
    """Faces, largest first, as the face finder gives them."""
    ordered = sorted(boxes, key=lambda box: -box.area_px)
    return tuple(SeenFace(box, moved) for box in ordered)


def test_no_faces_no_target() -> None:
    assert target((), Tracked(), 0.0) is None


def test_the_nearest_face_is_the_persons() -> None:
    found = target(faces(FAR, HERE, THERE), Tracked(), 0.0)
    assert found is not None
    assert found.bbox == HERE


def test_a_moving_face_comes_before_a_larger_motionless_one() -> None:
    seen = (SeenFace(HERE, moved=False), SeenFace(FAR, moved=True))
    assert target(seen, Tracked(), 0.0) == seen[1]


def test_it_stays_the_same_face_when_a_nearer_one_appears(watch: Watch) -> None:
    watch.sit_down()
    nearer = BBox(400, 50, 200, 200)
    watch.show(View(faces(HERE, nearer)), 60)
    assert watch.tracked.bbox == HERE


def test_nobody_else_is_read_while_the_face_finder_has_lost_the_person(watch: Watch) -> None:
    watch.sit_down()
    other = faces(THERE)
    assert target(other, watch.tracked, watch.tracked.face_s + GAP_S / 2) is None
    assert target(other, watch.tracked, watch.tracked.face_s + GAP_S * 2) == other[0]


def test_a_poster_is_not_read_in_the_place_of_somebody_who_looks_down(watch: Watch) -> None:
    watch.sit_down()
    poster = faces(THERE, moved=False)
    assert target(poster, watch.tracked, watch.now_s + 60) is None


def test_somebody_who_moves_over_on_the_sofa_is_followed(watch: Watch) -> None:
    watch.sit_down()
    watch.show(View(faces(THERE), moved_near=True), 5)
    assert (watch.who(), watch.tracked.bbox) == (Presence.SITTING, THERE)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (BBox(0, 0, 10, 10), BBox(0, 0, 10, 10), 1.0),
        (BBox(0, 0, 10, 10), BBox(5, 0, 10, 10), 50 / 150),
        (BBox(0, 0, 10, 10), BBox(10, 0, 10, 10), 0.0),
        (BBox(0, 0, 10, 10), BBox(-50, -50, 10, 10), 0.0),
        (BBox(-5, -5, 10, 10), BBox(0, 0, 10, 10), 25 / 175),
    ],
)
def test_overlap_is_intersection_over_union(a: BBox, b: BBox, expected: float) -> None:
    assert overlap(a, b) == pytest.approx(expected)
    assert overlap(b, a) == pytest.approx(expected)


# ── Properties over simulated hours ──────────────────────────────────────────────────────────────

boxes = st.builds(
    BBox, st.integers(-50, 640), st.integers(-50, 480), st.integers(1, 300), st.integers(1, 300)
)
seen_faces = st.lists(st.builds(SeenFace, boxes, st.booleans()), max_size=3).map(
    lambda found: tuple(sorted(found, key=lambda face: -face.bbox.area_px))
)
sights = st.one_of(
    st.sampled_from([EMPTY, ALIVE, STILL, BUSY, View(dark=True)]),
    st.builds(View, seen_faces, st.booleans()),
)
evenings = st.lists(st.tuples(sights, st.sampled_from([0.1, 0.5, 1.0, 10.0, 119.0])), max_size=40)


def over(evening: Iterable[tuple[View, float]], check: Callable[..., None]) -> None:
    """Run an evening; `check` gets the state before, the view, its moment, and the state after."""
    now_s, tracked = 0.0, Tracked()
    for view, pause_s in evening:
        now_s += pause_s
        after = step(tracked, view.sight(tracked, now_s), now_s, CONFIG)
        check(tracked, view, now_s, after)
        tracked = after


@given(evenings)
def test_nobody_becomes_somebody_sitting_without_a_face_that_moves(
    evening: list[tuple[View, float]],
) -> None:
    motionless = [
        (View(tuple(SeenFace(f.bbox, False) for f in s.faces), s.moved_near), t) for s, t in evening
    ]

    def check(before: Tracked, view: View, now_s: float, after: Tracked) -> None:
        assert after.presence is Presence.NOBODY

    over(motionless, check)


@given(evenings)
def test_a_sitting_ends_only_after_the_whole_absence(evening: list[tuple[View, float]]) -> None:
    def check(before: Tracked, view: View, now_s: float, after: Tracked) -> None:
        if before.presence is Presence.SITTING and after.presence is not Presence.SITTING:
            assert now_s - before.seen_s >= CONFIG.leave_after_s
            assert not view.moved_near

    over(evening, check)


@given(evenings)
def test_a_sitting_begins_only_after_the_dwell_at_one_place(
    evening: list[tuple[View, float]],
) -> None:
    def check(before: Tracked, view: View, now_s: float, after: Tracked) -> None:
        if after.presence is Presence.SITTING and before.presence is not Presence.SITTING:
            assert now_s - after.first_s >= CONFIG.dwell_s
            assert before.bbox is not None
            assert after.bbox is not None
            assert overlap(before.bbox, after.bbox) > 0

    over(evening, check)
