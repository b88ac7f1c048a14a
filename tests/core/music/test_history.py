"""Songs heard so long ago that their taste is forgotten."""

from __future__ import annotations

import json
from typing import Any

import pytest

from moodbox.core.mood import Mood
from moodbox.core.music.history import MOST, History, evict, fingerprint, from_record, to_record
from moodbox.core.music.tastes import REMEMBERED, Heard, Taste, Tastes, learn


def tastes_of(*uris: str) -> Tastes:
    """Tastes of sad songs, heard in this order."""
    return {Mood.SAD: dict.fromkeys(uris, Taste())}


MANY = tuple(map(str, range(REMEMBERED)))


def test_before_a_taste_is_forgotten_there_is_nothing_to_keep() -> None:
    assert evict({}, {}, Heard(Mood.SAD, "new", True)) == {}
    assert evict({}, tastes_of(*MANY[1:]), Heard(Mood.SAD, "new", None)) == {}
    assert evict({}, tastes_of(*MANY), Heard(Mood.SAD, "7", None)) == {}


def test_what_is_forgotten_goes_into_line_and_what_is_heard_again_leaves_it() -> None:
    tastes, history = tastes_of(*MANY), History()
    for uri in ("one", "two", "0"):
        heard = Heard(Mood.SAD, uri, None)
        tastes, history = learn(tastes, heard), evict(history, tastes, heard)
    assert history == {Mood.SAD: (fingerprint("1"), fingerprint("2"))}
    assert not {"1", "2"} & {*tastes[Mood.SAD]}
    other = Heard(Mood.HAPPY, "1", None)
    assert evict(history, tastes, other) == history, "each mood has its own"


def test_a_quarter_of_a_hundred_thousand_songs_is_known_again() -> None:
    history = evict({Mood.SAD: tuple(range(MOST))}, tastes_of(*MANY), Heard(Mood.SAD, "new", None))
    assert history == {Mood.SAD: (*range(1, MOST), fingerprint("0"))}
    assert REMEMBERED + MOST == 100_000 // 4
    assert len(json.dumps(to_record(history))) < 110_000


def test_songs_of_a_large_library_are_told_apart_whatever_their_names_hold() -> None:
    names = [
        f"sad/{album:03d}/{song:02d} – गाना.flac" for album in range(1000) for song in range(100)
    ]
    assert len({*map(fingerprint, names)}) > 99_990
    assert fingerprint("bad\udcff.mp3") != fingerprint("bad.mp3")


def test_they_come_back_from_their_file() -> None:
    history: History = {
        Mood.SAD: (fingerprint("a"), fingerprint("b"), 0, 2**32 - 1),
        Mood.HAPPY: (),
    }
    record = json.loads(json.dumps(to_record(history)))
    assert list(record) == ["sad"]
    assert from_record(record) == {Mood.SAD: history[Mood.SAD]}


@pytest.mark.parametrize(
    "record",
    [
        {"sleepy": ""},
        {"sad": 5},
        {"sad": None},
        {"sad": "AAA="},
        {"sad": "नहीं"},
        {"sad": "@@@@"},
        [],
        5,
    ],
)
def test_what_is_no_line_is_refused(record: Any) -> None:
    with pytest.raises(ValueError, match=r"history|sleepy|ase64|ASCII"):
        from_record(record)
