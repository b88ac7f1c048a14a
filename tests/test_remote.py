"""Any client is the remote: stored playlists, loaded as clients do it, before a box that lives."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from moodbox.core.mood import Mood
from moodbox.core.music.playback import PlayState
from moodbox.core.music.trigger_tracks import MESSAGES, PLAYLISTS
from music.chimes import write_chimes
from tests.support.live_box import LiveBox, live_box
from tests.support.mpd_server import MpdServer, wait_until, write_songs
from tests.support.terminal import Terminal, terminal
from tests.support.user_client import (
    ALBUM,
    album_is_back,
    current,
    mpc,
    playlists,
    plays,
    put_on_album,
    queue,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MpdServer]:
    music = tmp_path_factory.mktemp("music")
    write_songs(music)
    for path in (music / "surprise").iterdir():
        path.unlink()
    write_chimes(music, lambda _: None)
    with MpdServer(tmp_path_factory.mktemp("mpd"), music) as server:
        yield server


@pytest.fixture
def box(server: MpdServer, tmp_path: Path) -> Iterator[LiveBox]:
    """A box before an empty chair; its playlists are there."""
    with live_box(server, tmp_path, Mood.HAPPY) as box:
        wait_until(lambda: {*PLAYLISTS} <= playlists(server), "the playlists are offered")
        yield box


def send(server: MpdServer, commands: Sequence[tuple[object, ...]], name: str) -> None:
    """Send what a client sends for a playlist of this name, each answer awaited."""
    with server.person() as client:
        for command, *arguments in commands:
            getattr(client, str(command))(*(name if a is NAME else a for a in arguments))


def test_every_trigger_track_is_made_by_the_composer(running: MpdServer) -> None:
    assert {str(p.relative_to(running.music)) for p in running.music.glob("moodbox/*")} == {
        *MESSAGES
    }


NAME = "the playlist's name"
"""Stands for it in a client's sequence."""

CLEAR_LOAD_PLAY: dict[str, list[tuple[object, ...]]] = {
    # M.A.L.P. for Android, MPDQueryHandler: ACTION_PLAY_PLAYLIST.
    "M.A.L.P.": [("clear",), ("load", NAME), ("play", 0)],
    # myMPD, mympd_api_queue_replace_plist: a command list even of one load, then it starts playing.
    "myMPD": [
        ("clear",),
        ("command_list_ok_begin",),
        ("load", NAME),
        ("command_list_end",),
        ("status",),
        ("play",),
    ],
    "one that stops first": [("stop",), ("clear",), ("load", NAME), ("play", 0)],
    # Then the box sees the queue only once the trigger track plays in it.
    "one that sends all at once": [
        ("command_list_ok_begin",),
        ("clear",),
        ("load", NAME),
        ("play", 0),
        ("command_list_end",),
    ],
}
"""What clients send to play a stored playlist, written off their sources (each named) or made up to
be as awkward as one may be. What others sent before our eyes is in tests/client_sessions/."""


@pytest.mark.parametrize("client", CLEAR_LOAD_PLAY)
def test_a_mood_put_on_by_clear_load_and_play(client: str, box: LiveBox, server: MpdServer) -> None:
    put_on_album(server, box)
    send(server, CLEAR_LOAD_PLAY[client], "Mood: sad")
    wait_until(lambda: plays(server, Mood.SAD), "sad music")
    assert box.daemon.state.control.manual is None


@pytest.mark.parametrize("client", ["M.A.L.P.", "myMPD", "one that sends all at once"])
def test_a_reading_asked_for_by_clear_load_and_play_restores_what_was_there(
    client: str, box: LiveBox, server: MpdServer
) -> None:
    """Nobody sits there: the reading ends without a mood, and what plays stays."""
    put_on_album(server, box)
    send(server, CLEAR_LOAD_PLAY[client], "Read my mood")
    wait_until(lambda: album_is_back(server), "the album is back")
    wait_until(lambda: box.daemon.state.seeing.reading is not None, "the reading is over")
    assert album_is_back(server)


ADDITIONS: dict[str, list[tuple[object, ...]]] = {
    "myMPD, after the current song": [("load", NAME, "0:", "+0")],
    "myMPD, at the front": [("load", NAME, "0:", "0")],
}
"""What clients send to add a stored playlist to what is there, written off their sources."""


@pytest.mark.parametrize("client", ADDITIONS)
def test_a_mood_that_is_added_to_the_queue_is_put_on(
    client: str, box: LiveBox, server: MpdServer
) -> None:
    put_on_album(server, box)
    send(server, ADDITIONS[client], "Mood: neutral")
    wait_until(lambda: (current(server)[1] or "").startswith("neutral/"), "neutral music")
    wait_until(lambda: not {*queue(server)} & {*MESSAGES}, "the trigger track is gone")
    assert [uri for uri in queue(server) if uri in ALBUM] == list(ALBUM), "a person's songs stay"


def test_somebody_who_asks_to_be_read_by_playlist_hears_their_mood(
    box: LiveBox, server: MpdServer
) -> None:
    box.sitter.here = True
    put_on_album(server, box)
    send(server, CLEAR_LOAD_PLAY["M.A.L.P."], "Read my mood")
    wait_until(lambda: (current(server)[1] or "").startswith("happy/"), "happy music")
    assert [uri for uri in queue(server) if uri in ALBUM] == list(ALBUM), "they were put back"


