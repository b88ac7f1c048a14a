"""The fifteen starter pieces, three for each mood."""

from __future__ import annotations

from typing import Final

from music.pieces import angry, happy, neutral, sad, surprise
from music.recipes import Recipe

PIECES: Final[tuple[Recipe, ...]] = (
    *happy.PIECES,
    *sad.PIECES,
    *angry.PIECES,
    *surprise.PIECES,
    *neutral.PIECES,
)
