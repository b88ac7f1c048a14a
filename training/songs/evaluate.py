"""What the ear is worth, by artist: the table of docs/sorting.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from training.songs.fit import Float, Int


@dataclass(frozen=True)
class Figures:
    """How right an ear is on songs of artists that it has not learned from; shares 0–1."""

    right: float
    """Of all."""
    right_of_half: float
    """Of the surer half."""
    opposite_of_half: float
    """Of the surer half, those in the corner opposite to the right one."""
    placed: float
    """Sure enough and familiar."""
    right_of_placed: float
    opposite_of_placed: float
    log_loss: float


def figures(probability: Float, distance: Float, quadrant: Int, least: float) -> Figures:
    """Figures of songs (N,) with probabilities (N, 4) and distances (N,) in units of far."""
    guess, confidence = probability.argmax(1), probability.max(1)
    right, opposite = guess == quadrant, (guess - quadrant) % 4 == 2
    half = np.argsort(-confidence)[: len(guess) // 2]
    placed = (confidence >= least) & (distance <= 1)
    of_right = probability[np.arange(len(guess)), quadrant]
    return Figures(
        float(right.mean()),
        float(right[half].mean()),
        float(opposite[half].mean()),
        float(placed.mean()),
        float(right[placed].mean()) if placed.any() else 0.0,
        float(opposite[placed].mean()) if placed.any() else 0.0,
        float(-np.log(of_right).mean()),
    )


def table_head() -> str:
    """The head of a Markdown table of figures."""
    return (
        "| ear | all right | surer half right | opposite | placed | placed right | opposite |"
        " log loss |\n|---|---|---|---|---|---|---|---|"
    )


def table_row(name: str, row: Figures) -> str:
    """One row of it."""
    return (
        f"| {name} | {row.right:.1%} | {row.right_of_half:.1%} | {row.opposite_of_half:.1%} |"
        f" {row.placed:.1%} | {row.right_of_placed:.1%} | {row.opposite_of_placed:.1%} |"
        f" {row.log_loss:.3f} |"
    )


def confusion(probability: Float, quadrant: Int) -> str:
    """Who is taken for whom: rows the right quadrant, columns what the ear says."""
    counts = np.zeros((4, 4), int)
    np.add.at(counts, (quadrant, probability.argmax(1)), 1)
    lines = ["| right \\ heard | happy | angry | sad | calm |", "|---|---|---|---|---|"]
    for name, row in zip(("happy", "angry", "sad", "calm"), counts, strict=True):
        lines.append(f"| {name} | " + " | ".join(map(str, row)) + " |")
    return "\n".join(lines)
