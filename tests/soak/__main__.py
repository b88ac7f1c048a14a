"""`python -m tests.soak [--seed N] [--sittings N]`: the long day, and what was counted in it."""

from __future__ import annotations

import argparse
import contextlib
import gc
import logging
import random
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.figures import resident_mb
from tests.bench.servers import KnowingServer
from tests.soak.day import Day
from tests.soak.log import Heard
from tests.soak.plan import draw
from tests.soak.silence import SONG_S, write_silence

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

MOST_GROWTH_MB = 5.0
SITTINGS = 2600
"""Come to a day of 24 hours and more."""


@contextlib.contextmanager
def _listening() -> Iterator[Heard]:
    heard, logger = Heard(), logging.getLogger("moodbox")
    level = logger.level
    logger.addHandler(heard)
    logger.setLevel(logging.INFO)
    try:
        yield heard
    finally:
        logger.removeHandler(heard)
        logger.setLevel(level)


class Outcome:
    """What a day came to."""

    def __init__(self, day: Day, began_s: float, heard: Heard) -> None:
        self.counts: Counter[str] = day.counts
        self.faults: Counter[str] = heard.counts
        self.simulated_s = day.clock.now_s() - began_s
        self.growth_mb = 0.0
        self.threads_left: list[str] = []
        self.descriptors_left = 0


def descriptors() -> int:
    """How many files, sockets and pipes this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def live(seed: int, sittings: int, folder: Path) -> Outcome:
    """Live a day of so many sittings. Raises what went wrong, with the last of the log."""
    write_silence(folder / "music")
    home = folder / "box"
    home.mkdir()
    server = KnowingServer(folder / "mpd", folder / "music", SONG_S)
    with _listening() as heard, server:
        gc.collect()  # of what came before
        threads, files = set(threading.enumerate()), descriptors()
        day = Day(server, home, heard, seed)
        began_s, settled_mb = day.clock.now_s(), 0.0
        try:
            for number, sitting in enumerate(draw(seed, sittings)):
                if number == sittings // 10:
                    settled_mb = _resident_mb()
                day.live(sitting)
            grown_mb = _resident_mb() - settled_mb
            day.end()
        except BaseException as error:
            last = "\n  ".join(heard.last)
            error.add_note(
                f"seed {seed}, sitting {day.counts['sittings']}; the log ended:\n  {last}"
            )
            raise
        finally:
            day.close()
        outcome = Outcome(day, began_s, heard)
        outcome.growth_mb = grown_mb
        outcome.threads_left = [t.name for t in threading.enumerate() if t not in threads]
        outcome.descriptors_left = descriptors() - files
    return outcome


def _resident_mb() -> float:
    gc.collect()
    return resident_mb(Path("/proc/self/status"))


def main() -> int:
    """Live a long day and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--sittings", type=int, default=SITTINGS)
    arguments = parser.parse_args()
    print(
        f"# Soak\n\n`make soak`, its last output. `make soak SEED={arguments.seed}` lives the same "
        "day again.\n",
        flush=True,
    )
    began_s = time.monotonic()
    memory = Path("/dev/shm")
    where = memory if memory.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="moodbox-soak-", dir=where) as folder:
        outcome = live(arguments.seed, arguments.sittings, Path(folder))
    print(
        f"Seed {arguments.seed}: {outcome.simulated_s / 3600:.1f} simulated hours in "
        f"{(time.monotonic() - began_s) / 60:.0f} minutes. Memory grew by "
        f"{outcome.growth_mb:.1f} MB after the first tenth (at most {MOST_GROWTH_MB:.0f}); threads "
        f"left: {len(outcome.threads_left)}; descriptors left: {outcome.descriptors_left}. Faults "
        "told, none of them twice: "
        + ", ".join(f"{number} × “{fault.strip()} …”" for fault, number in outcome.faults.items())
        + ".\n\n| what happened | times |\n|---|---|"
    )
    for what, times in sorted(outcome.counts.items(), key=lambda pair: -pair[1]):
        print(f"| {what} | {times:,} |")
    well = outcome.growth_mb <= MOST_GROWTH_MB and not outcome.threads_left
    return 0 if well and outcome.descriptors_left == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
