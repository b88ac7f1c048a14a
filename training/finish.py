"""The end of the recipe: short runs close to the labels and to the data's own images, averaged.

A long run is varied strongly and mostly told what other clues say, which teaches it faces in
general; a few epochs at a low rate then bring it back to what FER2013 calls its moods. Several such
ends from the same weights lie in one valley: their mean is better than each.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from training.average import average, finished_file
from training.settings import Finish, Network
from training.train import train


def finish(data: Path, run: Path, out: Path, settings: Finish) -> dict[str, float]:
    """Train the ends of the finished `run`, write their mean to `out`; return its validation.

    The ends lie beside `out`, numbered, and take network, teachers and rows from `run`. Broken off,
    it goes on where it was. Raises DataError where `run` is not finished.
    """
    weights = finished_file(run, "averaged.weights.h5")
    described = json.loads(finished_file(run, "settings.json").read_text("utf-8"))
    folders = []
    for number in range(settings.ends):
        print(f"end {number + 1} of {settings.ends}", flush=True)
        own = dataclasses.replace(
            settings.train,
            network=Network(**described["network"]),
            teachers=described["teachers"],
            extra_rows=described["extra_rows"],
            start_from=str(weights),
            seed=settings.train.seed + number,
        )
        folders.append(out.with_name(f"{out.name}-{number + 1}"))
        train(data, folders[-1], own)
    figures = average(data, folders, out, own)
    _join_histories(run, out)
    return figures


def _join_histories(run: Path, out: Path) -> None:
    """Put the long run's history before the end's, the epochs counted on."""
    before = json.loads(finished_file(run, "history.json").read_text("utf-8"))
    after = json.loads((out / "history.json").read_text("utf-8"))
    last = before[-1]["epoch"]
    joined = before + [{**row, "epoch": last + row["epoch"]} for row in after]
    (out / "history.json").write_text(json.dumps(joined, indent=1) + "\n", encoding="utf-8")
