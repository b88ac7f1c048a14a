"""Every parameter of the recipe, in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Prepare:
    """How the rows of FER2013 become a training file and a test file."""

    near_copy_correlation: float = 0.96
    """Two images whose 12×12 block means correlate above this are one photo. Looking at pairs:
    above 0.96 nearly all are recompressed or recropped copies, below 0.94 mostly two people."""
    validation_share: float = 1 / 12
    """Share of the training rows that is kept for validation, whole groups of near-copies."""
    seed: int = 2013
    """Chooses the validation groups. Change it and old validation figures mean nothing."""


@dataclass(frozen=True, slots=True)
class Network:
    """The network's shape."""

    kind: str = "plain"
    """`plain`: two 3×3 convolutions and a pooling a stage; `residual`: two basic blocks a stage."""
    width: int = 32
    """Channels of the first of four stages; each stage doubles them."""
    dropout: float = 0.2
    """Share of the pooled features dropped in training."""


@dataclass(frozen=True, slots=True)
class Augment:
    """How training images are varied: like the device's own crops, and a little beyond.

    Each `*_share` is the share of the images that a variation touches.
    """

    geometry_share: float = 0.85
    shift_sigma: float = 0.08
    """Of the side. The face finder's own jitter, measured on faces put on a canvas."""
    scale_sigma: float = 0.13
    """Of the logarithm of the size; the face finder's own jitter."""
    roll_sigma_deg: float = 8.0
    """People tilt their heads by up to 15°: two of these."""
    edge_share: float = 0.5
    """Where the shifted image ends its edge is repeated, in the others it is mirrored."""
    gamma_share: float = 0.4
    gamma_low: float = 0.5
    gamma_high: float = 1.8
    contrast_share: float = 0.25
    """Gain 0.5–1.5 and offset ±50 gray levels: what matters of it is the clipping."""
    blur_share: float = 0.2
    blur_sigma_px: float = 1.2
    """Greatest Gaussian blur."""
    noise_share: float = 0.25
    noise_sigma: float = 14.0
    """Greatest sensor noise, in gray levels."""
    jpeg_share: float = 0.15
    jpeg_quality_low: int = 30
    jpeg_quality_high: int = 90
    erase_share: float = 0.35
    """A rectangle of one gray or of noise: a hand, hair, a microphone."""
    erase_side_low: float = 0.15
    erase_side_high: float = 0.42
    """Sides of the erased rectangle, of the image's side."""


@dataclass(frozen=True, slots=True)
class Train:
    """One training run."""

    network: Network = field(default_factory=Network)
    augment: Augment = field(default_factory=Augment)
    calm_augment: Augment = field(
        default_factory=lambda: Augment(
            geometry_share=0.75, shift_sigma=0.06, contrast_share=0.1, erase_share=0.1
        )
    )
    """How images are varied in the last epochs: occluded and clipped less often, and shifted less,
    since what it is asked about later is mostly not."""
    calm_epochs: int = 26
    """The last epochs, varied by `calm_augment`; 0 for none."""
    epochs: int = 60
    batch_size: int = 128
    learning_rate: float = 0.1
    """At the top of the cosine."""
    warmup_epochs: float = 1.0
    momentum: float = 0.9
    """Nesterov's."""
    weight_decay: float = 5e-3
    """Decoupled from the momentum, so ten times the usual 5e-4 of the coupled form. Spares biases
    and BatchNorm."""
    label_smoothing: float = 0.0
    """0.05 helps where targets are labels alone; translated ones are soft already."""
    class_weight_power: float = 0.5
    """Weights of the softmax loss are frequency ** -power: 1 is the paper's, 0.5 its square root,
    0 none."""
    average_momentum: float = 0.998
    """Of the moving average of the weights, a step; 0.998 looks back about three epochs."""
    recalibration_batches: int = 40
    """Batches that BatchNorm's statistics are taken from for the averaged weights."""
    mixed_precision: bool = True
    """bfloat16 activations. Turn it off where the processor has no bfloat16 multiply."""
    translated_share: float = 0.7
    """Share of the target that comes from other clues than the label, translated into FER2013
    labels: FER+ votes, where there is a `ferplus.csv` beside the data, and teachers; 0 uses the
    labels alone."""
    teachers: bool = True
    """Take the teachers' out-of-fold logits (`python -m training teach`) as clues."""
    extra_rows: bool = True
    """Take the disgust and fear rows in, with the translated clues as their target."""
    start_from: str = ""
    """What to start from instead of random weights: a Keras weights file, or the `.tflite` of a
    plain network of the same width; empty for none."""
    watched: str = ""
    """Networks that answer the very images which this run sees, separated by commas: folders of
    finished runs, or a shipped `.tflite` of these defaults' network; empty for none."""
    watched_share: float = 0.7
    """Share of the target that is the watched networks' mean answer."""
    validate_every: int = 1
    """Epochs between two looks at the validation rows; the last epoch always has one."""
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Teach:
    """The teachers: small networks, each trained without one fold, that label the fold they missed.

    Their logits tell a student how sure to be of each row; since no teacher knew the row, they
    are no echo of its label.
    """

    folds: int = 4
    train: Train = field(
        default_factory=lambda: Train(
            network=Network(width=16),
            calm_epochs=0,
            epochs=18,
            label_smoothing=0.05,
            extra_rows=False,
            translated_share=0.5,
            teachers=False,
            validate_every=3,
        )
    )
    seed: int = 5
    """Deals the groups of near-copies out to the folds."""


@dataclass(frozen=True, slots=True)
class Finish:
    """The end of the recipe: short runs from the long one's weights, and the mean of theirs."""

    ends: int = 2
    """Runs that differ in their seed alone: `train.seed`, and so on upwards."""
    train: Train = field(
        default_factory=lambda: Train(
            augment=Augment(
                geometry_share=0.5,
                shift_sigma=0.06,
                gamma_share=0.3,
                contrast_share=0.05,
                blur_share=0.1,
                noise_share=0.15,
                jpeg_share=0.1,
                erase_share=0.1,
            ),
            calm_epochs=0,
            epochs=8,
            learning_rate=0.03,
            warmup_epochs=0.5,
            translated_share=0.2,
            validate_every=2,
            seed=81,
        )
    )


@dataclass(frozen=True, slots=True)
class Export:
    """From float32 weights to the model folder."""

    calibration_images: int = 1024
    """Training images, a fixed choice, that the ranges of the int8 file are taken from."""
    mirrored_look: bool = True
    """A second, mirrored look with averaged logits: +0.5 point for twice the time."""
    seed: int = 11
    """Chooses the calibration images and the jitter of the sequences."""
