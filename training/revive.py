"""Goes on from a shipped int8 file: its weights as floats, in a network that can be trained.

Runs are large and are not kept; the file is. The converter folded every BatchNorm into its
convolution, so each is given anew: the kernels at the size of a fresh network's (BatchNorm makes
their size a matter of the learning rate alone), and scale and offset so that the network says what
the file says.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from moodbox.adapters.interpreter import make_interpreter
from moodbox.core.seeing.preprocess import standardise
from training.model import FastBatchNorm, build
from training.settings import Network

Floats = npt.NDArray[np.float32]


def revive(file: Path, network: Network, images: npt.NDArray[np.uint8]) -> list[Floats]:
    """Weights for `build(network)`, a plain one, with which it says what the TFLite `file` says.

    `images` (N, 48, 48) are training images that BatchNorm's statistics are taken from. Raises
    ValueError where the file holds another network.
    """
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        model = build(network)
    finally:
        keras.config.set_dtype_policy(policy)
    kernels, biases = _constants(file)
    layers = [layer for layer in model.layers if layer.weights and hasattr(layer, "kernel")]
    if [tuple(layer.kernel.shape) for layer in layers] != [kernel.shape for kernel in kernels]:
        raise ValueError(f"{file}: holds another network than the settings name")
    seen: Any = standardise(images)[..., None]
    for layer in model.layers[1:]:
        if isinstance(layer, keras.layers.Conv2D):
            kernel, bias = kernels.pop(0), biases.pop(0)
            # He's start gives each output channel a kernel of norm √2.
            sizes = np.sqrt(np.square(kernel).sum(axis=(0, 1, 2)) / 2) + 1e-9
            layer.kernel.assign(kernel / sizes)
        elif isinstance(layer, keras.layers.Dense):
            layer.kernel.assign(kernels.pop(0))
            layer.bias.assign(biases.pop(0))
        elif isinstance(layer, FastBatchNorm):
            mean, variance = seen.mean(axis=(0, 1, 2)), seen.var(axis=(0, 1, 2))
            layer.gamma.assign(sizes * np.sqrt(variance + layer.epsilon))
            layer.beta.assign(bias + sizes * mean)
            layer.moving_mean.assign(mean)
            layer.moving_variance.assign(variance)
        seen = keras.ops.convert_to_numpy(keras.ops.stop_gradient(layer(seen, training=False)))
    return [keras.ops.convert_to_numpy(weight.value) for weight in model.weights]


def _constants(file: Path) -> tuple[list[Floats], list[Floats]]:
    """Kernels (H, W, in, out) or (in, out), and biases, from the input to the logits."""
    interpreter = make_interpreter(file)
    kernels, biases = [], []
    # The converter writes constants from the last layer to the first.
    for tensor in reversed(interpreter.get_tensor_details()):
        scales = tensor["quantization_parameters"]["scales"]
        if len(scales) < 2:
            continue
        integers = interpreter.get_tensor(tensor["index"]).astype(np.float32)
        if tensor["dtype"] is np.int32:
            biases.append(integers * scales)
        else:
            kernels.append(
                np.moveaxis(integers * scales.reshape(-1, *[1] * (integers.ndim - 1)), 0, -1)
            )
    return kernels, biases
