"""The one place that knows which TensorFlow Lite runtime is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def make_interpreter(model: bytes | Path) -> Any:
    """Build and allocate a single-threaded TFLite interpreter.

    ai-edge-litert is taken where it is installed (Python 3.12 and later), else tflite-runtime
    (Python 3.11). One thread: on a Pi the other cores belong to MPD and the camera. The built-in
    kernels alone: XNNPACK, which some of these runtimes take by themselves, rounds otherwise by up
    to three steps of the output (measured on 600 faces), and a reading must not depend on it.
    Raises ImportError when neither is there, ValueError or RuntimeError when the model is none.
    """
    try:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType
    except ImportError:
        from tflite_runtime.interpreter import Interpreter, OpResolverType
    source = {"model_content": model} if isinstance(model, bytes) else {"model_path": str(model)}
    kernels = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = Interpreter(num_threads=1, experimental_op_resolver_type=kernels, **source)
    interpreter.allocate_tensors()
    return interpreter
