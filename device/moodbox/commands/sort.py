"""`moodbox sort`: listens to one's own music, and puts what it is sure of into the moods' lists."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from moodbox.adapters.lock import AlreadyRunsError, sole_user
from moodbox.adapters.mpd.link import MpdLink
from moodbox.adapters.store import StateStore, write_atomically
from moodbox.commands.label import to_json
from moodbox.compose import directories, mpd_address, shipped_models
from moodbox.config import ConfigError
from moodbox.core.foreign import DamagedError, printable
from moodbox.core.mood import Mood
from moodbox.core.ports import PlayerError
from moodbox.sorting import words
from moodbox.sorting.decoding import Decoder, NoDecoderError
from moodbox.sorting.listening import Listener
from moodbox.sorting.lists import small_moods
from moodbox.sorting.map import Dot, svg
from moodbox.sorting.memory import RememberingError, SongMemory
from moodbox.sorting.model import SongModelError, load
from moodbox.sorting.playlists import Playlists
from moodbox.sorting.progress import bar
from moodbox.sorting.sorter import LibrarySong, PlaylistChange, Sorter
from moodbox.sorting.walking import song_files

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from moodbox.config import Config
    from moodbox.sorting.place import Heard

MPD_TIMEOUT_S = 10.0
"""For one exchange: nobody waits for it, and MPD may be busy with an update of its database."""


def main(arguments: argparse.Namespace, config: Config) -> int:
    """Listen, tell and sort; 1 when a file or the disk was at fault, 69 without MPD or ffmpeg."""
    try:
        ear, name = load(shipped_models() / "song-v1")
    except SongModelError as error:
        raise ConfigError(str(error)) from error
    try:
        state = directories(os.environ).state
        with SongMemory(state, name) as memory:
            listener = Listener(Decoder(), ear, memory)
            if arguments.why:
                return _why(listener, arguments.why)
            if arguments.paths:
                return _listen_to_paths(listener, arguments)
            with sole_user(state), _in_idle_moments():
                return _sort_library(listener, memory, arguments, config)
    except AlreadyRunsError:
        print("moodbox: another `moodbox sort` runs already; wait until it ends", file=sys.stderr)
        return os.EX_UNAVAILABLE
    except (NoDecoderError, PlayerError) as error:
        print(f"moodbox: {error} What was heard is kept.", file=sys.stderr)
        return os.EX_UNAVAILABLE
    except (RememberingError, OSError) as error:
        print(f"moodbox: {error}", file=sys.stderr)
        return 1


@contextlib.contextmanager
def _in_idle_moments() -> Iterator[None]:
    """Run only when the processor has nothing else to do, ffmpeg too: music never stutters."""
    before = os.sched_getscheduler(0)
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    try:
        yield
    finally:
        with contextlib.suppress(PermissionError):  # an unprivileged process may not come back
            os.sched_setscheduler(0, before, os.sched_param(0))


def _why(listener: Listener, song: Path) -> int:
    heard = listener.hear(song)
    for line in words.numbers(printable(str(song)), heard, listener.ear):
        print(line)
    return 1 if isinstance(heard, str) else 0


def _listen_to_paths(listener: Listener, arguments: argparse.Namespace) -> int:
    """Tell of each song; nothing goes into a playlist."""
    files = [file for path in arguments.paths for file in song_files(path)]
    if not files:
        print("moodbox: no songs there", file=sys.stderr)
        return 1
    found = _listen(listener, ((str(file), file) for file in files), len(files), arguments)
    _draw(arguments.map, found, listener)
    _sum_up(found, listener, told=not arguments.jsonl)
    return 1 if any(isinstance(heard, str) for heard in found.values()) else 0


def _sort_library(
    listener: Listener, memory: SongMemory, arguments: argparse.Namespace, config: Config
) -> int:
    """Listen to what MPD has, and bring its playlists up to date."""
    link = MpdLink(mpd_address(config, os.environ), MPD_TIMEOUT_S)
    try:
        playlists = Playlists(link)
        music = playlists.music_directory()
        if music is None:
            print(
                "moodbox: MPD does not say where its music lies. It does over its local socket: "
                "set mpd.host to that, such as /run/mpd/socket.",
                file=sys.stderr,
            )
            return os.EX_UNAVAILABLE
        listed = {song.uri: song for song in playlists.songs() if not _is_known_place(song.uri)}
        found = _listen(listener, ((uri, music / uri) for uri in listed), len(listed), arguments)
        _draw(arguments.map, found, listener)
        hearings = _hearings()
        library = [
            LibrarySong(uri, heard, listed[uri].album, hearings.get(uri, 0.0))
            for uri, heard in found.items()
            if not isinstance(heard, str)
        ]
        sorter = Sorter(playlists, memory, listener.ear, dry_run=arguments.dry_run)
        result = sorter.sort(library, frozenset(map(Mood, arguments.add_to)))
    finally:
        link.close()
    if not arguments.jsonl:
        _sum_up(found, listener, told=True)
        print("\n".join(_playlist_lines(result, dry_run=arguments.dry_run)))
    return 0


def _is_known_place(uri: str) -> bool:
    """Whether a song lies in a mood's folder, where a person put it, or is a chime of ours."""
    return uri.partition("/")[0] in {*map(str, Mood), "moodbox"}


