"""The one place that knows which TensorFlow Lite runtime is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def make_interpreter(model: bytes | Path) -> Any:
    """Build and allocate a single-threaded TFLite interpreter.

    ai-edge-litert is taken where it is installed (Python 3.12 and later), else tflite-runtime
    (Python 3.11). One thread: on a Pi the other cores belong to MPD and the camera. Raises
    ImportError when neither is there, ValueError or RuntimeError when the model is none.
    """
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        from tflite_runtime.interpreter import Interpreter
    source = {"model_content": model} if isinstance(model, bytes) else {"model_path": str(model)}
    interpreter = Interpreter(num_threads=1, **source)
    interpreter.allocate_tensors()
    return interpreter
