"""How a song was heard: to its end, skipped at once, or neither.

Only the box's own songs of the mood in force are followed. Listening time is counted by the loop's
clock while music plays, not by the position in the song, so that seeking does not count as hearing.
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
"""A song that was heard for this long, or for half its length, counts as heard to its end: the rule
of scrobbling services."""
SKIP_S = 30.0
"""A song that a person left within this time counts as skipped."""


@dataclass(frozen=True, slots=True)
class Listening:
    """The song that is being heard."""

    song: QueuedSong
    mood: Mood
    seen_s: float
    """When `heard_s` was last brought up to date."""
    plays: bool
    """Whether it played then (False: it was paused)."""
    heard_s: float = 0.0
    """How long it had been heard by then."""
    duration_s: float | None = None
    """Its length; None while MPD does not know it."""

    def until(self, now_s: float) -> Listening:
        """Add the time since `seen_s`, if the song played."""
        more_s = now_s - self.seen_s if self.plays else 0.0
        return replace(self, seen_s=now_s, heard_s=self.heard_s + more_s)

    @property
    def is_finished(self) -> bool:
        """Whether it has been heard long enough to count as liked."""
        half_s = LONG_S if self.duration_s is None else self.duration_s / 2
        return self.heard_s >= min(half_s, LONG_S)

    def ended(self, *, by_user: bool) -> Heard:
        """What to learn now that the song is over; `by_user`: a person went on to another."""
        skipped = by_user and self.heard_s <= SKIP_S
        liked = True if self.is_finished else False if skipped else None
        return Heard(self.mood, self.song.uri, liked)


def begin(now: Snapshot, song: QueuedSong, mood: Mood, now_s: float) -> Listening:
    """Begin to follow a song; it may have played a while before the poll."""
    plays = now.state is PlayState.PLAY
    return Listening(song, mood, now_s, plays, now.elapsed_s or 0.0, now.duration_s)


def go_on(listening: Listening, now: Snapshot, now_s: float) -> Listening:
    """Follow the same song at the next poll."""
    listening = listening.until(now_s)
    plays = now.state is PlayState.PLAY
    return replace(listening, plays=plays, duration_s=now.duration_s or listening.duration_s)