def test_a_paused_album_is_restored_paused(box: LiveBox, server: MpdServer) -> None:
    box.close_camera()
    put_on_album(server, box)
    mpc(server, "pause")
    wait_until(
        lambda: (
            (seen := box.daemon.state.playing.playback) is not None
            and seen.state is PlayState.PAUSE
        ),
        "the pause is seen",
    )
    before = current(server)
    assert before[0] == "pause"
    send(server, CLEAR_LOAD_PLAY["M.A.L.P."], "Read my mood")
    wait_until(lambda: queue(server) == list(ALBUM), "the album is back")
    wait_until(lambda: current(server)[0] == "pause", "it is paused")
    state, song, elapsed_s = current(server)
    assert (state, song) == before[:2]
    assert elapsed_s == pytest.approx(before[2], abs=0.5)


def test_a_mood_without_music_restores_what_was_there(box: LiveBox, server: MpdServer) -> None:
    put_on_album(server, box)
    send(server, CLEAR_LOAD_PLAY["M.A.L.P."], "Mood: surprise")
    wait_until(lambda: album_is_back(server), "the album is back")


def test_the_boxs_own_music_is_restored_as_its_own(box: LiveBox, server: MpdServer) -> None:
    mpc(server, "sendmessage", "moodbox", "mood sad")
    wait_until(lambda: plays(server, Mood.SAD), "sad music")
    songs = queue(server)
    box.close_camera()
    send(server, CLEAR_LOAD_PLAY["M.A.L.P."], "Read my mood")
    wait_until(lambda: queue(server) == songs, "it is back")
    wait_until(
        lambda: len(box.daemon.state.control.ownership.owned) == len(songs), "it is the box's"
    )
    assert box.daemon.state.control.manual is None
    mpc(server, "sendmessage", "moodbox", "mood angry")
    wait_until(lambda: plays(server, Mood.ANGRY), "angry music, and nothing else")


def test_adding_everything_is_no_press(box: LiveBox, server: MpdServer) -> None:
    mpc(server, "add", "/")
    wait_until(lambda: not {*queue(server)} & {*MESSAGES}, "the trigger tracks are taken out")
    assert box.daemon.state.playing.mood is None
    assert {*ALBUM} <= {*queue(server)}


def test_a_playlist_that_a_person_removed_is_back_at_the_next_start(
    box: LiveBox, server: MpdServer, tmp_path: Path
) -> None:
    mpc(server, "rm", "Mood: sad")
    with server.person() as client:
        client.playlistclear("Mood: happy")
        client.playlistadd("Mood: angry", ALBUM[0])
    wait_until(lambda: "Mood: sad" not in playlists(server), "it is gone")
    folder = tmp_path / "again"
    folder.mkdir()
    with live_box(server, folder, Mood.HAPPY), server.person() as client:
        wait_until(lambda: "Mood: sad" in playlists(server), "it is back")
        assert client.listplaylist("Mood: happy") == [PLAYLISTS["Mood: happy"]]
        assert client.listplaylist("Mood: angry") == [PLAYLISTS["Mood: angry"], ALBUM[0]]


# ── ncmpcpp, in a terminal ───────────────────────────────────────────────────────────────────────


DOWN, PLAYLIST_SCREEN, PLAYLIST_EDITOR, CLEAR = "\x1b[B", "1", "5", "c"
"""Keys of ncmpcpp."""


@contextmanager
def ncmpcpp(server: MpdServer, folder: Path) -> Iterator[Terminal]:
    """ncmpcpp at its playlist editor, with the stored playlists before it."""
    config = folder / "ncmpcpp.conf"
    config.write_text(
        f'ncmpcpp_directory = "{folder}"\nask_before_clearing_playlists = no\n'
        "autocenter_mode = no\nstartup_screen = playlist_editor\n",
        encoding="utf-8",
    )
    command = ["ncmpcpp", "--quiet", "--config", str(config), "--host", "127.0.0.1"]
    command += ["--port", str(server.port)]
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"}
    with terminal(command, environ) as screen:
        screen.read_until("Read my mood")
        yield screen


def choose(screen: Terminal, name: str) -> None:
    """Go down to a playlist, line by line, and press Enter; they stand in alphabetical order."""
    for line in sorted(PLAYLISTS)[1 : sorted(PLAYLISTS).index(name) + 1]:
        screen.press(DOWN)
        screen.read_until(line)  # it is lit up now
    screen.press("\r")


def test_ncmpcpp_puts_on_a_mood(box: LiveBox, server: MpdServer, tmp_path: Path) -> None:
    put_on_album(server, box)
    with ncmpcpp(server, tmp_path) as screen:
        choose(screen, "Mood: sad")
        wait_until(lambda: (current(server)[1] or "").startswith("sad/"), "sad music")
    wait_until(lambda: not {*queue(server)} & {*MESSAGES}, "the trigger track is gone")
    assert [uri for uri in queue(server) if uri in ALBUM] == list(ALBUM)


def test_ncmpcpp_clears_and_asks_to_be_read(
    box: LiveBox, server: MpdServer, tmp_path: Path
) -> None:
    put_on_album(server, box)
    with ncmpcpp(server, tmp_path) as screen:
        screen.press(PLAYLIST_SCREEN + CLEAR)
        wait_until(lambda: queue(server) == [], "it is cleared")
        screen.press(PLAYLIST_EDITOR)
        screen.read_until("Read my mood")
        choose(screen, "Read my mood")
        wait_until(lambda: album_is_back(server), "the album is back")
    wait_until(lambda: box.daemon.state.seeing.reading is not None, "a reading")
