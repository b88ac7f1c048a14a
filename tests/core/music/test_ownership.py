"""Whose song is whose: recognising, and plans that a person's songs survive."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import example, given
from hypothesis import strategies as st

from moodbox.core.music.ownership import Ownership, recognise
from moodbox.core.music.plans import (
    KEEP_PLAYED,
    added_uris,
    owned_ahead,
    plan_switch,
    plan_top_up,
    removed_by_user,
    split_owned,
)
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

if TYPE_CHECKING:
    from collections.abc import Sequence


def line(first_id: int, uris: str) -> tuple[QueuedSong, ...]:
    """Songs named by single letters, with ids in a row."""
    return tuple(QueuedSong(first_id + i, uri) for i, uri in enumerate(uris))


def user_songs(queue: Sequence[QueuedSong], ownership: Ownership) -> tuple[QueuedSong, ...]:
    """Songs that neither the box put in nor a press displaced."""
    return recognise(queue, ownership).user_songs


def songs_left(snapshot: Snapshot, ownership: Ownership) -> int:
    """How many of the box's songs are still to come."""
    return len(owned_ahead(snapshot, ownership))


def playing(queue: tuple[QueuedSong, ...], current_id: int | None) -> Snapshot:
    state = PlayState.PLAY if current_id is not None else PlayState.STOP
    return Snapshot(queue, state, current_id)


class Server:
    """A small model of MPD's queue: ids only grow until a restart; acts come one at a time."""

    def __init__(self) -> None:
        self.queue: list[QueuedSong] = []
        self.next_id = 1
        self.current_id: int | None = None

    def add(self, uris: tuple[str, ...]) -> tuple[QueuedSong, ...]:
        songs = tuple(QueuedSong(self.next_id + i, uri) for i, uri in enumerate(uris))
        self.next_id += len(songs)
        self.queue += songs
        return songs

    def delete(self, song_id: int) -> None:
        self.queue = [song for song in self.queue if song.id != song_id]
        if self.current_id == song_id:
            self.current_id = None

    def restart(self) -> None:
        at = [song.id for song in self.queue].index(self.current_id) if self.current_id else None
        self.queue = list(line(1, [song.uri for song in self.queue]))  # type: ignore[arg-type]
        self.next_id = len(self.queue) + 1
        self.current_id = None if at is None else self.queue[at].id

    def snapshot(self) -> Snapshot:
        return playing(tuple(self.queue), self.current_id)

    def carry_out(self, command: QueueCommand, added: list[QueuedSong]) -> None:
        match command:
            case Add(uris):
                added += self.add(uris)
            case PlayAdded():
                self.current_id = added[0].id
            case Delete(ids):
                for song_id in ids:
                    self.delete(song_id)
            case Pause() | Resume():
                raise AssertionError("no plan of these tests pauses or resumes")


# ── Recognising ──────────────────────────────────────────────────────────────────────────────────


def test_songs_are_known_by_id_and_uri() -> None:
    owned, displaced = line(1, "ab"), line(3, "xy")
    known = Ownership(owned, displaced)
    assert recognise(owned + displaced, known) == known
    assert user_songs(owned + displaced, known) == ()


def test_what_a_person_took_out_is_forgotten() -> None:
    known = Ownership(line(1, "abc"))
    assert recognise(line(2, "bc"), known).owned == line(2, "bc")
    assert recognise((), known).owned == ()


def test_moving_songs_changes_nothing() -> None:
    known = Ownership(line(1, "abc"), line(4, "x"))
    moved = tuple(reversed(known.owned + known.displaced))
    assert user_songs(moved, known) == ()


def test_a_song_that_a_person_adds_is_a_user_song_even_if_the_box_has_the_same() -> None:
    known = Ownership(line(5, "abc"))
    assert user_songs((*known.owned, QueuedSong(8, "b")), known) == (QueuedSong(8, "b"),)


def test_a_person_who_clears_and_loads_the_same_songs_has_put_them_on() -> None:
    """Higher ids: it is the same server, and not the box's doing."""
    known = Ownership(line(5, "abc"))
    assert user_songs(line(8, "abc"), known) == line(8, "abc")


def test_after_a_restart_songs_are_known_by_uri_with_their_new_ids() -> None:
    known = Ownership(line(41, "abc"), line(30, "xy"))
    queue = line(1, "xyabc")
    now = recognise(queue, known, anew=True)
    assert (now.displaced, now.owned) == (queue[:2], queue[2:])
    assert user_songs(queue, now) == ()


def test_after_a_restart_repeated_songs_are_known_although_some_ids_still_fit() -> None:
    """A mood of three songs: ids shift by three, and most pairs of id and URI look as before."""
    known = Ownership(line(4, "abcabcabc"))
    queue = line(1, "abcabcabc")
    assert recognise(queue, known, anew=True).owned == queue


def test_after_a_restart_a_persons_songs_stay_user_songs() -> None:
    known = Ownership(line(41, "ab"))
    queue = line(1, "axb")
    now = recognise(queue, known, anew=True)
    assert now.owned == (queue[0], queue[2])
    assert user_songs(queue, now) == (queue[1],)


