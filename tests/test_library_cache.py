"""The moods' music, read ahead: what a press costs, and that an edit counts at the next use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from moodbox.adapters.mpd.player import MpdPlayer
from moodbox.core.mood import Mood
from moodbox.core.music.tastes import Ratings
from moodbox.core.ports import MOST_CANDIDATES, Message, PlayerError
from moodbox.library_cache import ENOUGH, LibraryCache
from tests.support.box_of_fakes import BoxOfFakes
from tests.support.fake_player import FakePlayer
from tests.support.mpd_server import MpdServer, write_song

HUGE = 100_000
DATABASE, STORED = frozenset({"database"}), frozenset({"stored_playlist"})


def huge_player() -> FakePlayer:
    """A player with 100,000 happy songs and three sad ones."""
    return FakePlayer(
        {
            Mood.HAPPY: [f"happy/{number}.ogg" for number in range(HUGE)],
            Mood.SAD: ["sad/a.ogg", "sad/b.ogg", "sad/c.ogg"],
        }
    )


def prefetch(cache: LibraryCache) -> int:
    """Read everything ahead; how many steps it took."""
    steps = 0
    while not cache.is_complete:
        cache.prefetch()
        steps += 1
    return steps


def test_prefetching_goes_batch_by_batch_and_comes_to_an_end() -> None:
    player = huge_player()
    cache = LibraryCache(player)
    steps = []
    while not cache.is_complete:
        before = player.batches_read
        cache.prefetch()
        steps.append(player.batches_read - before)
    assert max(steps) == 1
    assert sum(steps) == MOST_CANDIDATES // 100 + 1


def test_a_use_of_what_was_prefetched_reads_nothing() -> None:
    player = huge_player()
    cache = LibraryCache(player)
    prefetch(cache)
    before = player.batches_read
    songs = cache.get(Mood.HAPPY)
    assert (len(songs.songs), songs.total) == (MOST_CANDIDATES, HUGE)
    assert list(cache.get(Mood.SAD).songs) == ["sad/a.ogg", "sad/b.ogg", "sad/c.ogg"]
    assert cache.get(Mood.ANGRY).songs == {}
    assert player.batches_read == before


def test_after_each_use_of_a_large_mood_other_songs_are_read() -> None:
    player = huge_player()
    cache = LibraryCache(player)
    prefetch(cache)
    first = {*cache.get(Mood.HAPPY).songs}
    cache.get(Mood.SAD)
    assert prefetch(cache) == MOST_CANDIDATES // 100 + 2, "the large one alone"
    assert len(first & {*cache.get(Mood.HAPPY).songs}) < 200


def test_a_press_before_anything_was_read_makes_do_with_enough() -> None:
    player = huge_player()
    songs = LibraryCache(player).get(Mood.HAPPY)
    assert ENOUGH <= len(songs.songs) < 2 * ENOUGH
    assert songs.total == HUGE


@pytest.mark.parametrize("told", [True, False])
def test_an_edit_counts_at_the_next_use_whether_or_not_it_was_told_yet(told: bool) -> None:
    player = huge_player()
    cache = LibraryCache(player)
    prefetch(cache)
    player.library[Mood.SAD] = ("sad/new.ogg",)
    if told:
        cache.changed(STORED)
    assert list(cache.get(Mood.SAD).songs) == ["sad/new.ogg"]


def test_an_edit_of_a_large_mood_is_read_behind_the_press() -> None:
    player = huge_player()
    cache = LibraryCache(player)
    prefetch(cache)
    player.library[Mood.HAPPY] = tuple(f"happy/new {number}.ogg" for number in range(3000))
    before = player.batches_read
    cache.get(Mood.HAPPY)
    assert player.batches_read == before
    prefetch(cache)
    assert all("new" in uri for uri in cache.get(Mood.HAPPY).songs)


def test_a_change_in_the_middle_of_reading_begins_it_anew() -> None:
    player = huge_player()
    cache = LibraryCache(player)
    for _ in range(5):
        cache.prefetch()
    player.library[Mood.HAPPY] = ("happy/only.ogg",)
    cache.changed(DATABASE)
    prefetch(cache)
    assert list(cache.get(Mood.HAPPY).songs) == ["happy/only.ogg"]


def test_changes_of_playing_are_no_reason_to_read() -> None:
    cache = LibraryCache(huge_player())
    prefetch(cache)
    cache.changed(frozenset({"player", "playlist", "options"}))
    assert cache.is_complete
    cache.changed(frozenset({"sticker"}))
    assert prefetch(cache) == 1
    cache.changed(frozenset())
    assert prefetch(cache) > 10, "after a connection anything may have changed"


def test_a_player_that_goes_in_the_middle_is_read_when_it_is_back() -> None:
    player = huge_player()
    cache = LibraryCache(player)
    cache.prefetch()
    cache.prefetch()
    player.down = True
    with pytest.raises(PlayerError):
        cache.prefetch()
    player.down = False
    prefetch(cache)
    assert len(cache.get(Mood.HAPPY).songs) == MOST_CANDIDATES


def test_ratings_are_prefetched_too() -> None:
    player = huge_player()
    player.stickers["sad/a.ogg"] = Ratings(like=0)
    cache = LibraryCache(player)
    prefetch(cache)
    assert cache.ratings == {"sad/a.ogg": Ratings(like=0)}


# ── In the loop ──────────────────────────────────────────────────────────────────────────────────


def test_the_box_prefetches_while_nothing_happens_and_then_rests(tmp_path: Path) -> None:
    box = BoxOfFakes(tmp_path, player=huge_player())
    box.sitter.here = False
    box.live(1)
    read = box.player.batches_read
    assert read == MOST_CANDIDATES // 100 + 1
    box.live(600)
    assert box.player.batches_read == read


def test_a_press_is_served_in_the_middle_of_reading(tmp_path: Path) -> None:
    box = BoxOfFakes(tmp_path, player=huge_player())
    box.sitter.here = False
    for _ in range(3):
        box.daemon.iterate()
    assert box.player.batches_read < 5
    box.happens(Message("mood happy"))
    assert (box.current or "").startswith("happy/")
    assert box.player.batches_read < 10


def test_a_song_rated_elsewhere_comes_first_and_a_disliked_one_hardly_ever(tmp_path: Path) -> None:
    firsts = []
    for number in range(30):
        folder = tmp_path / str(number)
        folder.mkdir()
        box = BoxOfFakes(folder)
        for song in box.player.library[Mood.SAD][:10]:
            box.player.stickers[song] = Ratings(rating=10, like=2)
        for song in box.player.library[Mood.SAD][10:]:
            box.player.stickers[song] = Ratings(rating=1, like=0)
        box.sitter.here = False
        box.live(1)
        box.happens(Message("mood sad"))
        firsts.append(box.current)
    loved = {f"sad/{number}.ogg" for number in range(10)}
    assert sum(first in loved for first in firsts) >= 15, "every second is just a new one"


# ── On a real MPD ────────────────────────────────────────────────────────────────────────────────


def use(cache: LibraryCache) -> set[str]:
    """What a mood's music is when it is used."""
    return {*cache.get(Mood.SAD).songs}


