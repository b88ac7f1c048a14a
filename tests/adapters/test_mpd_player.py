"""The player on a real MPD: accidents, large queues and large libraries, and its addresses."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import select
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from moodbox.adapters.mpd.address import trouble
from moodbox.adapters.mpd.player import (
    LibraryCount,
    MpdAddress,
    MpdPlayer,
    Output,
    address_from_env,
)
from moodbox.core.mood import Mood
from moodbox.core.music.playback import Add, Delete, PlayAdded, PlayState
from moodbox.core.ports import MOST_CANDIDATES, PlayerError, PlayerRefusedError
from tests.support.applying import apply_now
from tests.support.mpd_server import STRANGE_NAMES, MpdServer, wait_until, write_song, write_songs

if TYPE_CHECKING:
    from collections.abc import Iterator

HAPPY = tuple(f"happy/{number:02d}.wav" for number in range(1, 5))
ALBUM = ("albums/one.wav", "albums/two.wav", "albums/three.wav")
FOREVER_S = 5.0
"""More than any call may take, however busy the machine: without a timeout it would never end."""


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("music")
    write_songs(folder)
    return folder


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, music: Path) -> Iterator[MpdServer]:
    with MpdServer(tmp_path_factory.mktemp("mpd"), music) as server:
        yield server


@pytest.fixture
def player(server: MpdServer) -> Iterator[MpdPlayer]:
    player = MpdPlayer(server.address, rng=random.Random(1))
    yield player
    player.close()


def songs(player: MpdPlayer, mood: Mood) -> tuple[str, ...]:
    """All that the player reads of a mood's music."""
    return tuple(dict.fromkeys(uri for part in player.batches(mood) for uri in part.uris))


# ── Addresses ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, MpdAddress("localhost", 6600)),
        ({"MPD_HOST": ""}, MpdAddress("localhost", 6600)),
        ({"MPD_PORT": "6601"}, MpdAddress("localhost", 6601)),
        ({"MPD_HOST": "music.local"}, MpdAddress("music.local", 6600)),
        ({"MPD_HOST": "music.local", "MPD_PORT": "77"}, MpdAddress("music.local", 77)),
        ({"MPD_HOST": "::1"}, MpdAddress("::1", 6600)),
        ({"MPD_HOST": "secret@music.local"}, MpdAddress("music.local", 6600, "secret")),
        ({"MPD_HOST": "/run/mpd/socket"}, MpdAddress("/run/mpd/socket", 6600)),
        ({"MPD_HOST": "secret@/run/mpd/socket"}, MpdAddress("/run/mpd/socket", 6600, "secret")),
        ({"MPD_HOST": "@mpd"}, MpdAddress("@mpd", 6600)),
        ({"MPD_HOST": "secret@@mpd"}, MpdAddress("@mpd", 6600, "secret")),
        ({"MPD_HOST": "~/mpd.socket"}, MpdAddress(str(Path("~/mpd.socket").expanduser()), 6600)),
    ],
)
def test_the_environment_is_read_as_every_mpd_client_reads_it(
    environ: dict[str, str], expected: MpdAddress, tmp_path: Path
) -> None:
    assert address_from_env(environ, default_socket=tmp_path / "none") == expected


