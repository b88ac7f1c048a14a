"""The library as a map: valence across, arousal up, a dot a song in its mood's colour."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from moodbox.core.mood import Mood

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moodbox.sorting.place import Place

SIDE = 900
EDGE = 60
TITLES = 24
"""Titles at the surest songs; more would lie over each other."""
COLOUR = {
    Mood.HAPPY: "#e8a200", Mood.ANGRY: "#c8321e", Mood.SAD: "#3b68b0", Mood.NEUTRAL: "#4c9a5b",
}  # fmt: skip
_GRAY = "#b8b8b8"


@dataclass(frozen=True, slots=True)
class Dot:
    """A song on the map."""

    title: str
    place: Place
    placed: bool


def svg(dots: Sequence[Dot]) -> str:
    """The map as an SVG document. Each dot tells its title where the pointer rests on it."""
    ordered = sorted(dots, key=lambda dot: (dot.placed, dot.place.confidence))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{SIDE}" height="{SIDE}" fill="#ffffff"/>',
        *_axes(),
        *map(_dot, ordered),
        *_titles([dot for dot in reversed(ordered) if dot.placed]),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _axes() -> list[str]:
    middle, far = SIDE // 2, SIDE - EDGE
    style = 'stroke="#888888" stroke-width="1"'
    corners = (
        ("happy", far, EDGE, "end"), ("angry", EDGE, EDGE, "start"),
        ("sad", EDGE, far, "start"), ("calm (neutral)", far, far, "end"),
    )  # fmt: skip
    return [
        f'<line x1="{EDGE}" y1="{middle}" x2="{far}" y2="{middle}" {style}/>',
        f'<line x1="{middle}" y1="{EDGE}" x2="{middle}" y2="{far}" {style}/>',
        f'<text x="{far}" y="{middle - 6}" text-anchor="end">positive →</text>',
        f'<text x="{middle + 6}" y="{EDGE}">↑ lively</text>',
        *(
            f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="18">{name}</text>'
            for name, x, y, anchor in corners
        ),
    ]


def _dot(dot: Dot) -> str:
    x, y = _at(dot.place)
    colour = COLOUR[dot.place.mood] if dot.placed else _GRAY
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}" fill-opacity="0.75">'
        f"<title>{_text(dot.title)}</title></circle>"
    )


def _titles(surest: Sequence[Dot]) -> list[str]:
    """Titles at the surest songs, none over another."""
    taken: list[tuple[float, float]] = []
    drawn = []
    for dot in surest:
        x, y = _at(dot.place)
        if any(abs(y - other_y) < 14 and abs(x - other_x) < 180 for other_x, other_y in taken):
            continue
        taken.append((x, y))
        to_left = x > SIDE / 2
        anchor, shift = ("end", -7) if to_left else ("start", 7)
        title = dot.title if len(dot.title) <= 32 else dot.title[:31] + "…"
        drawn.append(
            f'<text x="{x + shift:.1f}" y="{y + 4:.1f}" text-anchor="{anchor}">'
            f"{_text(title)}</text>"
        )
        if len(drawn) == TITLES:
            break
    return drawn


def _at(place: Place) -> tuple[float, float]:
    half = (SIDE - 2 * EDGE) / 2
    return SIDE / 2 + half * place.valence, SIDE / 2 - half * place.arousal


def _text(title: str) -> str:
    """A title that XML can carry, whatever bytes a file's name has."""
    printable = title.encode("utf-8", "replace").decode("utf-8")
    return escape("".join(c if c.isprintable() else "�" for c in printable))
