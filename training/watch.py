"""Networks that answer the very images which the student sees, varied as they are.

A teacher's answer to the image as it lies in the file says nothing of a shifted, blurred or covered
one; its answer to the varied image does, and each epoch has new ones (Beyer et al. 2022,
"Knowledge distillation: a good teacher is patient and consistent").
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from moodbox.core.seeing.reading import softmax
from training.model import build, load_run
from training.revive import revive
from training.settings import Network, Train
from training.targets import Floats


class Watched:
    """The networks of `settings.watched`, in the precision of the run that watches them."""

    def __init__(self, settings: Train, images: npt.NDArray[np.uint8]) -> None:
        """Build them; `images` (N, 48, 48) are training images, as `revive` takes them.

        Raises DataError where one of them is not there.
        """
        names = filter(None, settings.watched.split(","))
        self._networks = [_network(Path(name), images) for name in names]
        self._share = settings.watched_share

    def blend(self, inputs: Floats, targets: Floats) -> Floats:
        """Targets (B, 5) for `inputs` (B, 48, 48, 1), the watched share of them the networks'."""
        if not self._networks:
            return targets
        answers = np.mean(
            [np.asarray(network.predict_on_batch(inputs)) for network in self._networks], axis=0
        )
        chances = softmax(answers).astype(np.float32)
        result: Floats = (1 - self._share) * targets + self._share * chances
        return result


def _network(path: Path, images: npt.NDArray[np.uint8]) -> Any:
    if path.suffix == ".tflite":
        shipped = Network()
        model = build(shipped)
        model.set_weights(revive(path, shipped, images))
        return model
    return load_run(path)
