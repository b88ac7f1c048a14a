"""Milliseconds for finding a face, classifying it, and a whole frame."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from moodbox.adapters.classifier import Classifier
from moodbox.adapters.face import FaceFinder
from moodbox.compose import model_folder
from moodbox.config import Config, FaceConfig
from moodbox.core.mood import Frame
from moodbox.core.policy.events import Want
from moodbox.core.seeing.presence import Tracked
from moodbox.eye import Eye
from tests.bench.figures import percentiles
from tests.bench.moving_room import empty_room, occupied_room

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from moodbox.core.mood import GrayImage

TIMES = 200


class _Shown:
    """A camera that gives the next picture at once."""

    def __init__(self, pictures: Sequence[GrayImage]) -> None:
        self._pictures = pictures
        self._number = 0

    def open(self) -> None:
        """There is nothing to open."""

    def read(self) -> Frame:
        """The next picture."""
        self._number += 1
        return Frame(self._number / 8, self._pictures[self._number % len(self._pictures)])

    def close(self) -> None:
        """There is nothing to close."""


def _time(act: Callable[[int], object]) -> tuple[float, float]:
    for number in range(5):
        act(number)
    samples_s = []
    for number in range(TIMES):
        began_s = time.perf_counter()
        act(number)
        samples_s.append(time.perf_counter() - began_s)
    return percentiles(samples_s)


def report() -> list[str]:
    """Lines with the figures."""
    finder, classifier = FaceFinder(FaceConfig().smallest_share), Classifier(model_folder(Config()))
    pictures = occupied_room()
    (box, *_) = finder.find(pictures[0])
    reading = Eye(_Shown(pictures), finder, classifier)
    watching = Eye(_Shown(empty_room()), finder, classifier)
    rows = {
        "finding a face": _time(lambda n: finder.find(pictures[n % len(pictures)])),
        "classifying a face": _time(lambda n: classifier.predict(pictures[n % len(pictures)], box)),
        "a whole frame of a reading": _time(lambda n: reading.sense(Want.READ, Tracked(), n / 8)),
        "a whole frame of an empty room": _time(
            lambda n: watching.sense(Want.WATCH, Tracked(), n / 2)
        ),
    }
    return [
        f"Seeing: the built-in scene, 640×480, each {TIMES} times after 5 to warm up, one thread;",
        "wall-clock milliseconds. Classifying is crop, preprocessing and both looks.",
        "",
        "| | p50 | p95 |",
        "|---|---|---|",
        *(f"| {name} | {p50:.1f} ms | {p95:.1f} ms |" for name, (p50, p95) in rows.items()),
    ]
