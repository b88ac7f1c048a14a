"""Clients as they were recorded from the wire, before a box that lives and a real MPD."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from moodbox.core.mood import Mood
from moodbox.core.music.trigger_tracks import MESSAGES, PLAYLISTS
from moodbox.core.seeing.presence import Presence
from tests.support.live_box import LiveBox, live_box
from tests.support.mpd_server import MpdServer, wait_until
from tests.support.transcript import CONNECTS, Replay, read_recording, replay, write_recorded_music
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
    from collections.abc import Iterator

RECORDED = Path(__file__).with_name("client_sessions")
CLIENTS = sorted(path.stem for path in RECORDED.glob("*.txt"))

_PASSWORD = """password "secret@read,add,control,admin"
default_permissions "read,add,control,admin"
"""
"""mpc was recorded with a password."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MpdServer]:
    music = tmp_path_factory.mktemp("music")
    write_recorded_music(music)
    with MpdServer(tmp_path_factory.mktemp("mpd"), music, _PASSWORD) as server:
        yield server


@pytest.fixture
def box(server: MpdServer, tmp_path: Path) -> Iterator[LiveBox]:
    """A box before an empty chair; whoever sits down there is happy."""
    with live_box(server, tmp_path, Mood.HAPPY) as box:
        wait_until(lambda: {*PLAYLISTS} <= playlists(server), "the playlists are offered")
        yield box


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest, box: LiveBox, server: MpdServer) -> Iterator[Replay]:
    """Each recorded client in turn, connected."""
    with replay(RECORDED / f"{request.param}.txt", server) as client:
        client.act(CONNECTS)
        yield client


def wait_until_seen(box: LiveBox, server: MpdServer) -> None:
    """Wait until the box has seen what a client did last."""

    def seen() -> bool:
        state, song, _ = current(server)
        playback = box.daemon.state.playing.playback
        assert playback is not None
        uris = {each.id: each.uri for each in playback.queue}
        now = [*uris.values()], str(playback.state), uris.get(playback.current_id or 0)
        return now == (queue(server), state, song)

    wait_until(seen, "the box has seen it")


def sits_down(box: LiveBox) -> None:
    """Somebody sits down, which the box sees; only manual control keeps it from reading."""
    box.sitter.here = True
    presence = Presence.SITTING
    wait_until(lambda: box.daemon.state.seeing.tracked.presence is presence, "they are seen")


def is_left_alone(box: LiveBox, server: MpdServer) -> bool:
    """Whether what is there when somebody sits down is there as well when that is over."""
    songs, before = queue(server), current(server)[:2]
    sits_down(box)
    wait_until(lambda: box.daemon.state.seeing.attempt is None, "whatever reading began is over")
    # A message, unlike the button, is heeded after all that the box does for whoever sits there.
    mpc(server, "sendmessage", "moodbox", "camera off")
    wait_until(lambda: box.daemon.state.appliance.camera_closed, "the camera is closed")
    return (queue(server), current(server)[:2]) == (songs, before)


def is_served(box: LiveBox, server: MpdServer) -> None:
    """Somebody sits down, and hears what they are read to like."""
    sits_down(box)
    wait_until(lambda: plays(server, Mood.HAPPY), "happy music")


def sad_music(box: LiveBox, server: MpdServer) -> None:
    """The box's own music plays."""
    mpc(server, "sendmessage", "moodbox", "mood sad")
    wait_until(lambda: plays(server, Mood.SAD), "sad music")
    wait_until(lambda: box.daemon.state.playing.mood is Mood.SAD, "the box knows")
    wait_until_seen(box, server)


def test_a_client_that_connects_touches_nothing(
    client: Replay, box: LiveBox, server: MpdServer
) -> None:
    assert queue(server) == []
    assert box.daemon.state.control.manual is None
    is_served(box, server)


def test_a_mood_instead_of_the_queue(client: Replay, box: LiveBox, server: MpdServer) -> None:
    put_on_album(server, box)
    client.act("plays Mood: sad instead of the queue")
    wait_until(lambda: plays(server, Mood.SAD), "sad music")
    assert box.daemon.state.control.manual is None


