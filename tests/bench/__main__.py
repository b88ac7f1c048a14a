"""Print the figures; each line says how it was taken."""

from __future__ import annotations

import os
import platform
import tempfile
from functools import partial
from pathlib import Path

from tests.bench import pressing, queueing, seeing, watching


def main() -> None:
    """Measure everything, and print it as it comes."""
    print("# Bench\n")
    print("`make bench`, its last output. Wall-clock times on a machine that does other things as")
    print("well are noisy: read the medians.\n")
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; "
        f"load {os.getloadavg()[0]:.1f} at the beginning."
    )
    with tempfile.TemporaryDirectory(prefix="moodbox-bench-") as name:
        folder = Path(name)
        for report in (
            seeing.report,
            partial(watching.report, folder),
            partial(pressing.report, folder),
            partial(queueing.report, folder),
        ):
            print("", *report(), sep="\n", flush=True)


if __name__ == "__main__":
    main()
