"""The seam to the TFLite runtimes."""

from __future__ import annotations

import sys
from types import ModuleType

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
