"""The one place that knows which TensorFlow Lite runtime is installed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def runtimes() -> list[Any]:
    """The TFLite runtimes that are installed, as modules, the one to use first; may be empty."""
    found: list[Any] = []
    with contextlib.suppress(ImportError):
        import tflite_runtime.interpreter

        found.append(tflite_runtime.interpreter)
    with contextlib.suppress(ImportError):
        import ai_edge_litert.interpreter

        found.append(ai_edge_litert.interpreter)
    return found


def make_interpreter(model: bytes | Path, runtime: Any = None) -> Any:
    """Build and allocate a single-threaded TFLite interpreter.

    None takes the first of `runtimes`: tflite-runtime (Python 3.11), else ai-edge-litert. One
    thread: on a Pi the other cores belong to MPD and the camera. Each runtime takes the kernels it
    prefers, litert XNNPACK's: several times as quick, and the same numbers on arm64 and x86-64,
    which its built-in kernels do not give (make test-arm64). The two runtimes round otherwise, by
    one step of the output, seldom by two.
    Raises ImportError when no runtime is there, ValueError or RuntimeError when the model is none.
    """
    module = runtime or next(iter(runtimes()), None)
    if module is None:
        raise ImportError("neither tflite-runtime nor ai-edge-litert is installed")
    source = {"model_content": model} if isinstance(model, bytes) else {"model_path": str(model)}
    interpreter = module.Interpreter(num_threads=1, **source)
    with _without_stderr():
        interpreter.allocate_tensors()
    return interpreter


@contextlib.contextmanager
def _without_stderr() -> Iterator[None]:
    """Send what is written to file descriptor 2 to nowhere.

    litert tells there which kernels it took, with no setting against it, in the middle of what the
    box tells a person. Errors are raised as well.
    """
    try:
        kept = os.dup(2)
    except OSError:  # it is closed
        yield
        return
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
