"""The face finder: OpenCV's Haar cascade for frontal faces."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from moodbox.core.mood import BBox, GrayImage
from moodbox.core.seeing.motion import around
from moodbox.core.seeing.presence import overlap

CASCADE = "haarcascade_frontalface_default.xml"
"""Measured on the scenes of the test data (9 faces, 10 pictures and 199 video frames without any),
searched at 320 pixels, each cascade at its best scale step and neighbours:

    cascade   step, neighbours   faces found   false in pictures   false in frames
    default   1.1, 6             9             0                   0 (and 0 of all 1,189)
    alt2      1.1, 6             8             0                   5
    alt2      1.2, 5             8             0                   0
    alt       1.1, 4             8             0                   0

All see the man at home in every frame. The boxes of `default` are the steadiest there (width from
frame to frame 0.8 %, alt2 at 1.2 1.9 %), and a steady box is a steady mood. At 640×480 it takes
18 ms of one desktop core.
"""

SCALE_STEP = 1.1
"""1.2 is twice as fast, finds 5 % fewer of FER2013's faces, and its boxes are less steady."""

NEIGHBOURS = 6
"""Windows that must agree. With 4 or 5 a picture without a face has one at other search sizes; with
8 a man in sunglasses is missed."""

SEARCHED_SIDE_PX = 320
"""The frame's shorter side is shrunk to this for the search. 240 and 480 miss a face of the nine,
and 480 takes twice as long."""

SAME_FACE = 0.3
"""Intersection over union. Two people's faces do not overlap this much; a face and the false find
about its chin and hair do (0.5 in the picture of five)."""

EYES, SECOND = "haarcascade_eye.xml", "haarcascade_frontalface_alt2.xml"
EYES_NEIGHBOURS, SECOND_NEIGHBOURS = 1, 4
"""A find is confirmed by an eye in it, or by a second, differently trained cascade (sunglasses,
lowered eyes). Measured on frames as the daemon gets them: one of the pictures without a face has a
false find that stays for seconds at 640×480. Of the 19 false finds in those pictures the eye
confirms none and the second cascade none; of 377 faces of FER2013 that are found the two together
confirm all (the eye alone 356), and all 252 of the test data's pictures, videos and scene.
"""

CONFIRMED_SIDE_PX = 96
"""The find is scaled to this for the second search, whatever its size in the frame."""

CONFIRMED_AREA = 1.6
"""Times the find's side: the second cascade draws its box elsewhere."""

DEBIAN_FOLDERS = (Path("/usr/share/opencv4/haarcascades"), Path("/usr/share/opencv/haarcascades"))


def cascade_file(name: str = CASCADE) -> Path:
    """Path of one of OpenCV's cascades: the pip wheel's own, else Debian's package opencv-data.

    Raises FileNotFoundError that says what to install.
    """
    # Debian's python3-opencv has no cv2.data.
    data = getattr(cv2, "data", None)
    folders = ([Path(data.haarcascades)] if data else []) + list(DEBIAN_FOLDERS)
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    searched = ", ".join(map(str, folders))
    raise FileNotFoundError(
        f"OpenCV's face cascade {name} is in none of {searched}: install opencv-python-headless "
        "below version 5 with pip, or the Debian package opencv-data"
    )


class FaceFinder:
    """Finds frontal faces in gray frames."""

    def __init__(
        self,
        smallest_share: float,
        searched_side_px: int = SEARCHED_SIDE_PX,
        cascade: Path | None = None,
    ) -> None:
        """Load the cascade.

        `smallest_share` is the least height of a face as a share of the frame's, 0–1;
        `searched_side_px` is what the frame's shorter side is shrunk to for the search;
        `cascade` another cascade file than OpenCV's own. Raises ValueError for a share or a side
        out of range and for a file that is no cascade, FileNotFoundError where there is none.
        """
        if not 0 < smallest_share <= 1:
            raise ValueError(f"smallest_share must be above 0 and at most 1, not {smallest_share}")
        if searched_side_px < 1:
            raise ValueError(f"searched_side_px must be at least 1, not {searched_side_px}")
        self._smallest_share = smallest_share
        self._searched_side_px = searched_side_px
        self._cascade = _load(cascade or cascade_file())
        self._eyes = _load(cascade_file(EYES))
        self._second = _load(cascade_file(SECOND))

    def find(self, gray: GrayImage) -> list[BBox]:
        """Faces in a gray frame (H, W) uint8, largest first, in pixels of that frame."""
        scale = min(1.0, self._searched_side_px / min(gray.shape))
        searched = _shrink(gray, scale)
        least_px = max(1, round(self._smallest_share * searched.shape[0]))
        found, neighbours = self._cascade.detectMultiScale2(
            searched, SCALE_STEP, NEIGHBOURS, minSize=(least_px, least_px)
        )
        boxes = [BBox(*(round(float(edge) / scale) for edge in box)) for box in found]
        kept = _best_of_overlapping(boxes, [int(count) for count in neighbours])
        confirmed = [box for box in kept if self._is_confirmed(gray, box)]
        return sorted(confirmed, key=lambda box: -box.area_px)

    def _is_confirmed(self, frame: GrayImage, box: BBox) -> bool:
        """Whether a second search of a find agrees."""
        area = around(box, CONFIRMED_AREA)
        bottom, right = area.y_px + area.height_px, area.x_px + area.width_px
        cut = frame[max(area.y_px, 0) : bottom, max(area.x_px, 0) : right]
        scale = CONFIRMED_SIDE_PX / box.width_px
        near = cv2.resize(cut, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        if len(self._eyes.detectMultiScale(near, 1.1, EYES_NEIGHBOURS)) > 0:
            return True
        least_px = round(CONFIRMED_SIDE_PX * 0.6)
        found = self._second.detectMultiScale(
            near, 1.05, SECOND_NEIGHBOURS, minSize=(least_px, least_px)
        )
        return len(found) > 0


def _load(path: Path) -> cv2.CascadeClassifier:
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such cascade file")
    try:
        cascade = cv2.CascadeClassifier(str(path))
    except (cv2.error, SystemError) as error:  # which of them depends on OpenCV's version
        raise ValueError(f"{path} is no cascade that OpenCV can read") from error
    if cascade.empty():
        raise ValueError(f"{path} is no cascade that OpenCV can read")
    return cascade


def _shrink(gray: GrayImage, scale: float) -> GrayImage:
    if scale >= 1:
        return gray
    height_px, width_px = gray.shape
    size = max(1, round(width_px * scale)), max(1, round(height_px * scale))
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)


def _best_of_overlapping(boxes: list[BBox], neighbours: list[int]) -> list[BBox]:
    """Of boxes over one face, the one that most windows agreed on."""
    kept: list[BBox] = []
    for box, _ in sorted(zip(boxes, neighbours, strict=True), key=lambda pair: -pair[1]):
        if all(overlap(box, better) < SAME_FACE for better in kept):
            kept.append(box)
    return kept
