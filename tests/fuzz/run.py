"""Runs targets in processes of their own: a crash or an endless call is a finding like others."""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import random
import signal
import tempfile
import traceback
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fuzz.mutate import mutate

if TYPE_CHECKING:
    from tests.fuzz.targets import Target

LONGEST_S = 20
"""A single call that takes longer hangs; the longest that were seen took under a second."""

BATCH = 100
"""Inputs a process: a fresh one is cheap, and what one input leaves behind harms few others."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a target's inputs."""

    taken: int = 0
    refused: int = 0
    findings: tuple[str, ...] = ()

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(
            self.taken + other.taken,
            self.refused + other.refused,
            self.findings + other.findings,
        )

    @property
    def inputs(self) -> int:
        """How many were tried."""
        return self.taken + self.refused + len(self.findings)


def fuzz(
    target: Target, seed: int, inputs: int, keep: Path | None = None, longest_s: int = LONGEST_S
) -> Outcome:
    """Try so many damaged inputs; the same for the same seed. Findings are kept in `keep`."""
    together = Outcome()
    with tempfile.TemporaryDirectory(prefix="moodbox-fuzz-") as name:
        folder = Path(name)
        seeds = target.seeds(folder)
        for start in range(0, inputs, BATCH):
            rng = random.Random(f"{target.name} {seed} {start}")
            size = min(BATCH, inputs - start)
            batch = [target.mend(mutate(rng.choice(seeds), seeds, rng), rng) for _ in range(size)]
            together += _try_all(target, batch, folder, keep, longest_s)
    return together


def _try_all(
    target: Target, batch: list[bytes], folder: Path, keep: Path | None, longest_s: int
) -> Outcome:
    """Try inputs, going on behind one that ends the process."""
    together, at = Outcome(), 0
    while at < len(batch):
        answers = _answers(target, batch[at:], folder, longest_s)
        at += len(answers)
        for data, answer in zip(batch[at - len(answers) : at], answers, strict=True):
            kind, _, told = answer.partition(" ")
            if kind == "finding" and keep is not None:
                keep.mkdir(parents=True, exist_ok=True)
                name = f"{target.name} {zlib.crc32(data):08x}".replace(" ", "-")
                (keep / name).write_bytes(data)
            together += Outcome(
                kind == "taken", kind == "refused", (told,) if kind == "finding" else ()
            )
    return together


def _answers(target: Target, batch: list[bytes], folder: Path, longest_s: int) -> list[str]:
    """A line for each input, up to and with the one that ended the process."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        _child(target, batch, folder, writing, longest_s)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8", errors="replace") as lines:
        answers = [line.rstrip("\n") for line in lines]
    _, code = os.waitpid(process, 0)
    if os.WIFSIGNALED(code) and len(answers) < len(batch):
        number = os.WTERMSIG(code)
        hangs = number == signal.SIGALRM
        answers.append(f"finding {'hangs' if hangs else signal.Signals(number).name}")
    return answers


def _child(target: Target, batch: list[bytes], folder: Path, writing: int, longest_s: int) -> None:
    """Try inputs and tell of each; never returns."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends the process, also within foreign code
    logging.disable()
    faulthandler.disable()
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # where the libraries mutter
    with os.fdopen(writing, "w", encoding="utf-8", errors="replace") as lines:
        for data in batch:
            signal.alarm(longest_s)
            print(_answer(target, data, folder).replace("\n", " | "), file=lines, flush=True)
    os._exit(0)


def _answer(target: Target, data: bytes, folder: Path) -> str:
    try:
        target.read(data, folder)
    except target.refusals as error:
        # A refusal is a sentence for a person.
        return "refused" if str(error).strip() else f"finding empty {type(error).__name__}"
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return f"finding {type(error).__name__}: {error} ({where.filename}:{where.lineno})"
    return "taken"
