"""What every player promises: held against the fake and against a real MPD."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from moodbox.adapters.mpd.player import MpdPlayer
from moodbox.core.mood import Mood
from moodbox.core.music.playback import (
    Add,
    Delete,
    Pause,
    PlayAdded,
    PlayState,
    QueueCommand,
    QueuedSong,
    Resume,
    Snapshot,
)
from moodbox.core.music.tastes import Ratings
from moodbox.core.ports import Player, PlayerError, PlayerRefusedError
from tests.support.fake_player import FakePlayer
from tests.support.mpd_server import STRANGE_NAMES, MpdServer, write_songs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HAPPY = tuple(f"happy/{number:02d}.wav" for number in range(1, 5))
ALBUM = ("albums/one.wav", "albums/two.wav", "albums/three.wav")
STRANGE = tuple(f"albums/{name}" for name in STRANGE_NAMES)
UNKNOWN = "happy/no such song.wav"


class Stage(Protocol):
    """A player, a person with a client of their own, and accidents."""

    player: Player

    def add(self, *uris: str) -> None: ...
    def clear(self) -> None: ...
    def play(self) -> None: ...
    def pause(self) -> None: ...
    def stop(self) -> None: ...
    def shuffle(self) -> None: ...
    def set(self, option: str, on: bool) -> None: ...
    def delete(self, song_id: int) -> None: ...
    def restart(self) -> None: ...
    def go_down(self) -> None: ...
    def come_back(self) -> None: ...
    def save_happy(self, *uris: str) -> None: ...
    def rate(self, uri: str, **stickers: int) -> None: ...
    def save(self, name: str, *uris: str) -> None: ...
    def stored(self) -> dict[str, tuple[str, ...]]: ...


class FakeStage:
    def __init__(self) -> None:
        self.fake = FakePlayer({Mood.HAPPY: HAPPY})
        self.fake.unknown = {UNKNOWN}
        self.player: Player = self.fake

    def add(self, *uris: str) -> None:
        self.fake.user_add(*uris)

    def clear(self) -> None:
        self.fake.user_clear()

    def play(self) -> None:
        self.fake.user_play()

    def pause(self) -> None:
        self.fake.user_pause()

    def stop(self) -> None:
        self.fake.user_stop()

    def shuffle(self) -> None:
        self.fake.user_shuffle()

    def set(self, option: str, on: bool) -> None:
        self.fake.user_set(option, on)

    def delete(self, song_id: int) -> None:
        self.fake.user_delete(song_id)

    def restart(self) -> None:
        self.fake.restart()

    def go_down(self) -> None:
        self.fake.down = True

    def come_back(self) -> None:
        self.fake.down = False

    def save_happy(self, *uris: str) -> None:
        self.fake.library[Mood.HAPPY] = tuple(u for u in uris if u != UNKNOWN) + HAPPY

    def rate(self, uri: str, **stickers: int) -> None:
        ratings = self.fake.stickers.get(uri, Ratings())
        self.fake.stickers[uri] = replace(ratings, **stickers)

    def save(self, name: str, *uris: str) -> None:
        self.fake.stored[name] = uris

    def stored(self) -> dict[str, tuple[str, ...]]:
        return self.fake.stored


class MpdStage:
    def __init__(self, server: MpdServer) -> None:
        self.server = server
        self.player: Player = MpdPlayer(server.address)

    def _do(self, command: str, *arguments: object) -> None:
        with self.server.person() as client:
            getattr(client, command)(*arguments)

    def add(self, *uris: str) -> None:
        for uri in uris:
            self._do("add", uri)

    def clear(self) -> None:
        self._do("clear")

    def play(self) -> None:
        self._do("play")

    def pause(self) -> None:
        self._do("pause", 1)

    def stop(self) -> None:
        self._do("stop")

    def shuffle(self) -> None:
        self._do("shuffle")

    def set(self, option: str, on: bool) -> None:
        self._do(option, int(on))

    def delete(self, song_id: int) -> None:
        self._do("deleteid", song_id)

    def restart(self) -> None:
        self.server.restart()

    def go_down(self) -> None:
        self.server.stop()

    def come_back(self) -> None:
        self.server.start()

    def save_happy(self, *uris: str) -> None:
        self.server.save_playlist("happy", uris)

    def rate(self, uri: str, **stickers: int) -> None:
        for name, value in stickers.items():
            self._do("sticker_set", "song", uri, name, value)

    def save(self, name: str, *uris: str) -> None:
        self.server.save_playlist(name, uris)

    def stored(self) -> dict[str, tuple[str, ...]]:
        with self.server.person() as client:
            names = [entry["playlist"] for entry in client.listplaylists()]
            return {name: tuple(client.listplaylist(name)) for name in names}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MpdServer]:
    folder = tmp_path_factory.mktemp("mpd")
    write_songs(folder / "music")
    for path in (folder / "music" / "sad").iterdir():
        path.unlink()
    with MpdServer(folder / "server", folder / "music") as running:
        yield running


@pytest.fixture(params=["fake", "mpd"])
def stage(request: Any) -> Stage:
    if request.param == "fake":
        return FakeStage()
    running: MpdServer = request.getfixturevalue("server")
    running.reset()
    return MpdStage(running)


def apply(
    stage: Stage, *changes: QueueCommand, since: Snapshot | None = None
) -> tuple[QueuedSong, ...]:
    """Apply changes to the player as it is now, or as it was."""
    return stage.player.apply(changes, since or stage.player.snapshot())


def uris(player: Player) -> tuple[str, ...]:
    return tuple(song.uri for song in player.snapshot().queue)


def test_an_empty_player_is_stopped_with_nothing_current(stage: Stage) -> None:
    snapshot = stage.player.snapshot()
    assert snapshot.queue == ()
    assert (snapshot.state, snapshot.current_id) == (PlayState.STOP, None)
    assert (snapshot.elapsed_s, snapshot.duration_s, snapshot.error) == (None, None, None)


def test_what_is_added_comes_back_with_its_ids_and_stands_at_the_end(stage: Stage) -> None:
    stage.add(*ALBUM)
    added = apply(stage, Add(HAPPY[:2]))
    assert tuple(song.uri for song in added) == HAPPY[:2]
    assert stage.player.snapshot().queue[3:] == added
    assert uris(stage.player) == ALBUM + HAPPY[:2]


def test_ids_are_unique_even_of_the_same_song(stage: Stage) -> None:
    added = apply(stage, Add((HAPPY[0],) * 3), Add(HAPPY[:1]))
    assert len({song.id for song in added}) == 4


def test_adding_alone_starts_no_music(stage: Stage) -> None:
    apply(stage, Add(HAPPY))
    assert stage.player.snapshot().state is PlayState.STOP


def test_play_added_plays_the_first_of_what_was_added(stage: Stage) -> None:
    stage.add(*ALBUM)
    stage.play()
    added = apply(stage, Add(HAPPY), PlayAdded())
    snapshot = stage.player.snapshot()
    assert (snapshot.state, snapshot.current_id) == (PlayState.PLAY, added[0].id)
    assert snapshot.elapsed_s is not None
    assert snapshot.duration_s is not None


@pytest.mark.parametrize("action", ["pause", "stop", "clear"])
def test_a_user_action_since_the_last_poll_is_not_played_over(stage: Stage, action: str) -> None:
    apply(stage, Add(HAPPY[:2]), PlayAdded())
    seen = stage.player.snapshot()
    getattr(stage, action)()
    with pytest.raises(PlayerRefusedError) as refused:
        apply(stage, Add(HAPPY[2:]), PlayAdded(), Delete((seen.queue[0].id,)), since=seen)
    now = stage.player.snapshot()
    assert refused.value.added == now.queue[-2:]
    assert now.state is (PlayState.PAUSE if action == "pause" else PlayState.STOP)
    left = () if action == "clear" else HAPPY[:2]
    assert tuple(song.uri for song in now.queue) == left + HAPPY[2:]
    if action == "pause":
        assert now.current_id == seen.current_id
    # What was seen this time is displaced.
    added = apply(stage, Add(HAPPY[:1]), PlayAdded())
    assert stage.player.snapshot().current_id == added[0].id


def test_what_plays_can_be_paused_and_goes_on_where_it_was(stage: Stage) -> None:
    added = apply(stage, Add(HAPPY), PlayAdded())
    for on, state in ((True, PlayState.PAUSE), (True, PlayState.PAUSE), (False, PlayState.PLAY)):
        apply(stage, Pause(on))
        now = stage.player.snapshot()
        assert (now.state, now.current_id) == (state, added[0].id)


@pytest.mark.parametrize("action", ["pause", "stop"])
def test_what_a_person_has_paused_or_stopped_since_is_not_paused_by_the_box(
    stage: Stage, action: str
) -> None:
    apply(stage, Add(HAPPY), PlayAdded())
    seen = stage.player.snapshot()
    getattr(stage, action)()
    with pytest.raises(PlayerRefusedError):
        apply(stage, Pause(True), since=seen)
    assert stage.player.snapshot().state is (
        PlayState.PAUSE if action == "pause" else PlayState.STOP
    )


def test_what_a_person_set_going_since_is_not_paused(stage: Stage) -> None:
    apply(stage, Add(HAPPY), PlayAdded(), Pause(True))
    seen = stage.player.snapshot()
    stage.play()
    with pytest.raises(PlayerRefusedError):
        apply(stage, Pause(True), since=seen)
    assert stage.player.snapshot().state is PlayState.PLAY


@pytest.mark.parametrize("on", [True, False])
def test_where_music_is_stopped_there_is_nothing_to_pause(stage: Stage, on: bool) -> None:
    apply(stage, Add(HAPPY))
    apply(stage, Pause(on))
    assert stage.player.snapshot().state is PlayState.STOP


def test_play_that_began_since_the_last_poll_goes_on(stage: Stage) -> None:
    stage.add(*ALBUM)
    seen = stage.player.snapshot()
    stage.play()
    with pytest.raises(PlayerRefusedError):
        apply(stage, Add(HAPPY), PlayAdded(), since=seen)
    now = stage.player.snapshot()
    assert (now.state, now.current_id) == (PlayState.PLAY, now.queue[0].id)


def test_play_added_without_an_addition_is_refused(stage: Stage) -> None:
    stage.add(*ALBUM)
    with pytest.raises(PlayerRefusedError):
        apply(stage, PlayAdded())


def test_deleting_passes_over_ids_that_are_gone(stage: Stage) -> None:
    added = apply(stage, Add(HAPPY))
    ids = [song.id for song in added]
    stage.player.snapshot()
    apply(stage, Delete((9001, ids[0], 9002, 9003, ids[2], 9004)))
    apply(stage, Delete((ids[0], ids[2])))
    assert uris(stage.player) == (HAPPY[1], HAPPY[3])


def test_a_deleted_current_song_gives_way_to_the_next(stage: Stage) -> None:
    added = apply(stage, Add(HAPPY), PlayAdded())
    stage.player.snapshot()
    apply(stage, Delete((added[0].id,)))
    snapshot = stage.player.snapshot()
    assert (snapshot.state, snapshot.current_id) == (PlayState.PLAY, added[1].id)


def test_a_switch_leaves_the_old_songs_to_the_last(stage: Stage) -> None:
    old = apply(stage, Add(HAPPY[:2]), PlayAdded())
    stage.player.snapshot()
    added = apply(stage, Add(HAPPY[2:]), PlayAdded(), Delete(tuple(s.id for s in old)))
    snapshot = stage.player.snapshot()
    assert snapshot.queue == added
    assert (snapshot.state, snapshot.current_id) == (PlayState.PLAY, added[0].id)


@pytest.mark.parametrize("state", [PlayState.PLAY, PlayState.PAUSE])
def test_a_song_is_gone_on_with_where_it_was(stage: Stage, state: PlayState) -> None:
    stage.add(*ALBUM)
    stage.play()
    added = apply(stage, Add(HAPPY), Resume(2, 7.5, state))
    snapshot = stage.player.snapshot()
    assert (snapshot.state, snapshot.current_id) == (state, added[2].id)
    assert 7.4 <= (snapshot.elapsed_s or 0) < 15


@pytest.mark.parametrize("action", ["pause", "stop", "clear", "play"])
def test_a_user_action_since_the_last_poll_is_not_resumed_over(stage: Stage, action: str) -> None:
    stage.add(*ALBUM)
    if action != "play":
        stage.play()
    seen = stage.player.snapshot()
    getattr(stage, action)()
    with pytest.raises(PlayerRefusedError) as refused:
        apply(stage, Add(HAPPY), Resume(2, 7.5, PlayState.PLAY), since=seen)
    now = stage.player.snapshot()
    assert refused.value.added == now.queue[-4:]
    states = {"pause": PlayState.PAUSE, "play": PlayState.PLAY}
    assert now.state is states.get(action, PlayState.STOP)
    if action in states:
        assert now.current_id == seen.queue[0].id


def test_what_was_stopped_is_gone_on_with_stopped(stage: Stage) -> None:
    stage.add(*ALBUM)
    stage.play()
    apply(stage, Add(HAPPY), Resume(2, 7.5, PlayState.STOP))
    assert stage.player.snapshot().state is PlayState.STOP


def test_of_songs_that_are_gone_on_with_the_last_stands_for_those_that_are_missing(
    stage: Stage,
) -> None:
    added = apply(stage, Add((HAPPY[0], UNKNOWN)), Resume(1, 0.0, PlayState.PLAY))
    assert stage.player.snapshot().current_id == added[0].id


def test_stored_playlists_are_offered_once_and_a_persons_is_left_alone(stage: Stage) -> None:
    stage.save("Mine", ALBUM[0])
    stage.save("Empty")
    stage.player.ensure_playlists(
        {"Mine": HAPPY[0], "Empty": HAPPY[1], "New": HAPPY[2], "None": UNKNOWN}
    )
    stage.player.ensure_playlists({"New": HAPPY[3]})
    assert stage.stored() == {"Mine": (ALBUM[0],), "Empty": (HAPPY[1],), "New": (HAPPY[2],)}


def test_an_unknown_song_is_passed_over(stage: Stage) -> None:
    added = apply(stage, Add((UNKNOWN, HAPPY[0], UNKNOWN, HAPPY[1], UNKNOWN)), PlayAdded())
    assert tuple(song.uri for song in added) == HAPPY[:2]
    assert stage.player.snapshot().current_id == added[0].id


def test_of_a_refused_plan_the_commands_before_stay_done_and_those_after_undone(
    stage: Stage,
) -> None:
    stage.add(*ALBUM)
    ids = tuple(song.id for song in stage.player.snapshot().queue)
    with pytest.raises(PlayerRefusedError):
        apply(stage, Delete(ids[:1]), Add((UNKNOWN,)), Delete(ids[1:]))
    assert uris(stage.player) == ALBUM[1:]


def test_the_player_is_usable_after_a_refusal(stage: Stage) -> None:
    with pytest.raises(PlayerRefusedError):
        apply(stage, Add((UNKNOWN,)))
    assert len(apply(stage, Add(HAPPY))) == 4


@pytest.mark.parametrize("uri", STRANGE)
def test_any_name_goes_into_the_queue_and_comes_back_the_same(stage: Stage, uri: str) -> None:
    (song,) = apply(stage, Add((uri,)), PlayAdded())
    assert stage.player.snapshot().queue == (song,)
    assert song.uri == uri


def test_pause_and_stop_by_a_person_are_seen(stage: Stage) -> None:
    added = apply(stage, Add(HAPPY), PlayAdded())
    stage.pause()
    assert stage.player.snapshot().state is PlayState.PAUSE
    assert stage.player.snapshot().elapsed_s is not None
    stage.stop()
    snapshot = stage.player.snapshot()
    assert (snapshot.state, snapshot.current_id) == (PlayState.STOP, added[0].id)
    assert snapshot.elapsed_s is None


def test_a_queue_cleared_by_a_person_is_seen(stage: Stage) -> None:
    apply(stage, Add(HAPPY), PlayAdded())
    stage.player.snapshot()
    stage.clear()
    snapshot = stage.player.snapshot()
    assert (snapshot.queue, snapshot.state, snapshot.current_id) == ((), PlayState.STOP, None)


def test_the_version_counts_each_song_that_comes_or_goes_and_each_clearing(stage: Stage) -> None:
    start = stage.player.snapshot().version
    added = apply(stage, Add(HAPPY), PlayAdded())
    assert stage.player.snapshot().version == start + 4
    stage.pause()
    stage.play()
    stage.stop()
    assert stage.player.snapshot().version == start + 4
    apply(stage, Delete(tuple(song.id for song in added[:2])))
    assert stage.player.snapshot().version == start + 6
    for more in (7, 8):
        stage.clear()
        assert stage.player.snapshot().version == start + more
    stage.add(ALBUM[0])
    stage.clear()
    assert stage.player.snapshot().version == start + 10


def test_what_is_stopped_keeps_its_place_until_it_is_taken_out_mixed_or_played_at_random(
    stage: Stage,
) -> None:
    added = apply(stage, Add(HAPPY), PlayAdded())
    stage.stop()
    for option in ("repeat", "single", "consume"):
        stage.set(option, True)
        assert stage.player.snapshot().options == {option}
        stage.set(option, False)
    stage.delete(added[1].id)
    assert stage.player.snapshot().current_id == added[0].id
    version = stage.player.snapshot().version
    losses: tuple[tuple[Callable[[], None], int], ...] = (
        (lambda: stage.set("random", True), 0),
        (lambda: stage.delete(added[0].id), 1),
        (stage.shuffle, 1),
    )
    for lose, more in losses:
        lose()
        now = stage.player.snapshot()
        assert (now.state, now.current_id) == (PlayState.STOP, None)
        assert now.version == version + more
        version = now.version
        stage.set("random", False)
        stage.play()
        stage.stop()


def test_what_is_paused_and_taken_out_is_stopped_at_the_next(stage: Stage) -> None:
    added = apply(stage, Add(HAPPY), PlayAdded(), Pause(True))
    stage.delete(added[0].id)
    now = stage.player.snapshot()
    assert (now.state, now.current_id) == (PlayState.STOP, added[1].id)


def test_a_moods_songs_are_those_of_its_playlist_and_of_its_folder(stage: Stage) -> None:
    stage.save_happy(ALBUM[0], UNKNOWN, HAPPY[1], ALBUM[0])
    parts = list(stage.player.batches(Mood.HAPPY))
    assert {uri for part in parts for uri in part.uris} == {ALBUM[0], *HAPPY}
    assert {part.total for part in parts} == {5}, "each song once, whatever place it is in"


def test_a_mood_without_music_has_no_songs(stage: Stage) -> None:
    assert [uri for part in stage.player.batches(Mood.SAD) for uri in part.uris] == []


def test_an_edited_playlist_is_another_revision_of_its_mood_alone(stage: Stage) -> None:
    before = {mood: stage.player.revision(mood) for mood in Mood}
    assert before == {mood: stage.player.revision(mood) for mood in Mood}
    stage.save_happy(ALBUM[0])
    after = {mood: stage.player.revision(mood) for mood in Mood}
    assert {mood for mood in Mood if after[mood] != before[mood]} == {Mood.HAPPY}


def test_what_other_clients_say_of_songs_is_heard(stage: Stage) -> None:
    assert stage.player.ratings() == {}
    stage.rate(HAPPY[0], rating=9)
    stage.rate(HAPPY[0], like=2)
    stage.rate(ALBUM[0], like=0)
    assert stage.player.ratings() == {HAPPY[0]: Ratings(9, 2), ALBUM[0]: Ratings(like=0)}


def test_a_player_that_is_down_says_so_and_comes_back_by_itself(stage: Stage) -> None:
    apply(stage, Add(HAPPY))
    seen = stage.player.snapshot()
    stage.go_down()
    for call in (
        stage.player.snapshot,
        lambda: stage.player.revision(Mood.HAPPY),
        lambda: list(stage.player.batches(Mood.HAPPY)),
        stage.player.ratings,
        lambda: stage.player.ensure_playlists({"New": HAPPY[0]}),
        lambda: stage.player.apply([Add(HAPPY)], seen),
    ):
        with pytest.raises(PlayerError) as caught:
            call()
        assert not isinstance(caught.value, PlayerRefusedError)
    stage.come_back()
    assert uris(stage.player) == HAPPY


def test_a_restart_is_counted_and_leaves_the_music_paused(stage: Stage) -> None:
    apply(stage, Add(HAPPY), PlayAdded())
    before = stage.player.snapshot()
    stage.restart()
    after = stage.player.snapshot()
    assert after.restarts == before.restarts + 1
    assert after.state is PlayState.PAUSE
    assert [song.uri for song in after.queue] == list(HAPPY)


def test_ids_from_before_a_restart_delete_nothing(stage: Stage) -> None:
    """Another song may bear the old number now."""
    stage.add(*ALBUM)
    seen = stage.player.snapshot()
    stage.restart()
    with pytest.raises(PlayerRefusedError):
        apply(stage, Delete(tuple(song.id for song in seen.queue)), since=seen)
    assert uris(stage.player) == ALBUM
