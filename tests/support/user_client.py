"""What a person does and sees in a client of their own, with a live box at the same MPD."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.support.mpd_server import wait_until

if TYPE_CHECKING:
    from moodbox.core.mood import Mood
    from tests.support.live_box import LiveBox
    from tests.support.mpd_server import MpdServer

ALBUM = ("albums/one.wav", "albums/two.wav", "albums/three.wav")


def playlists(server: MpdServer) -> set[str]:
    """Names of the stored playlists."""
    with server.person() as client:
        return {entry["playlist"] for entry in client.listplaylists()}


def queue(server: MpdServer) -> list[str]:
    """URIs in MPD's queue."""
    with server.person() as client:
        return [song["file"] for song in client.playlistinfo()]


def current(server: MpdServer) -> tuple[str, str | None, float]:
    """State, current song, and where in it."""
    with server.person() as client:
        status, song = client.status(), client.currentsong()
    return status["state"], song.get("file"), float(status.get("elapsed", 0))


def plays(server: MpdServer, mood: Mood) -> bool:
    """Whether that mood's music plays, and nothing else is in the queue."""
    state, _, _ = current(server)
    songs = queue(server)
    return state == "play" and bool(songs) and all(uri.startswith(f"{mood}/") for uri in songs)


def mpc(server: MpdServer, *arguments: str) -> str:
    """Run mpc as a person does."""
    command = ["mpc", "--host", server.address.host, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def put_on_album(server: MpdServer, box: LiveBox) -> None:
    """A person's album plays, 12 s into its second song, and the box has seen it."""
    with server.person() as client:
        for uri in ALBUM:
            client.add(uri)
        client.seek(1, 12)
    wait_until(
        lambda: (
            box.daemon.state.control.manual is not None
            and (box.daemon.state.playing.playback or server) is not None
            and box.daemon.state.playing.playback is not None
            and len(box.daemon.state.playing.playback.queue) == 3
            and (box.daemon.state.playing.playback.elapsed_s or 0) >= 12
        ),
        "the box has seen the album",
    )


def album_is_back(server: MpdServer) -> bool:
    """Whether the album stands in the queue, and plays where it was."""
    state, song, elapsed_s = current(server)
    return (
        queue(server) == list(ALBUM)
        and (state, song) == ("play", ALBUM[1])
        and 12 <= elapsed_s < 18
    )
