"""Finds the installed TensorFlow Lite runtime and builds interpreters with it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

PIPE_BYTES = 1 << 16
"""Capacity of a pipe."""


def runtimes() -> list[Any]:
    """The installed TFLite runtimes as modules, the preferred one first; may be empty."""
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

    `runtime` None takes the first of `runtimes()`: tflite-runtime (Python 3.11), else
    ai-edge-litert. One thread, because on a Pi MPD and the camera need the other cores. Each
    runtime uses its default kernels, litert XNNPACK's: they are several times as fast as its
    built-in ones and, unlike those, give the same numbers on arm64 and x86-64 (make test-arm64).
    The two runtimes round differently, by one step of the output, rarely by two.
    Raises ImportError without a runtime, ValueError or RuntimeError if `model` is not a model.
    """
    module = runtime or next(iter(runtimes()), None)
    if module is None:
        raise ImportError("neither tflite-runtime nor ai-edge-litert is installed")
    source = {"model_content": model} if isinstance(model, bytes) else {"model_path": str(model)}
    interpreter = module.Interpreter(num_threads=1, **source)
    with _without_info():
        interpreter.allocate_tensors()
    return interpreter


@contextlib.contextmanager
def _without_info() -> Iterator[None]:
    """Drop lines that begin with INFO from what is written to file descriptor 2 meanwhile.

    litert writes there which kernels it uses, has no setting to stop that, and so would break into
    messages for a person. All other lines are passed on afterwards.
    """
    try:
        kept = os.dup(2)
    except OSError:  # file descriptor 2 is closed
        yield
        return
    # A pipe and no file, since the daemon writes no files outside its own folders.
    read_end, write_end = os.pipe()
    # A child process that was started meanwhile may keep the other end open.
    os.set_blocking(read_end, False)
    try:
        os.dup2(write_end, 2)
        yield
    finally:
        os.dup2(kept, 2)
        for descriptor in (kept, write_end):
            os.close(descriptor)
        with contextlib.suppress(BlockingIOError):
            written = os.read(read_end, PIPE_BYTES).splitlines(keepends=True)
            os.write(2, b"".join(line for line in written if not line.startswith(b"INFO: ")))
        os.close(read_end)
