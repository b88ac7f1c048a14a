"""A library sorted into the playlists of a real MPD, and what people do there heeded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from moodbox.adapters.mpd.link import MpdLink
from moodbox.core.mood import Mood
from moodbox.core.ports import PlayerError
from moodbox.sorting.ear import Ear, OperatingPoint, Weights
from moodbox.sorting.memory import SongMemory
from moodbox.sorting.place import QUADRANTS, Heard, Place
from moodbox.sorting.playlists import Playlists
from moodbox.sorting.sorter import LibrarySong, Sorter
from tests.support.mpd_server import STRANGE_NAMES, MpdServer

EMPTY = np.zeros((1, 1), np.float32)
EAR = Ear(
    Weights(EMPTY[0], EMPTY[0], EMPTY[0], EMPTY, EMPTY, EMPTY, EMPTY, EMPTY[0]),
    OperatingPoint(gamma=1, gain=1, far=1, least_variation=1, least_confidence=0.6),
)
"""Only its bar is used: what was heard is given."""


def heard(number: int, mood: Mood, p: float = 0.9) -> Heard:
    a, b, c, d = (p if other is mood else (1 - p) / 3 for other in QUADRANTS)
    return Heard(Place((a, b, c, d), 0.5), np.full(4, number, np.float32))


SAD = [f"albums/{name}" for name in STRANGE_NAMES if not name.startswith(" ")]
LIBRARY = [
    *(LibrarySong(uri, heard(n, Mood.SAD, 0.9 - n / 100)) for n, uri in enumerate(SAD)),
    # A name that MPD does not keep as it is in a stored playlist.
    LibrarySong("albums/ spaces  inside .wav", heard(19, Mood.SAD)),
    LibrarySong("albums/one.wav", heard(20, Mood.HAPPY)),
    LibrarySong("albums/two.wav", heard(21, Mood.HAPPY, 0.5)),
]


@pytest.fixture
def playlists(mpd: MpdServer) -> Iterator[Playlists]:
    link = MpdLink(mpd.address, 5.0)
    yield Playlists(link)
    link.close()


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[SongMemory]:
    with SongMemory(tmp_path, "ear") as memory:
        yield memory


@pytest.fixture
def sorter(playlists: Playlists, memory: SongMemory) -> Sorter:
    return Sorter(playlists, memory, EAR, dry_run=False)


def test_songs_go_into_their_moods_playlists_best_first(
    sorter: Sorter, playlists: Playlists
) -> None:
    result = sorter.sort(LIBRARY)
    assert list(playlists.read(Mood.SAD) or ()) == SAD
    assert playlists.read(Mood.HAPPY) == playlists.read(Mood.SURPRISE) == ("albums/one.wav",)
    assert playlists.read(Mood.ANGRY) is None
    assert result[Mood.SAD].added == len(SAD)
    assert sorter.sort(LIBRARY)[Mood.SAD].added == 0


def test_a_dry_run_changes_and_keeps_nothing(playlists: Playlists, memory: SongMemory) -> None:
    result = Sorter(playlists, memory, EAR, dry_run=True).sort(LIBRARY)
    assert result[Mood.SAD].added == len(SAD)
    assert playlists.read(Mood.SAD) is None
    assert memory.written(Mood.SAD) == set()
    assert not memory.is_adopted(Mood.SAD)


def test_what_is_taken_out_in_a_client_stays_out_and_what_is_put_in_stays_in(
    mpd: MpdServer, sorter: Sorter, playlists: Playlists
) -> None:
    sorter.sort(LIBRARY)
    with mpd.person() as client:
        client.playlistdelete("sad", 0)
        client.playlistadd("sad", "albums/two.wav")
    for _ in range(2):
        sorter.sort(LIBRARY)
        assert playlists.read(Mood.SAD) == (*SAD[1:], "albums/two.wav")
    renamed = [LibrarySong("albums/three.wav", LIBRARY[0].heard), *LIBRARY[1:]]
    sorter.sort(renamed)
    assert "albums/three.wav" not in (playlists.read(Mood.SAD) or ())


def test_taking_out_again_what_one_had_put_in_is_heeded_too(
    mpd: MpdServer, sorter: Sorter, playlists: Playlists, memory: SongMemory
) -> None:
    sorter.sort(LIBRARY)
    with mpd.person() as client:
        client.playlistadd("sad", "albums/two.wav")
    sorter.sort(LIBRARY)
    with mpd.person() as client:
        client.playlistdelete("sad", len(SAD))
    sorter.sort(LIBRARY)
    (told,) = memory.corrections()
    assert (told.uri, told.belongs) == ("albums/two.wav", False)


def test_a_persons_playlist_is_left_alone_until_they_say_so(
    mpd: MpdServer, sorter: Sorter, playlists: Playlists
) -> None:
    mpd.save_playlist("sad", ["albums/two.wav"])
    assert sorter.sort(LIBRARY)[Mood.SAD].is_persons
    assert playlists.read(Mood.SAD) == ("albums/two.wav",)
    sorter.sort(LIBRARY, frozenset({Mood.SAD}))
    assert playlists.read(Mood.SAD) == ("albums/two.wav", *SAD)
    sorter.sort([])
    assert playlists.read(Mood.SAD) == ("albums/two.wav",)


def test_a_station_in_a_moods_playlist_stays(
    mpd: MpdServer, sorter: Sorter, playlists: Playlists
) -> None:
    sorter.sort(LIBRARY)
    with mpd.person() as client:
        client.playlistadd("sad", "http://127.0.0.1:1/radio")
    for _ in range(2):
        sorter.sort(LIBRARY)
    assert playlists.read(Mood.SAD) == (*SAD, "http://127.0.0.1:1/radio")


def test_a_playlist_that_was_deleted_is_made_anew(
    mpd: MpdServer, sorter: Sorter, playlists: Playlists
) -> None:
    sorter.sort(LIBRARY)
    with mpd.person() as client:
        client.rm("sad")
    sorter.sort(LIBRARY)
    assert list(playlists.read(Mood.SAD) or ()) == SAD


def test_another_list_saved_by_that_name_is_theirs(
    mpd: MpdServer, sorter: Sorter, playlists: Playlists
) -> None:
    sorter.sort(LIBRARY)
    with mpd.person() as client:
        client.rm("sad")
        client.playlistadd("sad", "albums/two.wav")
    assert sorter.sort(LIBRARY)[Mood.SAD].is_persons
    assert playlists.read(Mood.SAD) == ("albums/two.wav",)


def test_songs_that_mpd_does_not_have_are_passed_over(
    sorter: Sorter, playlists: Playlists, memory: SongMemory
) -> None:
    gone = LibrarySong("albums/gone.wav", heard(30, Mood.SAD, 0.99))
    sorter.sort([gone, *LIBRARY])
    assert list(playlists.read(Mood.SAD) or ()) == SAD
    assert "albums/gone.wav" not in memory.written(Mood.SAD)


def test_mpd_away_in_the_middle_loses_nothing(
    mpd: MpdServer, sorter: Sorter, playlists: Playlists
) -> None:
    sorter.sort(LIBRARY[:4])
    mpd.stop()
    with pytest.raises(PlayerError):
        sorter.sort(LIBRARY)
    mpd.start()
    sorter.sort(LIBRARY)
    assert list(playlists.read(Mood.SAD) or ()) == SAD


def test_mpds_library_is_listed_with_where_it_lies(mpd: MpdServer, playlists: Playlists) -> None:
    assert playlists.music_directory() == mpd.music
    uris = {song.uri for song in playlists.songs()}
    assert set(SAD) <= uris
    assert all((mpd.music / uri).is_file() for uri in uris)
