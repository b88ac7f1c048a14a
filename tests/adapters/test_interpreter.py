"""The seam to the TFLite runtimes."""

from __future__ import annotations

import os
import sys
from types import ModuleType, SimpleNamespace

import pytest

from moodbox.adapters.interpreter import make_interpreter, runtimes
from moodbox.compose import model_folder
from moodbox.config import Config

MODEL = model_folder(Config()) / "mood.tflite"


@pytest.mark.parametrize("runtime", runtimes(), ids=lambda module: module.__name__.split(".")[0])
def test_no_runtime_talks_in_between(
    runtime: ModuleType, capfd: pytest.CaptureFixture[str]
) -> None:
    make_interpreter(MODEL, runtime)
    print("heard", file=sys.stderr, flush=True)
    assert capfd.readouterr() == ("", "heard\n")


def test_what_is_no_information_of_a_runtimes_is_heard(capfd: pytest.CaptureFixture[str]) -> None:
    class Talkative:
        @staticmethod
        def Interpreter(**_: object) -> object:  # noqa: N802 (the runtimes' name)
            return SimpleNamespace(
                allocate_tensors=lambda: os.write(2, b"INFO: so\nERROR: why\nanother thread's\n")
            )

    make_interpreter(MODEL, Talkative)
    assert capfd.readouterr() == ("", "ERROR: why\nanother thread's\n")