def test_the_local_socket_is_taken_where_there_is_one(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        assert address_from_env({}, path) == MpdAddress(str(path))
        assert address_from_env({"MPD_PORT": "6601"}, path) == MpdAddress("localhost", 6601)
        assert address_from_env({"MPD_HOST": "a"}, path) == MpdAddress("a")


@pytest.mark.parametrize("port", ["0", "65536", "mpd", "-1", "6600.0"])
def test_a_port_that_is_none_is_named(port: str) -> None:
    with pytest.raises(ValueError, match=r"MPD_PORT is '.*1 to 65535"):
        address_from_env({"MPD_PORT": port})


def test_only_a_socket_is_local() -> None:
    assert MpdAddress("/run/mpd/socket").is_local_socket
    assert MpdAddress("@mpd").is_local_socket
    assert not MpdAddress("localhost").is_local_socket


def test_an_address_is_written_without_its_password() -> None:
    address = MpdAddress("::1", 6600, "secret")
    assert str(address) == "[::1]:6600"
    assert str(MpdAddress("@mpd", password="secret")) == "@mpd"
    assert "secret" not in f"{address} {address!r}"


# ── Ways to connect, and faults ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_it_connects_by_number_and_by_name(server: MpdServer, host: str) -> None:
    player = MpdPlayer(MpdAddress(host, server.port))
    apply_now(player, Add(HAPPY))
    assert len(player.snapshot().queue) == 4
    player.close()


def test_making_a_player_connects_to_nothing(tmp_path: Path) -> None:
    MpdPlayer(MpdAddress(str(tmp_path / "none"))).close()


def test_a_missing_socket_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "none"
    with pytest.raises(PlayerError, match=f"MPD at {path} is not there.*systemctl start mpd"):
        MpdPlayer(MpdAddress(str(path))).snapshot()


def test_a_port_where_nobody_listens_is_named() -> None:
    with socket.socket() as bound:  # bound, so nobody else takes it; but it does not listen
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        with pytest.raises(PlayerError, match=f"127.0.0.1:{port} is not there: nothing listens"):
            MpdPlayer(MpdAddress("127.0.0.1", port)).snapshot()


@pytest.mark.parametrize("number", [errno.EAFNOSUPPORT, errno.ENETUNREACH])
def test_without_a_network_a_host_is_answered_with_the_socket(number: int) -> None:
    said = trouble(MpdAddress("music.local"), OSError(number, os.strerror(number)), 0.8)
    assert "music.local:6600" in said
    assert "set mpd.host to the path of mpd's local socket" in said.lower()


def test_something_else_that_listens_is_not_taken_for_mpd() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        player = MpdPlayer(MpdAddress("127.0.0.1", other.getsockname()[1]), timeout_s=0.2)
        with pytest.raises(PlayerError, match="did not answer"):
            player.snapshot()


def test_passwords_and_permissions(tmp_path: Path, music: Path) -> None:
    more = 'password "secret@read,add,control,admin"\ndefault_permissions "read"\n'
    more += 'local_permissions "read,add,control,admin"\n'
    with MpdServer(tmp_path, music, more) as server:
        player = MpdPlayer(MpdAddress("127.0.0.1", server.port, "secret"))
        assert len(apply_now(player, Add(HAPPY))) == 4
        with pytest.raises(PlayerError, match="password is wrong"):
            MpdPlayer(MpdAddress("127.0.0.1", server.port, "guess")).snapshot()
        unknown = MpdPlayer(MpdAddress("127.0.0.1", server.port))
        assert len(unknown.snapshot().queue) == 4
        with pytest.raises(PlayerRefusedError, match=r"permission.*password@host"):
            apply_now(unknown, Add(HAPPY))
        unknown.close()
        player.close()


def test_a_stalled_mpd_is_given_up_and_found_again(server: MpdServer, player: MpdPlayer) -> None:
    apply_now(player, Add(HAPPY))
    before = player.snapshot()
    server.stall()
    for call in (
        player.snapshot,
        lambda: songs(player, Mood.HAPPY),
        lambda: player.apply([], before),
    ):
        begin_s = time.monotonic()
        with pytest.raises(PlayerError, match=r"did not answer within 0\.8 s"):
            call()
        assert time.monotonic() - begin_s < FOREVER_S
    server.resume()
    after = player.snapshot()
    assert (len(after.queue), after.restarts) == (4, 0)


def test_a_connection_that_mpd_ended_is_renewed_without_a_fault(
    tmp_path: Path, music: Path
) -> None:
    """MPD ends a connection on which nothing was said for a while; the player goes on."""
    with MpdServer(tmp_path, music, 'connection_timeout "1"\n') as server:
        player = MpdPlayer(server.address)
        added = apply_now(player, Add(HAPPY), PlayAdded())
        before = player.snapshot()
        with server.person() as client:
            ended, _, _ = select.select([client.fileno()], [], [], 20)
        assert ended, "MPD did not end the silent connection"
        with pytest.raises(PlayerRefusedError, match="poll it again"):
            player.apply([Delete((added[0].id,))], before)
        after = player.snapshot()
        assert (after.queue, after.restarts) == (before.queue, before.restarts)
        apply_now(player, Delete((added[0].id,)))
        assert player.snapshot().queue == added[1:]
        player.close()


def test_a_server_that_was_killed_is_another_one_by_tcp_too(tmp_path: Path, music: Path) -> None:
    with MpdServer(tmp_path, music) as server:
        player = MpdPlayer(MpdAddress("127.0.0.1", server.port))
        assert player.snapshot().restarts == 0
        with server.person() as client:
            while int(client.stats()["uptime"]) < 4:  # uptimes are told in seconds
                time.sleep(0.05)
        server.kill()
        with pytest.raises(PlayerError):
            player.snapshot()
        server.start()
        assert player.snapshot().restarts == 1
        player.close()


def test_a_file_that_is_gone_gives_way_to_the_next_song(tmp_path: Path) -> None:
    for name in ("gone.wav", "here.wav"):
        write_song(tmp_path / "music" / "sad" / name)
    with MpdServer(tmp_path / "mpd", tmp_path / "music") as server:
        player = MpdPlayer(server.address)
        (tmp_path / "music" / "sad" / "gone.wav").unlink()
        added = apply_now(player, Add(("sad/gone.wav", "sad/here.wav")), PlayAdded())
        wait_until(lambda: player.snapshot().current_id == added[1].id, "the next song")
        wait_until(lambda: player.snapshot().state is PlayState.PLAY, "music")
        player.close()


def test_what_mpd_cannot_play_is_told_in_the_snapshot(tmp_path: Path) -> None:
    write_song(tmp_path / "music" / "sad" / "gone.wav")
    with MpdServer(tmp_path / "mpd", tmp_path / "music") as server:
        player = MpdPlayer(server.address)
        (tmp_path / "music" / "sad" / "gone.wav").unlink()
        # MPD's decoder runs on its own: it fails before the answer, or after.
        with contextlib.suppress(PlayerRefusedError):
            apply_now(player, Add(("sad/gone.wav",)), PlayAdded())
        wait_until(lambda: "gone.wav" in (player.snapshot().error or ""), "MPD's complaint")
        player.close()


# ── Size ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_queue_of_ten_thousand_songs_is_read_and_kept_up_to_date(
    server: MpdServer, player: MpdPlayer
) -> None:
    for _ in range(10):
        apply_now(player, Add(HAPPY * 250))
    snapshot = player.snapshot()
    assert len(snapshot.queue) == len({song.id for song in snapshot.queue}) == 10_000
    assert [song.uri for song in snapshot.queue[:4]] == list(HAPPY)
    with server.person() as client:
        client.delete((0, 9_998))
        client.move(0, 1)
    assert player.snapshot().queue == snapshot.queue[:-3:-1]


