"""The command fills what is empty, says what it did, and touches nothing of a person's."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from music.compose import compose, file_name
from music.moods import MOODS
from music.pieces import PIECES
from music.recipes import Recipe
from tests.music.conftest import run_music

each_piece = pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.title)


def _contents(directory: Path) -> dict[str, tuple[bytes, int]]:
    """Every file's bytes and time of change, by its path below `directory`."""
    return {
        str(path.relative_to(directory)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def _neutral_names() -> set[str]:
    return {file_name(piece) for piece in PIECES if piece.mood == "neutral"}


@each_piece
def test_tags(library: Path, piece: Recipe) -> None:
    """A music client finds title, artist, album, genre, and the tempo, mode and licence."""
    path = library / piece.mood / file_name(piece)
    done = subprocess.run(
        ["metaflac", "--no-utf8-convert", "--export-tags-to=-", str(path)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    tags = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert tags["TITLE"] == piece.title
    assert tags["ARTIST"] == "Moodbox"
    assert tags["ALBUM"] == f"Starter music: {piece.mood}"
    assert tags["GENRE"]
    assert tags["MOOD"] == piece.mood
    assert f"{piece.tempo_bpm:g} bpm" in tags["COMMENT"]
    assert (
        "minor" in tags["COMMENT"] if piece.mood in ("sad", "angry") else "major" in tags["COMMENT"]
    )
    assert "CC0" in tags["COMMENT"]


@each_piece
def test_files_are_sound(library: Path, piece: Recipe) -> None:
    """The decoded sound has the checksum the encoder stored; other users may read the file."""
    path = library / piece.mood / file_name(piece)
    subprocess.run(["flac", "--test", "--silent", str(path)], check=True)
    assert path.stat().st_mode & 0o044 == 0o044


def test_nothing_but_the_pieces_is_left(library: Path) -> None:
    """No unfinished file remains."""
    found = {path.relative_to(library) for path in library.rglob("*") if path.is_file()}
    assert found == {Path(piece.mood, file_name(piece)) for piece in PIECES}


def test_the_same_code_makes_the_same_files(library: Path, tmp_path: Path) -> None:
    """Another process with another hash seed writes the same bytes."""
    done = run_music("compose", tmp_path, "--moods", "neutral", PYTHONHASHSEED="12345")
    assert done.returncode == 0, done.stderr
    for name in _neutral_names():
        assert (tmp_path / "neutral" / name).read_bytes() == (
            library / "neutral" / name
        ).read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["neutral"]


def test_a_second_run_changes_nothing(library: Path) -> None:
    """What is there is not written again."""
    before = _contents(library)
    done = run_music("compose", library)
    assert done.returncode == 0
    assert done.stdout.count("0 composed, 3 existed already") == len(MOODS)
    assert _contents(library) == before


def test_makes_only_what_is_missing(library: Path, tmp_path: Path) -> None:
    """A deleted piece comes back; a file under a piece's name stays, whatever it holds."""
    gone, *kept = sorted(_neutral_names())
    folder = tmp_path / "neutral"
    folder.mkdir()
    for name in kept:
        (folder / name).write_bytes(b"not to be written to")
    before = _contents(tmp_path)
    lines: list[str] = []
    compose(tmp_path, ["neutral"], lines.append)
    after = _contents(tmp_path)
    assert after.pop(f"neutral/{gone}")[0] == (library / "neutral" / gone).read_bytes()
    assert after == before
    assert lines == [f"neutral: 1 composed, 2 existed already, in {folder}"]


@pytest.mark.parametrize(
    "song",
    [
        "भैरवी.mp3",
        "Lata Mangeshkar/लग जा गले.flac",
        "deep/er/still/song.ogg",
        "a format nobody knows.xyz",
        "no suffix",
        "UPPER.MP3",
    ],
)
def test_a_persons_music_is_left_alone(tmp_path: Path, song: str) -> None:
    """A folder with any music of a person's gets nothing, and a line says why."""
    path = tmp_path / "happy" / song
    path.parent.mkdir(parents=True)
    path.write_bytes(b"mine")
    before = _contents(tmp_path)
    lines: list[str] = []
    compose(tmp_path, ["happy"], lines.append)
    assert _contents(tmp_path) == before
    assert len(lines) == 1
    assert lines[0].startswith("happy: skipped")
    assert path.name in lines[0]


def test_a_persons_music_behind_a_link_is_left_alone(tmp_path: Path) -> None:
    """A linked folder counts, a link in a circle does not hang, and a dead link counts too."""
    elsewhere = tmp_path / "disk"
    elsewhere.mkdir()
    (elsewhere / "song.mp3").write_bytes(b"mine")
    (tmp_path / "m" / "sad").mkdir(parents=True)
    (tmp_path / "m" / "sad" / "linked").symlink_to(elsewhere)
    (elsewhere / "back").symlink_to(tmp_path / "m" / "sad")
    (tmp_path / "m" / "angry").mkdir()
    (tmp_path / "m" / "angry" / "away.mp3").symlink_to(tmp_path / "unplugged" / "away.mp3")
    lines: list[str] = []
    compose(tmp_path / "m", ["sad", "angry"], lines.append)
    assert [line.split(",")[0] for line in lines] == ["sad: skipped", "angry: skipped"]


def test_notes_and_covers_are_no_music(tmp_path: Path) -> None:
    """A folder that holds only a text, a picture or hidden files has no music yet."""
    folder = tmp_path / "neutral"
    folder.mkdir()
    for name in ("README.txt", "cover.JPG", ".directory"):
        (folder / name).write_bytes(b"mine")
    before = _contents(tmp_path)
    compose(tmp_path, ["neutral"], lambda line: None)
    after = _contents(tmp_path)
    assert _neutral_names() < {path.name for path in folder.iterdir()}
    assert {name: after[name] for name in before} == before


def test_says_what_to_install_when_flac_is_missing(tmp_path: Path) -> None:
    """Without the encoder: one sentence, exit 1, no file."""
    done = run_music("compose", tmp_path, "--moods", "neutral", PATH=str(tmp_path))
    assert done.returncode == 1
    assert "apt install flac" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_failing_encoder_leaves_no_file(tmp_path: Path) -> None:
    """An encoder that dies half-way (a full disk) leaves nothing under the piece's name."""
    encoder = tmp_path / "bin" / "flac"
    encoder.parent.mkdir()
    encoder.write_text(
        "#!/bin/sh\n"
        'for a in "$@"; do case "$a" in --output-name=*) echo half > "${a#*=}";; esac; done\n'
        "cat > /dev/null\n"
        'echo "No space left on device" >&2\n'
        "exit 1\n"
    )
    encoder.chmod(0o755)
    path = f"{encoder.parent}:/usr/bin:/bin"
    done = run_music("compose", tmp_path / "m", "--moods", "neutral", PATH=path)
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert [file for file in (tmp_path / "m").rglob("*") if file.is_file()] == []


def test_a_file_in_a_folders_place_is_said(tmp_path: Path) -> None:
    """A file named like a mood is not replaced."""
    (tmp_path / "happy").write_bytes(b"mine")
    done = run_music("compose", tmp_path, "--moods", "happy")
    assert done.returncode == 1
    assert f"cannot write {tmp_path / 'happy'}: it is a file" in done.stderr
    assert (tmp_path / "happy").read_bytes() == b"mine"


def test_an_unknown_mood_is_refused(tmp_path: Path) -> None:
    """The answer names the moods there are."""
    done = run_music("compose", tmp_path, "--moods", "hapy")
    assert done.returncode == 2
    assert "hapy" in done.stderr
    assert "happy" in done.stderr
    assert list(tmp_path.iterdir()) == []