def test_edits_by_a_client_in_the_file_and_in_the_folder_count_at_the_next_use(
    tmp_path: Path,
) -> None:
    music = tmp_path / "music"
    for name in ("sad/a.wav", "albums/b.wav", "albums/c.wav"):
        write_song(music / name, duration_s=0.1)
    with MpdServer(tmp_path / "mpd", music) as server:
        player = MpdPlayer(server.address, timeout_s=5.0)
        cache = LibraryCache(player)
        prefetch(cache)
        assert use(cache) == {"sad/a.wav"}
        with server.person() as client:
            client.playlistadd("sad", "albums/b.wav")
        assert use(cache) == {"sad/a.wav", "albums/b.wav"}
        server.save_playlist("sad", ["albums/c.wav"])
        path = server.playlists / "sad.m3u"
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime + 2))  # some seconds later
        assert use(cache) == {"sad/a.wav", "albums/c.wav"}
        with server.person() as client:
            client.rm("sad")
        assert use(cache) == {"sad/a.wav"}
        write_song(music / "sad" / "new.wav", duration_s=0.1)
        server.update()
        cache.changed(DATABASE)
        assert use(cache) == {"sad/a.wav", "sad/new.wav"}
        player.close()


def test_without_stickers_nobody_says_anything(tmp_path: Path) -> None:
    write_song(tmp_path / "music" / "sad" / "a.wav", duration_s=0.1)

    class Plain(MpdServer):
        """An MPD without stickers, and without stored playlists."""

        def config(self) -> str:
            lines = super().config().splitlines()
            gone = ("sticker_file", "playlist_directory")
            return "\n".join(line for line in lines if not line.startswith(gone)) + "\n"

    with Plain(tmp_path / "mpd", tmp_path / "music") as server:
        player = MpdPlayer(server.address, timeout_s=5.0)
        cache = LibraryCache(player)
        prefetch(cache)
        assert use(cache) == {"sad/a.wav"}
        assert cache.ratings == {}
        player.close()


@pytest.mark.parametrize(
    "odd", ["good", "-1", "", "7.5", "9" * 5000, "101", "٧"], ids=lambda odd: odd[:8]
)
def test_a_client_that_writes_anything_for_ratings_does_no_harm(odd: str, mpd: MpdServer) -> None:
    with mpd.person() as client:
        for name in ("rating", "like"):
            client.sticker_set("song", "sad/01.wav", name, odd)
        client.sticker_set("song", "sad/02.wav", "rating", "7")
    player = MpdPlayer(mpd.address, timeout_s=5.0)
    assert player.ratings() == {"sad/02.wav": Ratings(rating=7)}
    player.close()
