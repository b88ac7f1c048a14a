"""A progress bar: how far, how long still, and what is being heard."""

from __future__ import annotations

CELLS = 20


def bar(done: int, total: int, heard: int, elapsed_s: float, name: str, width: int = 100) -> str:
    """One line of at most `width` characters.

    `heard` of the `done` songs were really listened to, in `elapsed_s`; the others were known, and
    say nothing of how long the rest will take.
    """
    filled = CELLS * done // max(1, total)
    left = f"{remaining(elapsed_s / heard * (total - done))} left" if heard else "beginning"
    text = f"[{'#' * filled}{'.' * (CELLS - filled)}] {done:,} of {total:,}, {left}  {name}"
    printable = "".join(c if c.isprintable() else "?" for c in text)
    return printable[: width - 1].ljust(width - 1)


def remaining(seconds: float) -> str:
    """A duration as a person says it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
