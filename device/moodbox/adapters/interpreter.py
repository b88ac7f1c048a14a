"""The one place that knows which TensorFlow Lite runtime is installed."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


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
    interpreter.allocate_tensors()
    return interpreter