def test_only_a_person_changes_the_version_of_an_empty_queue(tmp_path: Path) -> None:
    write_songs(tmp_path / "music")
    with MpdServer(tmp_path / "mpd", tmp_path / "music") as server, server.person() as person:
        player = MpdPlayer(server.address)
        before = player.snapshot().version
        write_song(tmp_path / "music" / "albums" / "four.wav")
        (tmp_path / "music" / "albums" / "one.wav").unlink()
        person.rescan()
        wait_until(lambda: "updating_db" not in person.status(), "an end of the update")
        for option in ("random", "repeat", "single", "consume"):
            getattr(person, option)(1)
        person.shuffle()
        person.setvol(40)
        assert player.snapshot().version == before
        player.close()


def test_a_full_queue_takes_what_fits_and_then_refuses(tmp_path: Path, music: Path) -> None:
    with MpdServer(tmp_path, music, 'max_playlist_length "6"\n') as server:
        player = MpdPlayer(server.address)
        assert [s.uri for s in apply_now(player, Add(HAPPY + HAPPY))] == [*HAPPY, *HAPPY[:2]]
        with pytest.raises(PlayerRefusedError, match="too large"):
            apply_now(player, Add(HAPPY), PlayAdded())
        assert player.snapshot().state is PlayState.STOP
        player.close()


