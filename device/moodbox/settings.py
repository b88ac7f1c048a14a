"""From the configuration to the numbers that the policy and the loop go by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodbox.core.policy.settings import Policy, Rates
from moodbox.core.seeing.presence import SittingConfig

if TYPE_CHECKING:
    from moodbox.config import Config
    from moodbox.core.seeing.reading import OperatingPoint


def policy(config: Config, point: OperatingPoint) -> Policy:
    """The policy's settings; `point` comes with the model."""
    sitting = config.sitting
    return Policy(
        point=point,
        sitting=SittingConfig(sitting.dwell_s, sitting.leave_after_s),
        reading_s=sitting.reading_s,
        again_s=sitting.again_s,
        reread_s=60 * sitting.reread_min,
        pause_when_left=sitting.pause_when_left,
    )


def rates(config: Config) -> Rates:
    """How often the camera is looked through, and how much is queued."""
    return Rates(config.sitting.watch_hz, config.sitting.read_hz, config.mpd.songs)
