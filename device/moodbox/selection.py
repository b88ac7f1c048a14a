"""Selection of the next songs, from the library cache, what was learned, and the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodbox.core.music.choice import choose, line_up
from moodbox.core.music.ownership import Ownership
from moodbox.core.music.plans import split_owned
from moodbox.core.music.tastes import with_ratings

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from moodbox.core.mood import Mood
    from moodbox.core.policy.state import State
    from moodbox.library_cache import LibraryCache
    from moodbox.memory import Memory


def next_songs(
    mood: Mood,
    count: int,
    state: State,
    library: LibraryCache,
    memory: Memory,
    rng: random.Random,
    raise_if_urgent: Callable[[], None],
) -> tuple[str, ...]:
    """URIs of the mood's next `count` songs, given those heard before and those in the queue.

    Empty when the mood has no songs. Raises PlayerError when the library cannot be listed.
    """
    cached = library.get(mood, raise_if_urgent)
    tastes = memory.tastes.get(mood, {})
    songs = dict(cached.songs)
    if cached.total > len(songs):
        # Only a part of the folder was listed; add the songs of it that were heard before.
        songs |= dict.fromkeys(uri for uri in tastes if uri.startswith(f"{mood}/"))
    ratings = {uri: of_song for uri, of_song in library.ratings.items() if uri in songs}
    in_force = mood is state.playing.mood
    ownership = state.control.ownership if in_force else Ownership()
    line = line_up(tastes, *split_owned(state.playing.playback, ownership))
    return choose(
        songs, count, line, rng,
        with_ratings(tastes, ratings), cached.total, memory.history.get(mood, ()),
    )  # fmt: skip
