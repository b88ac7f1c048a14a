"""A real MPD for the tests: small generated songs with strange names, and accidents on demand."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import struct
import time
import wave
from typing import TYPE_CHECKING, Any

from moodbox.adapters.mpd.link import connect, disconnect
from moodbox.adapters.mpd.private_server import PrivateMpd
from moodbox.core.mood import Mood

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

STRANGE_NAMES = (
    "वसन्त बहार.wav",
    "🎻 long night.wav",
    'the "blue" one.wav',
    "back\\slash.wav",
    "-dash first.wav",
    "it's 100 % [live] {x}.wav",
    " spaces  inside .wav",
    "Ünïcödé – dash.wav",
)
PLAIN_NAMES = tuple(f"{number:02d}.wav" for number in range(1, 5))
RATE_HZ = 8000


def write_song(path: Path, duration_s: float = 20.0, frequency_hz: float = 220.0) -> None:
    """Write a soft tone as an 8-bit mono WAV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    period = [
        128 + int(40 * math.sin(2 * math.pi * i * frequency_hz / RATE_HZ)) for i in range(400)
    ]
    samples = struct.pack("400B", *period) * int(duration_s * RATE_HZ / 400)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE_HZ)
        file.writeframes(samples)


def write_songs(music: Path, names: Sequence[str] = PLAIN_NAMES) -> None:
    """Fill the folder of every mood, and a person's own album in `albums/`."""
    for mood in Mood:
        for name in names:
            write_song(music / mood / name)
    for name in ("one.wav", "two.wav", "three.wav", *STRANGE_NAMES):
        write_song(music / "albums" / name)


_LIKE_MUSIC = """audio_output_format "44100:16:2"
resampler {
    plugin "internal"
}
"""
"""As wide as music is: MPD answers nobody while it plays the last 256 kB of a queue's last song,
and a whole song of ours has less."""


class MpdServer(PrivateMpd):
    """A silent private MPD that can be restarted, stalled and killed, and touched by a person."""

    def __init__(self, folder: Path, music: Path, more_config: str = "") -> None:
        super().__init__(folder, music, sound=False)
        self._more_config = more_config
        self._stalled = False

    def config(self) -> str:
        return super().config() + _LIKE_MUSIC + self._more_config

    @contextlib.contextmanager
    def person(self) -> Iterator[Any]:
        """A person's client: python-mpd2's, connected."""
        client = connect(self.address, time.monotonic() + 5)
        client.timeout = 5
        try:
            yield client
        finally:
            disconnect(client)

    def restart(self) -> None:
        """End MPD in order and start it again, with the state it saved."""
        self.stop()
        self.start()

    def stall(self) -> None:
        """Stop the process in its tracks: connections stay open and nobody answers."""
        os.kill(self.pid, signal.SIGSTOP)
        self._stalled = True

    def resume(self) -> None:
        """Let a stalled process go on."""
        if self._stalled:
            os.kill(self.pid, signal.SIGCONT)
        self._stalled = False

    def stop(self) -> None:
        if self._process is not None:
            self.resume()
        super().stop()

    def save_playlist(self, name: str, uris: Sequence[str]) -> None:
        """Write a stored playlist as a file, whether MPD knows the songs or not."""
        (self.playlists / f"{name}.m3u").write_text(
            "".join(f"{uri}\n" for uri in uris), encoding="utf-8"
        )

    def reset(self) -> None:
        """Empty the queue, forget the stored playlists, the ratings and every option."""
        self.resume()
        for path in self.playlists.glob("*.m3u"):
            path.unlink()
        with self.person() as client:
            client.clear()
            for option in ("random", "repeat", "single", "consume"):
                getattr(client, option)(0)
            for name in ("rating", "like"):
                for entry in client.sticker_find("song", "", name):
                    client.sticker_delete("song", entry["file"], name)


def wait_until(condition: Callable[[], bool], what: str, most_s: float = 10.0) -> None:
    """Wait until a condition holds. Raises AssertionError, naming `what`, if it never does."""
    until_s = time.monotonic() + most_s
    while not condition():
        assert time.monotonic() < until_s, f"never came about: {what}"
        time.sleep(0.01)
