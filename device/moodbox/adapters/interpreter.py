"""The one place that knows which TensorFlow Lite runtime is installed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

PIPE_BYTES = 1 << 16
"""What a pipe holds."""


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
    with _without_info():
        interpreter.allocate_tensors()
    return interpreter


@contextlib.contextmanager
def _without_info() -> Iterator[None]:
    """Keep back the lines that begin with INFO from what is written to file descriptor 2.

    litert tells there which kernels it took, with no setting against it, in the middle of what the
    box tells a person. Everything else goes where it was to go, a little later.
    """
    try:
        kept = os.dup(2)
    except OSError:  # it is closed
        yield
        return
    # A pipe, since the daemon opens nothing for writing outside its own folders.
    read_end, write_end = os.pipe()
    os.set_blocking(read_end, False)  # a child that was started meanwhile may keep the other end
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
