"""The private MPD: it answers with its music, and it ends with its context."""

from __future__ import annotations

from pathlib import Path

import pytest

from moodbox.adapters.mpd.player import MpdAddress, MpdPlayer
from moodbox.adapters.mpd.private_server import PrivateMpd, PrivateMpdError
from moodbox.core.mood import Mood
from moodbox.core.music.playback import Add, PlayAdded, PlayState
from moodbox.core.ports import PlayerError
from tests.support.applying import apply_now
from tests.support.mpd_server import write_song


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / 'the "music" \\ संगीत'
    write_song(folder / "happy" / "one.wav")
    return folder


def test_it_answers_on_socket_and_loopback_with_its_music(tmp_path: Path, music: Path) -> None:
    with PrivateMpd(tmp_path / "mpd", music, sound=False) as server:
        for address in (server.address, MpdAddress("127.0.0.1", server.port)):
            player = MpdPlayer(address)
            (part,) = player.batches(Mood.HAPPY)
            assert part.uris == ("happy/one.wav",)
            player.close()
        assert server.address.is_local_socket


def test_new_music_is_there_after_an_update(tmp_path: Path, music: Path) -> None:
    with PrivateMpd(tmp_path / "mpd", music, sound=False) as server:
        write_song(music / "happy" / "two.wav")
        server.update()
        player = MpdPlayer(server.address)
        assert player.library(Mood.HAPPY).songs == 2
        player.close()


def test_a_restart_keeps_queue_and_port_and_comes_back_paused(tmp_path: Path, music: Path) -> None:
    with PrivateMpd(tmp_path / "mpd", music, sound=False) as server:
        port = server.port
        player = MpdPlayer(server.address)
        apply_now(player, Add(("happy/one.wav",)), PlayAdded())
        server.stop()
        server.start()
        snapshot = player.snapshot()
        assert (len(snapshot.queue), snapshot.state) == (1, PlayState.PAUSE)
        assert server.port == port
        player.close()


def test_it_ends_with_its_context_and_no_other_does(tmp_path: Path, music: Path) -> None:
    with PrivateMpd(tmp_path / "other", music, sound=False) as other:
        with PrivateMpd(tmp_path / "mpd", music, sound=False) as server:
            pid = server.pid
        assert not Path(f"/proc/{pid}").exists()
        with pytest.raises(PlayerError):
            MpdPlayer(server.address).snapshot()
        player = MpdPlayer(other.address)
        assert player.snapshot().queue == ()
        player.close()
        server.stop()  # harmless


def test_a_missing_mpd_is_said_with_how_to_install_it(tmp_path: Path, music: Path) -> None:
    with pytest.raises(PrivateMpdError, match=r"not installed.*apt install mpd"):
        PrivateMpd(tmp_path / "mpd", music, sound=False, program="mpd-that-is-not-here").start()


def test_a_missing_music_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(PrivateMpdError, match="nowhere is not a folder"):
        PrivateMpd(tmp_path / "mpd", tmp_path / "nowhere", sound=False).start()


def test_a_folder_with_too_long_a_name_for_a_socket_is_refused(tmp_path: Path, music: Path) -> None:
    with pytest.raises(PrivateMpdError, match="too long for a socket"):
        PrivateMpd(tmp_path / ("long" * 30), music, sound=False).start()


def test_an_mpd_that_ends_at_once_is_quoted(tmp_path: Path, music: Path) -> None:
    class Broken(PrivateMpd):
        def config(self) -> str:
            return super().config() + "no_such_setting yes\n"

    with pytest.raises(PrivateMpdError, match=r"ended at once.*no_such_setting"):
        Broken(tmp_path / "mpd", music, sound=False).start()
