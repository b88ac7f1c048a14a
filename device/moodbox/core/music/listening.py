"""What becomes of a song: heard to its end, skipped at once, or neither.

Only the box's own songs in the mood in force are listened to. Time counts in which music plays, by
the loop's clock, so that seeking to the end is not hearing it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from moodbox.core.music.playback import PlayState
from moodbox.core.music.tastes import Heard

if TYPE_CHECKING:
    from moodbox.core.mood import Mood
    from moodbox.core.music.playback import QueuedSong, Snapshot

LONG_S = 240.0
"""Heard for so long, or half, a song counts as heard to its end: the scrobblers' rule."""
SKIP_S = 30.0
"""Left within so long, by a person's hand, a song counts as skipped."""


@dataclass(frozen=True, slots=True)
class Listening:
    """The song that is being heard."""

    song: QueuedSong
    mood: Mood
    seen_s: float
    """When it was last looked at."""
    plays: bool
    """Whether it played then, and was not paused."""
    heard_s: float = 0.0
    """How long it had been heard until then."""
    duration_s: float | None = None
    """Its length; None while MPD does not know it."""

    def until(self, now_s: float) -> Listening:
        """The same song at a later moment."""
        more_s = now_s - self.seen_s if self.plays else 0.0
        return replace(self, seen_s=now_s, heard_s=self.heard_s + more_s)

    @property
    def is_finished(self) -> bool:
        """Whether it has been heard long enough to count as liked."""
        half_s = LONG_S if self.duration_s is None else self.duration_s / 2
        return self.heard_s >= min(half_s, LONG_S)

    def ended(self, *, by_user: bool) -> Heard:
        """What to learn now that another song plays, or none; `by_user` if a person went on."""
        skipped = by_user and self.heard_s <= SKIP_S
        liked = True if self.is_finished else False if skipped else None
        return Heard(self.mood, self.song.uri, liked)


def begin(now: Snapshot, song: QueuedSong, mood: Mood, now_s: float) -> Listening:
    """A song that is seen for the first time; it may have played a while before the look."""
    plays = now.state is PlayState.PLAY
    return Listening(song, mood, now_s, plays, now.elapsed_s or 0.0, now.duration_s)


def go_on(listening: Listening, now: Snapshot, now_s: float) -> Listening:
    """The same song, looked at again."""
    listening = listening.until(now_s)
    plays = now.state is PlayState.PLAY
    return replace(listening, plays=plays, duration_s=now.duration_s or listening.duration_s)
