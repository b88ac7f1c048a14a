"""Changes made to a player as it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from moodbox.core.music.playback import QueueCommand, QueuedSong
    from moodbox.core.ports import Player


def apply_now(player: Player, *changes: QueueCommand) -> tuple[QueuedSong, ...]:
    """Poll the player and apply changes made for what it says; returns the songs they added."""
    return player.apply(changes, player.snapshot())
