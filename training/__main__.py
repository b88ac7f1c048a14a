"""`python -m training STEP`: from the data to the model folder, a step at a time or all of them."""

from __future__ import annotations

import argparse
import dataclasses
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from training.settings import ROOT, Export, Finish, Prepare, Teach, Train
from training.source import DataError

FINISHED = "-finished"
"""What `finish` adds to a run's name."""


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
        help="a parameter of the training run in settings.py: epochs=120, network.width=16",
    )
    parser.add_argument(
        "--of", default="", metavar="RUN,RUN", help="average: the runs whose weights' mean is --run"
    )
    parser.add_argument("--write", action="store_true", help="evaluate: keep figures in --model")
    parser.add_argument("--quick", action="store_true", help="evaluate: the 6,043 images alone")
    return parser


def _prepare(options: argparse.Namespace) -> int:
    from training.prepare import describe, prepare

    if options.data is None:
        raise DataError("--data is missing: the folder or the file of FER2013")
    print(describe(prepare(options.data, options.runs / "data", Prepare())))
    return 0


def _train(options: argparse.Namespace) -> int:
    # Two threads that wait actively lose nine tenths of their time to a third busy process.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from training.train import train

    settings = override(Train(), options.set)
    last = train(options.runs / "data", options.runs / options.run, settings)
    print(f"validation accuracy {last['accuracy']:.1%} after {settings.epochs} epochs")
    return 0


def _finish(options: argparse.Namespace) -> int:
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from training.finish import finish

    data, run = options.runs / "data", options.runs / options.run
    out = run.with_name(run.name + FINISHED)
    last = finish(data, run, out, override(Finish(), options.set))
    print(f"validation accuracy {last['accuracy']:.1%}: {out}")
    return 0


def _average(options: argparse.Namespace) -> int:
    from training.average import average

    runs = [options.runs / name for name in options.of.split(",") if name]
    if len(runs) < 2:
        raise ValueError("average needs --of RUN,RUN: the runs whose weights' mean is wanted")
    settings = override(Train(), options.set)
    last = average(options.runs / "data", runs, options.runs / options.run, settings)
    print("  ".join(f"{name} {value:.4f}" for name, value in last.items()))
    return 0


def _teach(options: argparse.Namespace) -> int:
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from training.teach import describe, teach

    data = options.runs / "data"
    print(teach(data, options.runs / "teachers", override(Teach(), options.set)))
    print("\n".join(describe(data / "train.npz")))
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
        write=options.write, quick=options.quick,
    )  # fmt: skip


def _report(options: argparse.Namespace) -> int:
    from training.report import report

    for path in report(options.runs / options.run, options.model):
        print(path)
    return 0


def _all(options: argparse.Namespace) -> int:
    """Every step; the later ones in processes of their own, where TensorFlow is the backend."""
    code = _prepare(options)
    if not code and override(Train(), options.set).teachers:
        code = _teach(argparse.Namespace(**{**vars(options), "set": []}))
    code = code or _train(options) or _finish(argparse.Namespace(**{**vars(options), "set": []}))
    for step in ("export", "evaluate", "report"):
        if code:
            return code
        command = [sys.executable, "-m", "training", step, "--write"]
        command += [
            "--runs",
            str(options.runs),
            "--run",
            options.run + FINISHED,
            "--model",
            str(options.model),
        ]
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


STEPS = {
    "prepare": _prepare,
    "teach": _teach,
    "train": _train,
    "finish": _finish,
    "average": _average,
    "export": _export,
    "evaluate": _evaluate,
    "report": _report,
    "all": _all,
}

if __name__ == "__main__":
    sys.exit(main())
