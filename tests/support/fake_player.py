"""A player in memory, with MPD's behaviour as far as the box can see it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from moodbox.core.music.playback import (
    Add,
    Batch,
    Delete,
    Pause,
    PlayAdded,
    PlayState,
    QueueCommand,
    QueuedSong,
    Resume,
    Snapshot,
)
from moodbox.core.ports import MOST_CANDIDATES, PlayerError, PlayerRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from moodbox.core.mood import Mood
    from moodbox.core.music.tastes import Ratings


class FakePlayer:
    """The Player port on a given library, with methods for user actions and accidents.

    `down`: every call fails, as when MPD is gone. `refusing`: every plan is refused.
    `unplayable`: no song can be played. `unknown`: URIs that cannot be added. `lose_after`: the
    next plan is carried out so many commands far, and then the connection breaks before an answer
    came.
    """

    def __init__(self, library: Mapping[Mood, Sequence[str]] | None = None) -> None:
        self.library: dict[Mood, tuple[str, ...]] = {
            mood: tuple(uris) for mood, uris in (library or {}).items()
        }
        self.queue: list[QueuedSong] = []
        self.state = PlayState.STOP
        self.current_id: int | None = None
        self.elapsed_s = 0.0
        self.song_s: float | None = 180.0
        self.error: str | None = None
        self.restarts = 0
        self.version = 1
        self.options: set[str] = set()
        self.down = False
        self.refusing = False
        self.unplayable = False
        self.unknown: set[str] = set()
        self.stickers: dict[str, Ratings] = {}
        self.stored: dict[str, tuple[str, ...]] = {}
        """Stored playlists that are not a mood's."""
        self.batches_read = 0
        self.rng = random.Random(1)
        self.lose_after: int | None = None
        self.applied: list[tuple[QueueCommand, ...]] = []
        """Every plan that reached the player, also one it refused."""
        self._next_id = 1

    # ── The port ─────────────────────────────────────────────────────────────────────────────────

    def snapshot(self) -> Snapshot:
        """Queue and playback as they are."""
        self._reach()
        moving = self.state is not PlayState.STOP
        return Snapshot(
            queue=tuple(self.queue),
            state=self.state,
            current_id=self.current_id,
            elapsed_s=self.elapsed_s if moving else None,
            duration_s=self.song_s if moving else None,
            error=self.error,
            restarts=self.restarts,
            version=self.version,
            options=frozenset(self.options),
            connection=self.restarts,
        )

    def revision(self, mood: Mood) -> str:
        """The mood's songs themselves."""
        self._reach()
        return str(self.library.get(mood))

    def batches(self, mood: Mood) -> Iterator[Batch]:
        """The library's songs of a mood, some at a time; of very many a random part."""
        self._reach()
        songs = list(dict.fromkeys(self.library.get(mood, ())))
        total = len(songs)
        if total > MOST_CANDIDATES:
            songs = self.rng.sample(songs, MOST_CANDIDATES)
        for start in range(0, len(songs), 100):
            self._reach()
            self.batches_read += 1
            yield Batch(tuple(songs[start : start + 100]), total)

    def ensure_playlists(self, playlists: Mapping[str, str]) -> None:
        """Remember the playlists whose song is known."""
        self._reach()
        for name, uri in playlists.items():
            if uri not in self.unknown and not self.stored.get(name):
                self.stored[name] = (uri,)

    def ratings(self) -> Mapping[str, Ratings]:
        """What was given as the stickers of other clients."""
        self._reach()
        return self.stickers

    def apply(self, changes: Sequence[QueueCommand], since: Snapshot) -> tuple[QueuedSong, ...]:
        """Carry out a plan, as MpdPlayer does."""
        self._reach()
        self.applied.append(tuple(changes))
        has_ids = any(isinstance(change, Delete) for change in changes)
        if self.refusing or (has_ids and since.connection != self.restarts):
            raise PlayerRefusedError("The fake player refuses.")
        added: list[QueuedSong] = []
        seen: tuple[PlayState, int | None] | None = (since.state, since.current_id)
        try:
            for done, change in enumerate(changes):
                if done == self.lose_after:
                    break
                if isinstance(change, PlayAdded | Resume | Pause):
                    self._expect(seen, added, change)
                    seen = None  # what goes on now is the box's own doing
                self._carry_out(change, added)
        except PlayerRefusedError as error:
            error.added = tuple(added)
            raise
        if self.lose_after is not None:
            self.lose_after = None
            raise PlayerError("The fake player broke the connection half way.")
        return tuple(added)

    # ── User actions ─────────────────────────────────────────────────────────────────────────────

    def user_add(self, *uris: str) -> tuple[QueuedSong, ...]:
        """Append songs."""
        songs = [QueuedSong(self._next_id + i, uri) for i, uri in enumerate(uris)]
        self._next_id += len(uris)
        self.version += len(uris)
        self.queue += songs
        return tuple(songs)

    def user_delete(self, *ids: int) -> None:
        """Take songs out; when the current one goes, the next takes its place."""
        self._delete(ids)

    def user_clear(self) -> None:
        """Empty the queue."""
        version = self.version
        self._delete([song.id for song in self.queue])
        self.version = version + 1

    def user_play(self, song_id: int | None = None) -> None:
        """Play a song, or go on with the current, or start with the first."""
        if song_id is not None or self.current_id is None:
            self.current_id = song_id if song_id is not None else self.queue[0].id
            self.elapsed_s = 0.0
        self.state = PlayState.PLAY

    def user_pause(self) -> None:
        """Pause what plays."""
        if self.state is PlayState.PLAY:
            self.state = PlayState.PAUSE

    def user_stop(self) -> None:
        """Stop; the current song stays the current one."""
        self.state = PlayState.STOP

    def user_shuffle(self) -> None:
        """Mix the queue; where music is stopped its place is lost."""
        self.rng.shuffle(self.queue)
        self.version += 1
        self._lose_place()

    def user_set(self, option: str, on: bool) -> None:
        """Switch an option; where music is stopped random order makes its place be lost."""
        if option == "random" and on and option not in self.options:
            self._lose_place()
        (self.options.add if on else self.options.discard)(option)

    # ── What happens by itself ───────────────────────────────────────────────────────────────────

    def finish_song(self) -> None:
        """Let the current song play to its end."""
        at = self._position()
        assert at is not None, "nothing is playing"
        self.elapsed_s = 0.0
        if at + 1 < len(self.queue):
            self.current_id = self.queue[at + 1].id
        else:
            self.current_id, self.state = None, PlayState.STOP

    def restart(self) -> None:
        """Restart the server: songs are numbered from 1 anew, and what played is paused."""
        at = self._position()
        self.queue = [QueuedSong(number, song.uri) for number, song in enumerate(self.queue, 1)]
        self._next_id = len(self.queue) + 1
        self.version = 1
        self.current_id = None if at is None else self.queue[at].id
        if self.state is PlayState.PLAY:
            self.state = PlayState.PAUSE
        self.restarts += 1

    def _reach(self) -> None:
        if self.down:
            raise PlayerError("The fake player is down.")

    def _carry_out(self, command: QueueCommand, added: list[QueuedSong]) -> None:
        match command:
            case Add(uris):
                known = [uri for uri in uris if uri not in self.unknown]
                if uris and not known:
                    raise PlayerRefusedError("The fake player knows none of these songs.")
                added += self.user_add(*known)
            case PlayAdded():
                self.user_play(added[0].id)
                if self.unplayable:
                    self.state, self.error = PlayState.STOP, "The fake player can play none."
                    raise PlayerRefusedError(self.error)
            case Delete(ids):
                self._delete(ids)
            case Pause(on):
                if self.state is not PlayState.STOP:
                    self.state = PlayState.PAUSE if on else PlayState.PLAY
            case Resume():
                self._resume(command, added)

    def _expect(
        self,
        seen: tuple[PlayState, int | None] | None,
        added: Sequence[QueuedSong],
        change: QueueCommand,
    ) -> None:
        if isinstance(change, PlayAdded) and not added:
            raise PlayerRefusedError("Nothing was added that could be played.")
        if seen not in (None, (self.state, self.current_id)):
            raise PlayerRefusedError("A person changed what the fake player plays.")

    def _resume(self, how: Resume, added: Sequence[QueuedSong]) -> None:
        self.state = how.state if added else PlayState.STOP
        if self.state is not PlayState.STOP:
            self.current_id = added[min(how.at, len(added) - 1)].id
            self.elapsed_s = how.elapsed_s

    def _delete(self, ids: Iterable[int]) -> None:
        for song_id in ids:
            at = next((i for i, song in enumerate(self.queue) if song.id == song_id), None)
            if at is None:
                continue
            if song_id == self.current_id:
                self.elapsed_s = 0.0
                following = self.queue[at + 1 : at + 2]
                stopped = self.state is PlayState.STOP
                self.current_id = following[0].id if following and not stopped else None
                if not following or self.state is PlayState.PAUSE:
                    self.state = PlayState.STOP
            del self.queue[at]
            self.version += 1

    def _lose_place(self) -> None:
        if self.state is PlayState.STOP:
            self.current_id = None

    def _position(self) -> int | None:
        return next((i for i, song in enumerate(self.queue) if song.id == self.current_id), None)
