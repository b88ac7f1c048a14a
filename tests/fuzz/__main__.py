"""`make fuzz`: damage for minutes, and a table of what came of it."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2

from tests.fuzz.run import LONGEST_S, Outcome, fuzz
from tests.fuzz.targets import TARGETS

ROUND = 500
"""Inputs of a target, times its weight, before the next has its turn."""


def main() -> int:
    """Go round the targets until the time is over; 1 when anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--inputs", type=int, help="of each target, once round, however long")
    parser.add_argument("--only", help="the name of one target")
    parser.add_argument("--keep", type=Path, default=Path("build/fuzz"), help="for what was found")
    arguments = parser.parse_args()
    targets = [t for t in TARGETS if arguments.only in (None, t.name)]
    outcomes = {target.name: Outcome() for target in targets}
    until_s, turn = time.monotonic() + 60 * arguments.minutes, 0
    while turn == 0 or (arguments.inputs is None and time.monotonic() < until_s):
        for target in targets:
            inputs = arguments.inputs or ROUND * target.weight
            seed = arguments.seed + 1_000_000 * turn
            outcomes[target.name] += fuzz(target, seed, inputs, arguments.keep)
        turn += 1
    print("\n".join(report(outcomes, arguments.seed, turn)))
    return 1 if any(outcome.findings for outcome in outcomes.values()) else 0


def report(outcomes: dict[str, Outcome], seed: int, rounds: int) -> list[str]:
    """The outcome as Markdown."""
    inputs = sum(outcome.inputs for outcome in outcomes.values())
    found = sum(len(outcome.findings) for outcome in outcomes.values())
    lines = [
        "# Fuzz",
        "",
        f"`make fuzz`, its last output: {inputs:,} damaged inputs in {rounds} rounds, seed {seed};",
        f"{found} findings. A finding is a crash, a call of more than {LONGEST_S} s, or an error",
        f"that is none of the reader's refusals. OpenCV {cv2.__version__}.",
        "",
        "| reader of | inputs | taken | refused | findings |",
        "|---|---|---|---|---|",
    ]
    for name, outcome in outcomes.items():
        counts = (outcome.inputs, outcome.taken, outcome.refused, len(outcome.findings))
        lines.append(f"| {name} | " + " | ".join(f"{count:,}" for count in counts) + " |")
    for name, outcome in outcomes.items():
        told = sorted(set(outcome.findings))
        lines += [f"\n- {name}: {each} (×{outcome.findings.count(each)})" for each in told]
    return lines


if __name__ == "__main__":
    raise SystemExit(main())