def _listen(
    listener: Listener,
    songs: Iterable[tuple[str, Path]],
    total: int,
    arguments: argparse.Namespace,
) -> dict[str, Heard | str]:
    """Hear each song in turn, telling it at once and how long the rest will take."""
    found: dict[str, Heard | str] = {}
    show = _progress(total)
    for name, path in songs:
        show(len(found), name)
        heard = found[name] = listener.hear(path)
        if arguments.jsonl:
            print(to_json(words.to_record(name, heard, listener.ear)), flush=True)
        elif arguments.paths or isinstance(heard, str):
            show(-1, "")
            print(words.line(printable(name), _printable(heard), listener.ear), flush=True)
    show(-1, "")
    return found


def _printable(heard: Heard | str) -> Heard | str:
    return printable(heard) if isinstance(heard, str) else heard


def _progress(total: int) -> Callable[[int, str], None]:
    """What draws the bar on a terminal; a negative count wipes it away."""
    if not sys.stderr.isatty():
        return lambda done, name: None
    began_s, width = time.monotonic(), shutil.get_terminal_size().columns

    def show(done: int, name: str) -> None:
        text = bar(done, total, done, time.monotonic() - began_s, name, width) if done >= 0 else ""
        print(f"\r{text:<{width - 1}}\r" if done < 0 else f"\r{text}", end="", file=sys.stderr)
        sys.stderr.flush()

    return show


def _draw(file: Path | None, found: Mapping[str, Heard | str], listener: Listener) -> None:
    """Write the map. Raises OSError with a sentence."""
    if file is None:
        return
    dots = [
        Dot(Path(name).stem, heard.place, listener.ear.is_placed(heard.place))
        for name, heard in found.items()
        if not isinstance(heard, str)
    ]
    try:
        write_atomically(file, svg(dots))
    except OSError as error:
        raise OSError(f"{file}: the map cannot be written: {error.strerror}") from error


def _hearings() -> dict[str, float]:
    """How often this box has played each song, the earlier hearings fading."""
    try:
        tastes = StateStore(directories(os.environ).state).load().tastes
    except (OSError, DamagedError):
        return {}
    hearings: dict[str, float] = {}
    for songs in tastes.values():
        for uri, taste in songs.items():
            hearings[uri] = hearings.get(uri, 0.0) + taste.finished + taste.skipped
    return hearings


def _sum_up(found: Mapping[str, Heard | str], listener: Listener, *, told: bool) -> None:
    if not told:
        return
    heard = [song for song in found.values() if not isinstance(song, str)]
    placed = sum(listener.ear.is_placed(song.place) for song in heard)
    print(words.total(len(heard), placed, len(found) - len(heard)))


def _playlist_lines(result: Mapping[Mood, PlaylistChange], *, dry_run: bool) -> Sequence[str]:
    """What became of each playlist."""
    would = "would add" if dry_run else "added"
    told = []
    for mood, one in result.items():
        if one.is_persons:
            told.append(
                f"{mood:<9}{one.total:>5} songs: you made this playlist, so it is left alone; "
                f"`moodbox sort --add-to {mood}` adds to it"
            )
        else:
            told.append(f"{mood:<9}{one.total:>5} songs ({would} {one.added}, took {one.removed})")
    told.append("surprise is not heard: it gets lively, positive songs that were played least.")
    own = {mood: one.total for mood, one in result.items() if not one.is_persons}
    return [*told, *small_moods(own)]
