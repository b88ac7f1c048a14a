"""Figures from many samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def percentiles(samples_s: Sequence[float]) -> tuple[float, float]:
    """Median and 95th percentile, in milliseconds."""
    p50_s, p95_s = np.percentile(samples_s, [50, 95])
    return float(p50_s) * 1000, float(p95_s) * 1000


def resident_mb(status: Path) -> float:
    """Resident memory in MB (10^6 bytes) of the process whose `/proc/…/status` this is."""
    for line in status.read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise ValueError(f"{status} tells no resident memory")
