"""The short fuzz, and that the harness finds what there is to find."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.mutate import mutate
from tests.fuzz.run import fuzz
from tests.fuzz.targets import TARGETS, Target

ROOT = Path(__file__).parents[2]


def test_no_reader_crashes_hangs_or_raises_what_it_should_not(tmp_path: Path) -> None:
    """In a process without threads, which it forks. `make fuzz` does the same for minutes."""
    command = [sys.executable, "-m", "tests.fuzz", "--inputs", "150", "--keep", str(tmp_path)]
    environ = {**os.environ, "PYTHONPATH": f"{ROOT / 'device'}:{ROOT}"}
    ended = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"{150 * len(TARGETS):,} damaged inputs" in ended.stdout
    assert "\n0 findings." in ended.stdout


def odd(data: bytes, folder: Path) -> None:
    """A reader with every fault, by what it is given."""
    match sum(data) % 5:
        case 0:
            os.kill(os.getpid(), signal.SIGSEGV)
        case 1:
            raise KeyError("what nobody expects")
        case 2:
            raise ValueError("a refusal")
        case 3:
            raise ValueError("")
        case _:
            return


def test_crashes_foreign_errors_and_empty_refusals_are_found_and_kept(tmp_path: Path) -> None:
    target = Target("odd", lambda _: [bytes(20)], odd, (ValueError,))
    outcome = fuzz(target, seed=1, inputs=60, keep=tmp_path)
    assert outcome.inputs == 60
    assert outcome.taken > 0
    assert outcome.refused > 0
    kinds = {told.partition(":")[0] for told in outcome.findings}
    assert kinds == {"SIGSEGV", "KeyError", "empty ValueError"}
    assert {sum(path.read_bytes()) % 5 for path in tmp_path.iterdir()} == {0, 1, 3}


def test_a_reader_that_hangs_is_ended() -> None:
    def hang(data: bytes, folder: Path) -> None:
        signal.pause()

    outcome = fuzz(Target("endless", lambda _: [b"a"], hang), seed=1, inputs=1, longest_s=1)
    assert outcome.findings == ("hangs",)


def test_the_same_seed_does_the_same_damage() -> None:
    seeds = [b"one seed", b"another"]
    first, second, other = (
        [mutate(seeds[0], seeds, rng) for _ in range(50)] for rng in map(random.Random, (1, 1, 2))
    )
    assert first == second != other
    assert len(set(first)) > 40


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_seed_is_what_its_reader_takes(target: Target, tmp_path: Path) -> None:
    """Else only refusals would be tried. GIF is for those builds of OpenCV that read it."""
    for seed in target.seeds(tmp_path):
        if target.name != "GIF":
            target.read(seed, tmp_path)