def test_of_a_large_folder_random_songs_are_read_and_in_time_all(tmp_path: Path) -> None:
    folder = tmp_path / "music" / "happy"
    total = MOST_CANDIDATES + 157
    write_song(folder / "0000.wav", duration_s=0.05)
    for number in range(1, total):
        os.link(folder / "0000.wav", folder / f"{number:04d}.wav")
    with MpdServer(tmp_path / "mpd", tmp_path / "music") as server:
        player = MpdPlayer(server.address, rng=random.Random(1))
        reads = [set(songs(player, Mood.HAPPY)) for _ in range(12)]
        assert {len(read) for read in reads} == {MOST_CANDIDATES}
        assert reads[0] != reads[1]
        assert len(set.union(*reads)) == total, "each read leaves out about one in fourteen"
        assert player.library(Mood.HAPPY).songs == total
        radio = [f"http://127.0.0.1/{number}" for number in range(3)]
        server.save_playlist("happy", ["happy/0000.wav", *radio])
        assert {part.total for part in player.batches(Mood.HAPPY)} == {total + len(radio)}
        player.close()


# ── The library ──────────────────────────────────────────────────────────────────────────────────


def test_the_library_is_counted_by_place_and_each_song_once(
    server: MpdServer, player: MpdPlayer
) -> None:
    server.save_playlist("happy", [ALBUM[0], HAPPY[0], "gone.wav", ALBUM[0], ALBUM[1]])
    count = player.library(Mood.HAPPY)
    assert (count.songs, count.from_playlist, count.from_folder, count.missing) == (6, 3, 4, 1)
    assert count.duration_s == pytest.approx(120, abs=1)
    assert player.library(Mood.SAD).from_playlist == 0


def test_strange_names_come_from_folder_and_playlist(tmp_path: Path) -> None:
    for name in STRANGE_NAMES:
        write_song(tmp_path / "music" / "neutral" / name, duration_s=0.1)
        write_song(tmp_path / "music" / "albums" / name, duration_s=0.1)
    # MPD itself drops blanks at the beginning of a name in a stored playlist.
    listed = [f"albums/{name}" for name in STRANGE_NAMES if not name.startswith(" ")]
    with MpdServer(tmp_path / "mpd", tmp_path / "music") as server:
        server.save_playlist("neutral", listed)
        player = MpdPlayer(server.address)
        found = songs(player, Mood.NEUTRAL)
        assert set(found) == {*listed, *(f"neutral/{name}" for name in STRANGE_NAMES)}
        assert len(apply_now(player, Add(found))) == len(found)
        player.close()


def test_a_mood_with_neither_playlist_nor_folder_counts_nothing(tmp_path: Path) -> None:
    write_song(tmp_path / "music" / "sad" / "one.wav")
    with MpdServer(tmp_path / "mpd", tmp_path / "music") as server:
        player = MpdPlayer(server.address)
        assert songs(player, Mood.HAPPY) == ()
        assert player.library(Mood.HAPPY) == LibraryCount(0, 0.0, 0, 0)
        player.close()


def test_version_and_outputs_are_told(player: MpdPlayer) -> None:
    assert tuple(int(part) for part in player.version().split(".")) >= (0, 23, 0)
    assert player.outputs() == (Output("null", "null", enabled=True),)