def test_a_reading_instead_of_the_queue(client: Replay, box: LiveBox, server: MpdServer) -> None:
    """Nobody sits there: the reading ends without a mood, and what was cleared is back."""
    put_on_album(server, box)
    client.act("plays Read my mood instead of the queue")
    wait_until(lambda: album_is_back(server), "the album is back")
    wait_until(lambda: box.daemon.state.seeing.reading is not None, "the reading is over")
    assert album_is_back(server)


def test_a_mood_added_to_the_queue(client: Replay, box: LiveBox, server: MpdServer) -> None:
    put_on_album(server, box)
    client.act("adds Mood: neutral to the queue")
    wait_until(lambda: (current(server)[1] or "").startswith("neutral/"), "neutral music")
    wait_until(lambda: not {*queue(server)} & {*MESSAGES}, "the trigger track is gone")
    assert [uri for uri in queue(server) if uri in ALBUM] == list(ALBUM)


OWN_MUSIC = (
    ("puts on a song of their own",),
    ("adds a song", "plays a song of the queue"),
    ("puts on a song of their own instead of the queue",),
    ("puts on another album instead of the queue",),
)
"""Acts by which people put on music; each client was recorded with some of them."""
RECORDED_OWN_MUSIC = [
    pytest.param(name, acts, id=f"{name} {' and '.join(acts)}")
    for name in CLIENTS
    for acts in OWN_MUSIC
    if {*acts} <= {*read_recording((RECORDED / f"{name}.txt").read_text(encoding="utf-8"))}
]


@pytest.mark.parametrize(("client", "acts"), RECORDED_OWN_MUSIC, indirect=["client"])
def test_their_own_music_is_not_overruled_by_a_sitting_and_survives_a_press(
    client: Replay, acts: tuple[str, ...], box: LiveBox, server: MpdServer
) -> None:
    put_on_album(server, box)
    for act in acts:
        client.act(act)
    theirs = queue(server)
    assert theirs != list(ALBUM)
    wait_until_seen(box, server)
    assert is_left_alone(box, server)
    mpc(server, "sendmessage", "moodbox", "mood angry")
    wait_until(lambda: (current(server)[1] or "").startswith("angry/"), "angry music")
    assert [uri for uri in queue(server) if uri.startswith("albums/")] == theirs


@pytest.mark.parametrize("act", ["pauses", "stops", "clears the queue"])
def test_music_that_they_silence_stays_silent(
    act: str, client: Replay, box: LiveBox, server: MpdServer
) -> None:
    sad_music(box, server)
    client.act(act)
    assert current(server)[0] != "play"
    wait_until_seen(box, server)
    assert is_left_alone(box, server)


def test_what_they_let_go_on_goes_on(client: Replay, box: LiveBox, server: MpdServer) -> None:
    sad_music(box, server)
    client.act("pauses")
    wait_until_seen(box, server)
    client.act("goes on")
    wait_until_seen(box, server)
    assert plays(server, Mood.SAD)


def test_a_skip_begins_no_manual_control(client: Replay, box: LiveBox, server: MpdServer) -> None:
    sad_music(box, server)
    before = current(server)[1]
    client.act("goes to the next song")
    assert current(server)[1] != before
    wait_until_seen(box, server)
    assert box.daemon.state.control.manual is None
    is_served(box, server)


def test_options_and_what_they_took_out_stay_as_they_left_them(
    client: Replay, box: LiveBox, server: MpdServer
) -> None:
    put_on_album(server, box)
    for act in ("sets the volume", "sets random", "takes a song out"):
        client.act(act)
    assert queue(server) == list(ALBUM[1:])
    options = volume_and_random(server)
    client.act("adds Mood: neutral to the queue")
    wait_until(lambda: (current(server)[1] or "").startswith("neutral/"), "neutral music")
    wait_until(lambda: not {*queue(server)} & {*MESSAGES}, "the trigger track is gone")
    assert volume_and_random(server) == options
    assert [uri for uri in queue(server) if uri in ALBUM] == list(ALBUM[1:])


def volume_and_random(server: MpdServer) -> tuple[str, str]:
    """What a client sets of these."""
    with server.person() as client:
        status = client.status()
    return status["volume"], status["random"]
