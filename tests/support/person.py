"""A person with an MPD client: what they do, and what they may expect of the box ever after."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from moodbox.core.mood import Mood
from moodbox.core.music.trigger_tracks import MESSAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

ACTS = (
    "add", "add and play", "clear, add, play", "clear", "delete", "move", "shuffle",
    "pause", "stop", "play", "next", "previous",
    "random", "repeat", "single", "consume", "volume",
)  # fmt: skip
"""Everything that people do in their clients."""

ALBUM = ("albums/one.wav", "albums/two.wav", "albums/three.wav")
URIS = (*ALBUM, *(f"{mood}/01.wav" for mood in Mood))
"""What they add: an album's songs, and songs that the box plays as well."""


class Person:
    """Acts through a client of their own, and says what the box has overruled."""

    def __init__(self, client: Any) -> None:
        self.client = client
        """Their connection to MPD."""
        self.added: dict[int, str] = {}
        """Songs that they added and that nobody but the box can have taken out, by id."""
        self.options: dict[str, str] = {}
        """Options as they set them last."""
        self.silent = False
        """They paused, stopped or cleared what was playing, and nothing was asked for since."""
        self.theirs: int | None = None
        """Id of the song that they put on; None once they or a press went on to another."""
        self.lent: Counter[str] = Counter()
        """Of the album's songs, those that they cleared for a playlist by which they asked."""
        self._consumed = False

    def asks(self) -> None:
        """A press, or a mood by message: the box may play, and displace."""
        self.silent, self.theirs = False, None

    def asks_by_playlist(self, name: str) -> None:
        """Clear, load and play, as most clients put on a stored playlist."""
        self.asks()
        self.lent = Counter(uri for uri in self.added.values() if uri in ALBUM)
        self._clear()
        self.client.load(name)
        self.client.play(0)
        self.watch()

    def takes_back(self) -> list[str]:
        """Recognise what the box has put back for them; returns what of it is missing."""
        missing = Counter(self.lent)
        for song in self.client.playlistinfo():
            if missing[song["file"]] > 0 and int(song["id"]) not in self.added:
                self.added[int(song["id"])] = song["file"]
                missing[song["file"]] -= 1
        self.lent = Counter()
        return [] if self._consumed else sorted(missing.elements())

    def adopt(self) -> None:
        """After a restart of MPD: what lies there of their albums is still theirs."""
        for song in self.client.playlistinfo():
            if song["file"] in ALBUM:
                self.added[int(song["id"])] = song["file"]

    def act(self, what: str, number: int) -> None:
        """Do one of `ACTS`; `number` says with which song, place or value."""
        client, status = self.client, self.client.status()
        queue = client.playlistinfo()
        plays = status["state"] == "play"
        song = queue[number % len(queue)] if queue else None
        match what:
            case "add":
                self._add(number)
            case "add and play":
                self._put_on(number)
            case "clear, add, play":
                self._clear()
                self._put_on(number)
            case "clear":
                self._clear()
                self.silent |= plays
            case "delete" if song:
                client.deleteid(song["id"])
                self.added.pop(int(song["id"]), None)
                self.silent |= plays and len(queue) == 1
                self._left(int(song["id"]))
            case "move" if song:
                client.moveid(song["id"], number % len(queue))
            case "shuffle":
                client.shuffle()
            case "pause" | "stop" if plays:
                client.pause(1) if what == "pause" else client.stop()
                self.silent = True
            case "play" if queue:
                client.play()
                self.silent = False
            case "next" | "previous" if plays:
                getattr(client, what)()
                self.theirs = None
            case "random" | "repeat" | "single" | "consume":
                self.options[what] = str(number % 2)
                getattr(client, what)(number % 2)
            case "volume":
                self.options[what] = str(number % 100)
                client.setvol(number % 100)
            case _:  # it cannot be done now
                assert what in ACTS, what
        self.watch()

    def watch(self) -> None:
        """Look at what plays: in consume mode MPD itself takes out what was played."""
        status = self.client.status()
        if status["consume"] == "1":
            self._consumed = True
        if self._consumed:
            self.added.pop(int(status.get("songid", -1)), None)

    def plays(self) -> bool:
        """Whether music plays."""
        return bool(self.client.status()["state"] == "play")

    def length(self) -> int:
        """How many songs are in the queue; a trigger track is none."""
        return sum(song["file"] not in MESSAGES for song in self.client.playlistinfo())

    def overruled(self) -> list[str]:
        """What of all they did does not stand any more."""
        status, queue = self.client.status(), self.client.playlistinfo()
        here = {int(song["id"]): song["file"] for song in queue}
        said = [f"their {uri} is gone" for i, uri in self.added.items() if here.get(i) != uri]
        albums = Counter(song["file"] for song in queue if song["file"] in ALBUM)
        mine = Counter(uri for uri in self.added.values() if uri in ALBUM)
        if albums - mine and not self._consumed:
            said.append(f"{albums - mine} came back")
        said += self._changed_options(status)
        if self.silent and status["state"] == "play":
            said.append("music plays that they had stopped")
        playing = None if status["state"] != "play" else int(status["songid"])
        if self.theirs is not None and not self.silent and playing != self.theirs:
            said.append(f"their song {self.theirs} gave way to {playing} ({status['state']})")
        return said

    def _changed_options(self, status: Mapping[str, str]) -> list[str]:
        return [
            f"{option} is {status.get(option)}, they had set {value}"
            for option, value in self.options.items()
            if status.get(option) != value
        ]

    def _add(self, number: int) -> int:
        uri = URIS[number % len(URIS)]
        song_id = int(self.client.addid(uri))
        self.added[song_id] = uri
        return song_id

    def _put_on(self, number: int) -> None:
        self.theirs = self._add(number)
        self.client.playid(self.theirs)
        self.silent = False

    def _clear(self) -> None:
        self.client.clear()
        self.added.clear()
        self.theirs = None

    def _left(self, song_id: int) -> None:
        if song_id == self.theirs:
            self.theirs = None
