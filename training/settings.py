"""Every parameter of the recipe, in one place: `Recipe` holds the others."""

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
    patches: int = 3000
    """Patches cut from pictures without people, all sizes, as many from each picture."""
    seed: int = 2013
    """Chooses the validation groups and the patches. Change it and old validation figures mean
    nothing."""


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

    geometry_share: float = 0.75
    shift_sigma: float = 0.06
    """Of the side. The face finder's own jitter is 0.08, measured on faces put on a canvas; less
    is better for what it is asked about and costs the shifted faces little."""
    scale_sigma: float = 0.13
    """Of the logarithm of the size; the face finder's own jitter."""
    aspect_sigma: float = 0.08
    """Of the logarithm of width by height: other finders' boxes are tall."""
    roll_sigma_deg: float = 8.0
    """People tilt their heads by up to 15°: two of these."""
    edge_share: float = 0.5
    """Where the shifted image ends its edge is repeated, in the others it is mirrored."""
    gamma_share: float = 0.4
    gamma_low: float = 0.5
    gamma_high: float = 1.8
    contrast_share: float = 0.1
    """Gain 0.5–1.5 and offset ±50 gray levels: what matters of it is the clipping."""
    blur_share: float = 0.2
    blur_sigma_px: float = 1.2
    """Greatest Gaussian blur."""
    coarse_share: float = 0.15
    coarse_side_px: int = 18
    """Least side in pixels of a face that was smaller than the network's picture."""
    noise_share: float = 0.25
    noise_sigma: float = 14.0
    """Greatest sensor noise, in gray levels."""
    jpeg_share: float = 0.15
    jpeg_quality_low: int = 30
    jpeg_quality_high: int = 90
    erase_share: float = 0.15
    """A rectangle of one gray or of noise: a hand, hair, a microphone."""
    erase_side_low: float = 0.15
    erase_side_high: float = 0.42
    """Sides of the erased rectangle, of the image's side."""


@dataclass(frozen=True, slots=True)
class Train:
    """One training run."""

    network: Network = field(default_factory=Network)
    augment: Augment = field(default_factory=Augment)
    epochs: int = 48
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
    """bfloat16 activations where PyTorch trains; TensorFlow's are slower than its float32."""
    unreadable_share: float = 0.1
    """Share of each batch that becomes crops that nobody could read (`unreadable.py`)."""
    translated_share: float = 0.7
    """Share of the target that comes from other clues than the label, translated into FER2013
    labels: FER+ votes, where there is a `ferplus.csv` beside the data, and teachers; 0 uses the
    labels alone."""
    extra_rows: bool = True
    """Take the disgust and fear rows in, with the translated clues as their target."""
    distil_share: float = 0.6
    """Share of the target that is the mean answer of the networks it is distilled from."""
    validate_every: int = 4
    """Epochs between two validations; the last epoch always has one."""
    seed: int = 1


def _teacher() -> Train:
    return Train(
        network=Network(width=16),
        epochs=16,
        label_smoothing=0.05,
        translated_share=0.5,
        extra_rows=False,
    )


def _other() -> Train:
    return Train(network=Network(kind="residual", width=16), epochs=32)


def _little_varied() -> Augment:
    return Augment(
        geometry_share=0.5,
        gamma_share=0.3,
        contrast_share=0.05,
        blur_share=0.1,
        coarse_share=0.08,
        noise_share=0.15,
        jpeg_share=0.1,
        erase_share=0.1,
    )


def _distilled() -> Train:
    return Train(
        augment=_little_varied(),
        epochs=10,
        learning_rate=0.05,
        warmup_epochs=0.5,
        translated_share=0.5,
    )


def _end() -> Train:
    return Train(
        augment=_little_varied(),
        epochs=8,
        learning_rate=0.03,
        warmup_epochs=0.5,
        translated_share=0.2,
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


@dataclass(frozen=True, slots=True)
class Recipe:
    """The whole chain from random weights to the weights that ship; `recipe.py` says what each
    stage is for."""

    seed: int = 1
    """Of everything that is random in training. Change it alone to repeat the whole recipe."""
    folds: int = 4
    """As many teachers; 0 for none."""
    teacher: Train = field(default_factory=_teacher)
    base: Train = field(default_factory=Train)
    other: Train = field(default_factory=_other)
    distilled: Train = field(default_factory=_distilled)
    ends: int = 2
    """Runs that differ in their seed alone; their mean ships."""
    end: Train = field(default_factory=_end)
