"""Networks whose answers are a part of the target: to the very images that the student sees.

A teacher's answer to the image as it lies in the file says nothing of a shifted, blurred or covered
one; its answer to the varied image does, and each epoch has new ones (Beyer et al. 2022,
"Knowledge distillation: a good teacher is patient and consistent").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from moodbox.core.seeing.reading import softmax
from training.targets import Floats


class Sources:
    """Networks to distil from; none change nothing."""

    def __init__(self, networks: Sequence[Any], share: float) -> None:
        """`share` is theirs of the target."""
        self._networks, self._share = networks, share

    def blend(self, inputs: Floats, targets: Floats) -> Floats:
        """Targets (B, 6) for `inputs` (B, 48, 48, 1), a share of them the networks' mean answer.

        Each answers the image and its mirror image: two views are right more often than one.
        """
        if not self._networks:
            return targets
        answers = [
            np.asarray(network.predict_on_batch(view))
            for network in self._networks
            for view in (inputs, np.ascontiguousarray(inputs[:, :, ::-1]))
        ]
        chances = softmax(np.mean(answers, axis=0)).astype(np.float32)
        result: Floats = (1 - self._share) * targets + self._share * chances
        return result
