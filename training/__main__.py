"""`python -m training STEP`: from the data to the model folder, a step at a time or all of them."""

from __future__ import annotations

import argparse
import dataclasses
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from training.settings import ROOT, Export, Prepare, Recipe
from training.source import DataError


def main(arguments: list[str] | None = None) -> int:
    """Run one step, or all of them; 0 when it went well, 1 with a sentence when it did not."""
    options = _parser().parse_args(arguments)
    try:
        code: int = STEPS[options.step](options)
    except (DataError, ValueError, FloatingPointError) as error:
        print(f"training: {error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(
            f"training: the package {error.name} is missing. Run: make model, "
            "or pip install -e '.[training]'",
            file=sys.stderr,
        )
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("step", choices=list(STEPS))
    parser.add_argument("--data", type=Path, help="FER2013: its CSV, or the folder that holds it")
    parser.add_argument("--runs", type=Path, default=ROOT / "runs", help="where runs are kept")
    parser.add_argument("--run", default="mood-v1", help="name of the run within --runs")
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "mood-v1")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a parameter of the recipe in settings.py: seed=2, base.epochs=60",
    )
    parser.add_argument(
        "--no-faces", type=Path, help="prepare: a folder of pictures without people, cut to patches"
    )
    parser.add_argument(
        "--stills", type=Path, help="evaluate: pictures from elsewhere in a folder for each mood"
    )
    parser.add_argument("--write", action="store_true", help="evaluate: keep figures in --model")
    parser.add_argument("--quick", action="store_true", help="evaluate: the 6,043 images alone")
    parser.add_argument("--tried", action="store_true", help="evaluate-songs: every variant tried")
    return parser


def _prepare(options: argparse.Namespace) -> int:
    from training.prepare import describe, prepare

    if options.data is None:
        raise DataError("--data is missing: the folder or the file of FER2013")
    facts = prepare(options.data, options.runs / "data", Prepare(), options.no_faces)
    print(describe(facts))
    return 0


def _train(options: argparse.Namespace) -> int:
    # Two threads that wait actively lose nine tenths of their time to a third busy process.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from training.recipe import follow

    recipe = override(Recipe(), options.set)
    figures = follow(options.runs / "data", options.runs / options.run, recipe)
    print(f"validation accuracy {figures['accuracy']:.1%}: {options.runs / options.run}")
    return 0


def _export(options: argparse.Namespace) -> int:
    from training.export import export

    manifest = export(options.runs / "data", options.runs / options.run, options.model, Export())
    print(f"{options.model / manifest['file']}: sha256 {manifest['sha256']}")
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from training.evaluate import run

    if options.data is not None:
        _prepare(options)
    return run(
        options.runs, options.runs / options.run, options.model,
        write=options.write, quick=options.quick, stills=options.stills,
    )  # fmt: skip


def _report(options: argparse.Namespace) -> int:
    from training.report import report

    for path in report(options.runs / options.run, options.model):
        print(path)
    return 0


def _all(options: argparse.Namespace) -> int:
    """Every step; the later ones in processes of their own, where TensorFlow is the backend."""
    code = _prepare(options) or _train(options)
    for step in ("export", "evaluate", "report"):
        if code:
            return code
        command = [sys.executable, "-m", "training", step, "--write"]
        for name in ("runs", "run", "model", "stills"):
            if getattr(options, name) is not None:
                command += [f"--{name}", str(getattr(options, name))]
        environment = {**os.environ, "KERAS_BACKEND": "tensorflow"}
        code = subprocess.run(command, env=environment, check=False).returncode
    return code


def override(settings: Any, assignments: list[str]) -> Any:
    """Return `settings` with `key=value` assignments in force; dots reach into nested settings.

    Raises ValueError for an unknown key or a value of another type.
    """
    for assignment in assignments:
        key, _, text = assignment.partition("=")
        settings = _assign(settings, key.split("."), text, assignment)
    return settings


def _assign(settings: Any, keys: list[str], text: str, assignment: str) -> Any:
    names = [field.name for field in dataclasses.fields(settings)]
    if keys[0] not in names:
        raise ValueError(f"--set {assignment}: no such parameter; there are {', '.join(names)}")
    old = getattr(settings, keys[0])
    if len(keys) > 1 and dataclasses.is_dataclass(old):
        return dataclasses.replace(settings, **{keys[0]: _assign(old, keys[1:], text, assignment)})
    if len(keys) > 1 or dataclasses.is_dataclass(old):
        raise ValueError(f"--set {assignment}: {keys[0]} has {'no' if len(keys) > 1 else ''} parts")
    truth = {"true": True, "false": False}
    try:
        value = truth[text.lower()] if isinstance(old, bool) else type(old)(text)
    except (KeyError, ValueError):
        kind = type(old).__name__
        raise ValueError(f"--set {assignment}: {text!r} is no {kind}") from None
    return dataclasses.replace(settings, **{keys[0]: value})


def _songs(options: argparse.Namespace) -> int:
    from training.songs.commands import train_songs

    train_songs(_song_data(options))
    return 0


def _evaluate_songs(options: argparse.Namespace) -> int:
    from training.songs.commands import evaluate_songs

    evaluate_songs(_song_data(options), tried=options.tried)
    return 0


def _song_data(options: argparse.Namespace) -> Path:
    if options.data is None:
        raise DataError("give --data the folder with songs.csv and clips/")
    data: Path = options.data
    return data


STEPS = {
    "prepare": _prepare,
    "train": _train,
    "export": _export,
    "evaluate": _evaluate,
    "report": _report,
    "all": _all,
    "songs": _songs,
    "evaluate-songs": _evaluate_songs,
}

if __name__ == "__main__":
    sys.exit(main())