def test_after_a_restart_a_song_of_both_is_rather_left_to_the_person() -> None:
    known = Ownership(owned=line(41, "a"), displaced=line(40, "a"))
    (song,) = line(1, "a")
    assert recognise((song,), known, anew=True) == Ownership((), (song,))


def test_without_a_restart_a_low_id_is_no_sign_of_one() -> None:
    """A person adds a song in the moment before the box adds its own."""
    known = Ownership(line(1, "ab")).confirmed(line(4, "cd"))
    queue = (QueuedSong(3, "a"), *line(4, "cd"))
    now = recognise(queue, known)
    assert (now.owned, user_songs(queue, now)) == (line(4, "cd"), (QueuedSong(3, "a"),))


def test_an_addition_that_nobody_confirmed_is_the_boxs_own() -> None:
    known = Ownership(line(1, "ab")).expecting(("c", "d"))
    assert known.pending == ("c", "d")
    now = recognise(line(1, "abc"), known)
    assert (now.owned, now.pending) == (line(1, "abc"), ("d",))
    assert user_songs(line(1, "abcc"), known) == (QueuedSong(4, "c"),)


def test_a_confirmed_addition_leaves_nothing_pending() -> None:
    known = Ownership(line(1, "ab")).expecting(("c",)).confirmed(line(3, "c"))
    assert known == Ownership(line(1, "abc"))


def test_displaced_songs_are_no_user_songs() -> None:
    known = Ownership(line(1, "ab"))
    queue = line(1, "abxy")
    assert user_songs(queue, recognise(queue, known).displacing()) == ()


# ── Plans ────────────────────────────────────────────────────────────────────────────────────────


def test_a_switch_adds_and_plays_before_it_deletes() -> None:
    known = Ownership(line(1, "ab"), line(3, "x"))
    plan = plan_switch(playing(line(1, "abx"), 1), ["c", "d"], known)
    assert plan == (Add(("c", "d")), PlayAdded(), Delete((1, 2)))


def test_a_switch_to_nothing_leaves_the_music_as_it_is() -> None:
    assert plan_switch(playing(line(1, "ab"), 1), [], Ownership(line(1, "ab"))) == ()


def test_a_top_up_takes_out_what_lies_far_behind() -> None:
    uris = "abcdefghijklmnop"
    queue = line(1, uris)
    plan = plan_top_up(playing(queue, 14), ["z"], Ownership(queue))
    assert plan == (Add(("z",)), Delete(tuple(range(1, 14 - KEEP_PLAYED))))


def test_a_top_up_takes_out_nothing_while_nothing_is_current() -> None:
    queue = line(1, "abcdefghijklmnop")
    assert plan_top_up(playing(queue, None), ["z"], Ownership(queue)) == (Add(("z",)),)


def test_a_top_up_with_nothing_to_do_is_empty() -> None:
    assert plan_top_up(playing(line(1, "ab"), 2), [], Ownership(line(1, "ab"))) == ()


def test_songs_left_counts_own_songs_after_the_current() -> None:
    known = Ownership(line(1, "abcd"))
    queue = (*line(1, "ab"), QueuedSong(9, "x"), *line(3, "cd"))
    assert songs_left(playing(queue, 1), known) == 3
    assert songs_left(playing(queue, 9), known) == 2
    assert songs_left(playing(queue, 4), known) == 0
    assert songs_left(playing(queue, None), known) == 0


# ── Properties, over random acts of a person and the box ─────────────────────────────────────────

letters = st.sampled_from("abcxyz")
songs = st.lists(letters, min_size=1, max_size=4).map(tuple)
acts = st.one_of(
    st.tuples(st.just("add"), songs),
    st.tuples(st.just("delete"), st.integers(0, 30)),
    st.tuples(st.just("clear"), st.none()),
    st.tuples(st.just("play"), st.integers(0, 30)),
    st.tuples(st.just("restart"), st.none()),
    st.tuples(st.just("switch"), songs),
    st.tuples(st.just("top up"), songs),
    st.tuples(st.just("lost switch"), songs),
)


def test_the_boxs_songs_lie_behind_or_are_still_to_come() -> None:
    theirs, songs = line(1, "x"), line(2, "abcd")
    queue, ownership = (*theirs, *songs), Ownership(songs)
    assert split_owned(playing(queue, 4), ownership) == (("a", "b"), ("c", "d"))
    assert split_owned(playing(queue, 1), ownership) == ((), ("a", "b", "c", "d"))
    assert split_owned(playing(queue, None), ownership) == ((), ("a", "b", "c", "d"))
    assert split_owned(None, ownership) == ((), ("a", "b", "c", "d"))


def test_taken_out_is_what_a_person_removes_of_the_boxs_songs_still_to_come() -> None:
    songs, theirs = line(1, "abcde"), line(9, "x")
    a, b, c, d, e = songs
    before, ownership = playing((*songs, *theirs), 2), Ownership(songs)
    assert removed_by_user(before, playing((b, c, e), 2), ownership) == (d,)
    assert removed_by_user(before, playing((b, e, d, c, a), 5), ownership) == (), "only moved"
    assert removed_by_user(before, playing((a, c, d, e), 3), ownership) == (), "it was playing"
    assert removed_by_user(before, playing(songs, 4), ownership) == (), "theirs is theirs"


