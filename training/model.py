"""The networks: plain stages in the manner of VGG, or residual ones; both end in six logits."""

from __future__ import annotations

from typing import Any

import keras

from moodbox.core.mood import Mood
from moodbox.core.seeing.preprocess import SIDE_PX
from moodbox.core.seeing.reading import UNREADABLE
from training.settings import Network

OUTPUTS: tuple[str, ...] = (*Mood, UNREADABLE)

STAGES = (1, 2, 4, 8)
"""Channels of each stage in units of the width."""


@keras.saving.register_keras_serializable(package="moodbox")
class FastBatchNorm(keras.layers.BatchNormalization):  # type: ignore[misc]
    """BatchNorm that uses PyTorch's fused kernel in training, where PyTorch is the backend.

    Keras takes the moments by single operations there, which doubles the time of a whole step in
    bfloat16 on a processor (116 against 60 s an epoch). Elsewhere this is Keras's own layer.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalise (N, C, H, W); in training by the batch, and move the running statistics."""
        if not training or keras.backend.backend() != "torch":
            return super().call(inputs, training=training, mask=mask)
        import torch

        return torch.nn.functional.batch_norm(
            # The fastest layout for a processor; the layers after this one keep it.
            inputs.contiguous(memory_format=torch.channels_last),
            self.moving_mean.value,
            self.moving_variance.value,
            self.gamma.value,
            self.beta.value,
            training=True,
            momentum=1.0 - self.momentum,
            eps=self.epsilon,
        )


def build(network: Network) -> Any:
    """Build the Keras model (N, 48, 48, 1) standardised float → (N, 6) float32 logits."""
    builders = {"plain": _plain, "residual": _residual}
    if network.kind not in builders:
        raise ValueError(f"network.kind is {network.kind!r}, it must be plain or residual")
    inputs = keras.Input((SIDE_PX, SIDE_PX, 1))
    x = inputs
    if _order() == "channels_first":
        x = keras.layers.Reshape((1, SIDE_PX, SIDE_PX))(x)
    x = builders[network.kind](x, network.width)
    x = keras.layers.GlobalAveragePooling2D(data_format=_order(), name="features")(x)
    if network.dropout:
        x = keras.layers.Dropout(network.dropout)(x)
    outputs = keras.layers.Dense(len(OUTPUTS), dtype="float32", name="logits")(x)
    return keras.Model(inputs, outputs)


def _order() -> str:
    """Where the channels are. With them last Keras copies every picture around PyTorch's layers.

    The weights are the same either way, so another backend reads what this one wrote.
    """
    return "channels_first" if keras.backend.backend() == "torch" else "channels_last"


def _conv(x: Any, channels: int, *, size: int = 3, stride: int = 1) -> Any:
    x = keras.layers.Conv2D(
        channels, size, stride, padding="same", data_format=_order(), use_bias=False,
        kernel_initializer="he_normal",
    )(x)  # fmt: skip
    return FastBatchNorm(axis=1 if _order() == "channels_first" else -1, momentum=0.9)(x)


def _plain(x: Any, width: int) -> Any:
    for stage, multiple in enumerate(STAGES):
        if stage:
            x = keras.layers.MaxPooling2D(data_format=_order())(x)
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
                pool = keras.layers.AveragePooling2D(2, data_format=_order())
                # Pooling before a 1×1 convolution throws nothing away, as a stride in it would;
                # and the gradient of the strided one crashes TensorFlow 2.20's oneDNN kernels.
                shortcut = _conv(pool(x), width * multiple, size=1)
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
    _, *sides = layer.output.shape
    sides.pop(0 if layer.data_format == "channels_first" else -1)
    return int(sides[0] * sides[1])


def _count(layer: Any) -> int:
    count = 1
    for size in layer.kernel.shape:
        count *= int(size)
    return count
