"""From files to samples by the real ffmpeg: good files, and every bad one with its sentence."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from moodbox.sorting.decoding import (
    Decoder,
    NoDecoderError,
    UnheardError,
    piece_starts_s,
)
from moodbox.sorting.features import RATE_HZ
from tests.sorting.sounds import band, write_wav


@pytest.mark.parametrize(
    ("duration_s", "starts_s"),
    [(5, [0]), (12, [0, 6]), (20, [0, 10]), (30, [0, 10, 20]), (210, [20, 100, 180])],
)
def test_the_pieces_lie_evenly_over_the_song(duration_s: float, starts_s: list[float]) -> None:
    assert piece_starts_s(duration_s) == pytest.approx(starts_s)


def test_a_recording_of_thirty_hours_is_heard_in_three_pieces() -> None:
    starts_s = piece_starts_s(30 * 3600)
    assert len(starts_s) == 3
    assert starts_s[-1] < 30 * 3600 - 10


@pytest.mark.parametrize(("rate_hz", "channels"), [(8000, 1), (44100, 2), (48000, 6)])
@pytest.mark.parametrize("name", ["वसन्त.wav", "-dash.wav", "http:x.wav", 'a\'b "c" %d.wav'])
def test_any_rate_channels_and_name(tmp_path: Path, rate_hz: int, channels: int, name: str) -> None:
    path = tmp_path / name
    write_wav(path, band(31, seed=1)[: rate_hz * 31], rate_hz, channels)
    pieces = Decoder().pieces(path)
    assert len(pieces) >= 1
    assert all(piece.dtype == np.float32 and len(piece) >= 3 * RATE_HZ for piece in pieces)
    assert max(float(np.abs(piece).max()) for piece in pieces) > 0.05


def test_a_name_in_no_script_is_read(tmp_path: Path) -> None:
    plain = tmp_path / "a.wav"
    write_wav(plain, band(12, seed=1))
    strange = Path(str(tmp_path) + "/\udcff\udcfe.wav")
    plain.rename(strange)
    assert len(Decoder().pieces(strange)) == 2


def test_each_bad_file_has_its_sentence(tmp_path: Path) -> None:
    good = tmp_path / "good.wav"
    write_wav(good, band(30, seed=1))
    flac = tmp_path / "song.flac"
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(good), str(flac)], check=True)
    (tmp_path / "text.mp3").write_text("This is no music. " * 100)
    (tmp_path / "empty.mp3").touch()
    (tmp_path / "cut.flac").write_bytes(flac.read_bytes()[:3000])
    (tmp_path / "a.cue").write_text('FILE "good.wav" WAVE\n  TRACK 01 AUDIO\n')
    write_wav(tmp_path / "silent.wav", np.zeros(30 * RATE_HZ, np.float32))
    write_wav(tmp_path / "short.wav", band(2, seed=1))
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:1/a.ts\n")
    for name, said in {
        "text.mp3": "no audio file",
        "empty.mp3": "no audio file",
        "cut.flac": "cut off",
        "a.cue": "no audio file",
        "silent.wav": "silent",
        "short.wav": "too short",
        "list.m3u8": "no audio file",
    }.items():
        with pytest.raises(UnheardError, match=said) as caught:
            Decoder().pieces(tmp_path / name)
        assert str(caught.value).startswith(f"{tmp_path / name}: ")
        assert str(caught.value).endswith(".")
        assert not caught.value.may_pass


def script(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


STREAM = """echo '{"streams": [{"codec_tag_string": "%s"}], "format": {"duration": "30"}}'"""


def test_ffmpeg_missing_hanging_or_killed(tmp_path: Path) -> None:
    song = tmp_path / "song.wav"
    song.touch()
    with pytest.raises(NoDecoderError, match="apt install ffmpeg"):
        Decoder(ffmpeg=str(tmp_path / "none"))
    probe = script(tmp_path / "probe", STREAM % "mp4a")
    hanging = script(tmp_path / "hanging", "exec sleep 60")
    with pytest.raises(UnheardError, match="did not come to an end") as caught:
        Decoder(hanging, probe, timeout_s=0.2).pieces(song)
    assert caught.value.may_pass
    killed = script(tmp_path / "killed", "kill -9 $$")
    with pytest.raises(UnheardError, match="was killed") as caught:
        Decoder(killed, probe).pieces(song)
    assert caught.value.may_pass


def test_a_locked_file_is_told_as_such(tmp_path: Path) -> None:
    probe = script(tmp_path / "probe", STREAM % "drms")
    with pytest.raises(UnheardError, match="locked by its seller"):
        Decoder(probe, probe).pieces(tmp_path / "song.m4p")