def test_who_clears_the_queue_takes_out_no_song_in_particular() -> None:
    songs, theirs = line(1, "abc"), line(9, "x")
    before, ownership = playing(songs, 1), Ownership(songs)
    assert removed_by_user(before, playing((), None), ownership) == ()
    assert removed_by_user(before, playing(theirs, 9), ownership) == ()
    restarted = Snapshot(line(1, "ac"), PlayState.PAUSE, 1, restarts=1)
    assert removed_by_user(before, restarted, ownership) == ()


class Evening:
    """A person and a box at one queue, and who truly put in what (by URI)."""

    def __init__(self) -> None:
        self.server = Server()
        self.ownership = Ownership()
        self.persons: Counter[str] = Counter()
        """A person's songs in the queue."""

    def act(self, kind: str, what: object) -> None:
        if kind == "restart":
            self.server.restart()
        elif kind in ("switch", "top up", "lost switch"):
            assert isinstance(what, tuple)
            self.box(kind, what)
        else:
            self.person(kind, what)
        anew = kind == "restart"
        self.ownership = recognise(self.server.queue, self.ownership, anew=anew)

    def person(self, kind: str, what: object) -> None:
        queue = self.server.queue
        chosen = queue[what % len(queue)] if isinstance(what, int) and queue else None
        if kind == "add":
            assert isinstance(what, tuple)
            self.persons.update(song.uri for song in self.server.add(what))
        elif kind == "clear":
            self.persons.clear()
            for song in list(queue):
                self.server.delete(song.id)
        elif chosen is not None and kind == "play":
            self.server.current_id = chosen.id
        elif chosen is not None:
            if chosen not in self.ownership.owned:
                self.persons[chosen.uri] -= 1
            self.server.delete(chosen.id)

    def box(self, kind: str, uris: tuple[str, ...]) -> None:
        """A press (which displaces the person's music) or a top-up."""
        snapshot = self.server.snapshot()
        self.ownership = recognise(snapshot.queue, self.ownership).displacing()
        plan = plan_top_up if kind == "top up" else plan_switch
        commands = plan(snapshot, uris, self.ownership)
        self.ownership = self.ownership.expecting(added_uris(commands))
        added: list[QueuedSong] = []
        was_empty = not self.server.queue
        for number, command in enumerate(commands):
            self.server.carry_out(command, added)
            assert self.server.queue or was_empty, "the box emptied the queue"
            if kind == "lost switch" and number == 0:
                return  # no answer came: the box does not know what it added
        self.ownership = self.ownership.confirmed(added)


@example(
    [("switch", ("a",)), ("switch", ("b",)), ("add", ("b",)), ("restart", None), ("delete", 1)]
)
@given(st.lists(acts, max_size=25))
def test_a_persons_songs_survive_everything_the_box_does(evening: list[tuple[str, object]]) -> None:
    it = Evening()
    for kind, what in evening:
        it.act(kind, what)
        in_queue = Counter(song.uri for song in it.server.queue)
        owned = Counter(song.uri for song in it.ownership.owned)
        assert in_queue - owned == +it.persons


@given(st.lists(acts, max_size=25))
def test_the_boxs_own_songs_are_never_user_songs(
    evening: list[tuple[str, object]],
) -> None:
    it = Evening()
    for kind, what in evening:
        it.act(kind, what)
        strange = Counter(song.uri for song in user_songs(it.server.queue, it.ownership))
        assert not strange - it.persons


@given(st.lists(acts, max_size=25), songs)
def test_a_plan_deletes_last_and_only_what_is_owned(
    evening: list[tuple[str, object]], wanted: tuple[str, ...]
) -> None:
    it = Evening()
    for kind, what in evening:
        it.act(kind, what)
    snapshot = it.server.snapshot()
    own = {song.id for song in recognise(snapshot.queue, it.ownership).owned}
    for plan in (
        plan_switch(snapshot, wanted, it.ownership),
        plan_top_up(snapshot, wanted, it.ownership, keep_played=0),
    ):
        for before, _ in pairwise(plan):
            assert not isinstance(before, Delete)
        deleted = {i for command in plan if isinstance(command, Delete) for i in command.ids}
        assert deleted <= own


def test_a_queue_topped_up_for_weeks_does_not_grow() -> None:
    server = Server()
    own = Ownership().confirmed(server.add(tuple("abcdefgh")))
    server.current_id = 1
    for _ in range(2000):
        ids = [song.id for song in server.queue]
        server.current_id = ids[ids.index(server.current_id or 0) + 1]
        if songs_left(server.snapshot(), own) < 5:
            plan = plan_top_up(server.snapshot(), list("abcdefgh"), own)
            added: list[QueuedSong] = []
            for command in plan:
                server.carry_out(command, added)
            own = recognise(server.queue, own.confirmed(added))
        assert len(server.queue) <= KEEP_PLAYED + 5 + 8 + 8
