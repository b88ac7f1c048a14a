"""The recorder: what it writes down of a client is what the tests send again."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING

import pytest

from moodbox.adapters.mpd.address import MpdAddress
from moodbox.adapters.mpd.link import connect, disconnect
from tests.capture import recorder
from tests.support.mpd_server import MpdServer, wait_until
from tests.support.transcript import Sent, read_recording, replay

if TYPE_CHECKING:
    from pathlib import Path

STRANGE = "albums/it's 100 % [live] {x}.wav"


def test_what_a_client_sends_is_written_down_and_sent_again(mpd: MpdServer, tmp_path: Path) -> None:
    out = io.StringIO()
    with recorder(MpdAddress("127.0.0.1", mpd.port), 0, out) as running:
        running.act("puts on a song")
        client = connect(MpdAddress("127.0.0.1", running.port), time.monotonic() + 5)
        client.command_list_ok_begin()
        client.clear()
        client.add(STRANGE)
        client.command_list_end()
        running.act("-")
        song = client.playlistinfo()[0]
        running.act("plays it")
        client.playid(song["id"])
        disconnect(client)
        wait_until(lambda: "playid" in out.getvalue(), "all is written down")
    acts = read_recording(out.getvalue())
    assert acts == {
        "puts on a song": (
            Sent(1, "command_list_ok_begin"),
            Sent(1, "clear"),
            Sent(1, f'add "{STRANGE}"'),
            Sent(1, "command_list_end"),
        ),
        "plays it": (Sent(1, f'playid "{song["id"]}"', STRANGE),),
    }
    (tmp_path / "one.txt").write_text(out.getvalue(), encoding="utf-8")
    with replay(tmp_path / "one.txt", mpd) as again, mpd.person() as person:
        again.act("puts on a song")
        again.act("plays it")
        assert person.currentsong()["file"] == STRANGE
        assert person.currentsong()["id"] != song["id"]


def test_a_password_is_not_written_down(mpd: MpdServer) -> None:
    out = io.StringIO()
    with recorder(MpdAddress("127.0.0.1", mpd.port), 0, out) as running:
        running.act("connects")
        client = connect(MpdAddress("127.0.0.1", running.port), time.monotonic() + 5)
        with pytest.raises(Exception, match="incorrect password"):
            client.password("swordfish")
        disconnect(client)
    assert "swordfish" not in out.getvalue()
    assert read_recording(out.getvalue())["connects"] == (Sent(1, 'password "secret"'),)


def test_waiting_and_not_waiting_are_sent_as_mpd_takes_them(mpd: MpdServer, tmp_path: Path) -> None:
    lines = ("idle", "noidle", "noidle", "idle player", "status", "idle", "noidle", "status")
    (tmp_path / "one.txt").write_text(
        "# a client\n\n== waits\n" + "".join(f"0.000 7 {line}\n" for line in lines),
        encoding="utf-8",
    )
    with replay(tmp_path / "one.txt", mpd) as client:
        client.act("waits")


def test_what_is_no_recording_is_refused() -> None:
    with pytest.raises(ValueError, match="No line of a recording: 'clear'"):
        read_recording("== clears\nclear\n")
