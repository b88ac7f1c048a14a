"""The networks: plain stages in the manner of VGG, or residual ones; both end in five logits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras

from moodbox.core.mood import Mood
from moodbox.core.seeing.preprocess import SIDE_PX
from training.settings import Network
from training.source import DataError

STAGES = (1, 2, 4, 8)
"""Channels of each stage in units of the width."""


@keras.saving.register_keras_serializable(package="moodbox")
class FastBatchNorm(keras.layers.BatchNormalization):  # type: ignore[misc]
    """BatchNorm that uses PyTorch's fused kernel in training, where PyTorch is the backend.

    Keras takes the moments by single operations there, which doubles the time of a whole step in
    bfloat16 on a processor (116 against 60 s an epoch). Elsewhere this is Keras's own layer.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalise (N, H, W, C); in training by the batch, and move the running statistics."""
        if not training or keras.backend.backend() != "torch" or len(inputs.shape) != 4:
            return super().call(inputs, training=training, mask=mask)
        import torch

        # A transposed view of NHWC is exactly PyTorch's channels-last layout: nothing is copied.
        result = torch.nn.functional.batch_norm(
            inputs.permute(0, 3, 1, 2),
            self.moving_mean.value,
            self.moving_variance.value,
            self.gamma.value,
            self.beta.value,
            training=True,
            momentum=1.0 - self.momentum,
            eps=self.epsilon,
        )
        return result.permute(0, 2, 3, 1)


def build(network: Network) -> Any:
    """Build the Keras model (N, 48, 48, 1) standardised float → (N, 5) float32 logits."""
    builders = {"plain": _plain, "residual": _residual}
    if network.kind not in builders:
        raise ValueError(f"network.kind is {network.kind!r}, it must be plain or residual")
    inputs = keras.Input((SIDE_PX, SIDE_PX, 1))
    x = builders[network.kind](inputs, network.width)
    x = keras.layers.GlobalAveragePooling2D(name="features")(x)
    if network.dropout:
        x = keras.layers.Dropout(network.dropout)(x)
    outputs = keras.layers.Dense(len(Mood), dtype="float32", name="logits")(x)
    return keras.Model(inputs, outputs)


def load_run(run: Path) -> Any:
    """Rebuild a finished run's network with its averaged weights, in the precision in force.

    Raises DataError where the run is not finished.
    """
    weights = run / "averaged.weights.h5"
    if not weights.is_file():
        raise DataError(f"{weights}: no finished training here. Run: python -m training train")
    settings = json.loads((run / "settings.json").read_text(encoding="utf-8"))
    model = build(Network(**settings["network"]))
    model.load_weights(weights)
    return model


def _conv(x: Any, channels: int, *, size: int = 3, stride: int = 1) -> Any:
    x = keras.layers.Conv2D(
        channels, size, stride, padding="same", use_bias=False, kernel_initializer="he_normal"
    )(x)
    return FastBatchNorm(momentum=0.9)(x)


def _plain(x: Any, width: int) -> Any:
    for stage, multiple in enumerate(STAGES):
        if stage:
            x = keras.layers.MaxPooling2D()(x)
        for conv in range(2):
            x = _conv(x, width * multiple)
            x = keras.layers.ReLU(name=f"stage{stage + 1}_{conv + 1}")(x)
    return x


def _residual(x: Any, width: int) -> Any:
    x = keras.layers.ReLU(name="stem")(_conv(x, width))
    for stage, multiple in enumerate(STAGES):
        for block in range(2):
            stride = 2 if stage and not block else 1
            shortcut = x
            if stride == 2:
                # Pooling before a 1×1 convolution throws nothing away, as a stride in it would;
                # and the gradient of the strided one crashes TensorFlow 2.20's oneDNN kernels.
                shortcut = _conv(keras.layers.AveragePooling2D(2)(x), width * multiple, size=1)
            x = keras.layers.ReLU()(_conv(x, width * multiple, stride=stride))
            x = keras.layers.Add()([_conv(x, width * multiple), shortcut])
            x = keras.layers.ReLU(name=f"stage{stage + 1}_{block + 1}")(x)
    return x


def multiply_adds(model: Any) -> int:
    """Multiply-adds of one invocation: convolutions and dense layers."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            total += _area(layer) * _count(layer)
        elif isinstance(layer, keras.layers.Dense):
            total += _count(layer)
    return total


def _area(layer: Any) -> int:
    return int(layer.output.shape[1] * layer.output.shape[2])


def _count(layer: Any) -> int:
    count = 1
    for size in layer.kernel.shape:
        count *= int(size)
    return count
