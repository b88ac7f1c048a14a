"""Each reader of what others wrote, with seeds to damage and the refusals that it may raise.

A new one is a `Target` in `TARGETS`: a name, seeds, the call, and the errors that are its answer.
Everything else that it raises, a crash of the process and a call that does not end are findings.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from moodbox.adapters.camera import make_camera
from moodbox.adapters.camera.video import VideoFile
from moodbox.adapters.classifier import ModelError, load_manifest
from moodbox.adapters.pictures import MOST_PX, decode_gray
from moodbox.adapters.store import RuntimeFiles, StateStore
from moodbox.commands.detect import hindrance, outcome
from moodbox.commands.status import render
from moodbox.compose import model_folder, mpd_address
from moodbox.config import CameraConfig, Config, ConfigError, load
from moodbox.core.foreign import (
    DamagedError,
    json_text,
    parse_json,
    printable,
    shown,
    toml_text,
    whole_number,
)
from moodbox.core.mood import Mood
from moodbox.core.music.tastes import Taste
from moodbox.core.policy.state import State
from moodbox.core.ports import CameraError
from moodbox.core.report import status
from moodbox.runtime_state import from_record, to_record
from tests.support.camera_parts import write_video
from tests.support.fake_clock import SimClock

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

PORTRAIT = Path(__file__).parents[2] / "device" / "moodbox" / "demo" / "astronaut.png"


@dataclass(frozen=True, slots=True)
class Target:
    """A reader."""

    name: str
    seeds: Callable[[Path], Sequence[bytes]]
    """What it is meant to read; the folder is one to work in."""
    read: Callable[[bytes, Path], object]
    """Read the damaged bytes, in a folder of its own."""
    refusals: tuple[type[Exception], ...] = ()
    """What it raises for what it does not take."""
    weight: int = 1
    """How much of the time it gets: more where code that is not ours reads the bytes."""
    mend: Callable[[bytes, random.Random], bytes] = lambda data, rng: data
    """Puts checksums right, without which nothing gets past the first look."""


# ── Pictures and films ───────────────────────────────────────────────────────────────────────────


@cache
def _small_portrait() -> Any:
    return cv2.resize(cv2.imread(str(PORTRAIT)), (96, 96), interpolation=cv2.INTER_AREA)


def pictures(suffix: str, *options: Sequence[int]) -> Callable[[Path], list[bytes]]:
    """The portrait in colour and gray, in one format and with each of OpenCV's options."""

    def encode(folder: Path) -> list[bytes]:
        colour = _small_portrait()
        gray = cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY)
        deep = gray.astype(np.uint16) * 257
        images = [colour, gray] + ([deep] if suffix in (".png", ".tiff") else [])
        return [
            cv2.imencode(suffix, image, list(option))[1].tobytes()
            for image in images
            for option in (options or ((),))
        ]

    return encode


def read_picture(data: bytes, folder: Path) -> None:
    """Decode it; what comes out is gray and of a size that was allowed."""
    gray = decode_gray(data)
    assert gray.dtype == np.uint8
    assert gray.ndim == 2
    assert 0 < gray.size <= MOST_PX


def with_checksums(data: bytes, rng: random.Random) -> bytes:
    """A PNG file, most often with its chunks' checksums put right."""
    if rng.random() < 0.1:
        return data
    mended, at = bytearray(data), 8
    while at + 12 <= len(mended):
        end = at + 8 + int.from_bytes(mended[at : at + 4], "big")
        mended[end : end + 4] = zlib.crc32(mended[at + 4 : end]).to_bytes(4, "big")
        at = end + 4
    return bytes(mended[: len(data)])


def pnms(folder: Path) -> list[bytes]:
    """The portrait in colour and in gray, which have names of their own here."""
    colour = _small_portrait()
    gray = cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY)
    return [cv2.imencode(*each)[1].tobytes() for each in ((".ppm", colour), (".pgm", gray))]


def gifs(folder: Path) -> list[bytes]:
    """A GIF of four pixels, which not every OpenCV reads."""
    return [
        b"GIF89a\x02\0\x02\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x02\0\x02\0\0\x02\x03D\x02\x05\0;"
    ]


def films(name: str, fourcc: str) -> Callable[[Path], list[bytes]]:
    """A small film in a container, as OpenCV writes it."""

    def encode(folder: Path) -> list[bytes]:
        path = folder / name
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*fourcc), 10, (64, 48))
        for number in range(8):
            writer.write(np.full((48, 64, 3), 30 * number, np.uint8))
        writer.release()
        return [path.read_bytes()]

    return encode


def mjpegs(folder: Path) -> list[bytes]:
    """Pictures one behind the other."""
    return [b"".join(pictures(".jpg")(folder) * 3)]


def read_film(data: bytes, folder: Path) -> None:
    """Play it to its end."""
    path, clock = folder / "film", SimClock()
    path.write_bytes(data)
    video = VideoFile(path, clock)
    video.open()
    for _ in range(200):
        frame = video.read()
        if frame is None:
            break
        assert frame.gray.dtype == np.uint8
        clock.advance(0.5)
    video.close()


# ── Configuration, model, what the box keeps ─────────────────────────────────────────────────────


def configurations(folder: Path) -> list[bytes]:
    """Configurations as people write them."""
    return [
        b'[camera]\nsource = "video:/a/b.mp4"\nrotation_deg = 90\nmirror = true\n'
        b"[sitting]\nagain_s = [10, 30.5, 90]\nwatch_hz = 2.0\n",
        b'[mpd]\nhost = "/run/mpd/socket"\nport = 6600\npassword = "a"\nsongs = 20\n'
        b'[panel]\nenabled = false\n[log]\nlevel = "info"\n',
        b'[model]\nfolder = "/x"\n[face]\nsmallest_share = 1e-1\n',
    ]


def read_configuration(data: bytes, folder: Path) -> None:
    """Read it and look for the camera and MPD that it names."""
    path = folder / "box.toml"
    path.write_bytes(data)
    config = load(path)
    printable(toml_text(config.camera.source))
    mpd_address(config, {})
    with contextlib.suppress(ValueError):
        make_camera(config.camera.source, CameraConfig(), SimClock())


def manifests(folder: Path) -> list[bytes]:
    """The shipped model's."""
    return [(model_folder(Config()) / "manifest.json").read_bytes()]


def read_manifest(data: bytes, folder: Path) -> None:
    """Read it beside the weights."""
    weights = folder / "mood.tflite"
    if not weights.exists():
        weights.symlink_to(model_folder(Config()) / "mood.tflite")
    (folder / "manifest.json").write_bytes(data)
    manifest = load_manifest(folder)
    assert all(np.isfinite(manifest.point.bias))


def states(folder: Path) -> list[bytes]:
    """What a box keeps that has learned something, its camera closed or open."""
    store, found = StateStore(folder), []
    tastes = {Mood.SAD: {"a/b.mp3": Taste(1.9, 0), "ü\udcff": Taste(0, 1)}, Mood.HAPPY: {}}
    for closed in (True, False):
        kept = store.load()
        store.save(type(kept)(camera_closed=closed, tastes=tastes, **_history(kept)))
        found.append(store.path.read_bytes())
        store.path.unlink()
    return found


def _history(kept: Any) -> dict[str, Any]:
    return {"history": {Mood.SAD: (1, 2**32 - 1)}}


def read_state(data: bytes, folder: Path) -> None:
    """Load it; it counts as open only where the file says so."""
    store = StateStore(folder)
    store.path.write_bytes(data)
    kept = store.load()
    if not kept.camera_closed:
        assert parse_json(data)["camera_closed"] is False
    assert store.save(kept)
    assert store.load() == kept


def records(folder: Path) -> list[bytes]:
    """What a box remembers of its songs."""
    record = to_record(State()) | {
        "mood": "happy", "target": ["sad", True], "manual_control": "a person paused",
        "owned": [[3, "happy/a.flac"], [4, "b\udcff"]], "displaced": [[1, "c"]], "pending": ["d"],
    }  # fmt: skip
    return [json.dumps(record).encode(), json.dumps(to_record(State())).encode()]


def read_record(data: bytes, folder: Path) -> None:
    """Start with it, and write it again."""
    (folder / "owned.json").write_bytes(data)
    state = from_record(RuntimeFiles(folder).read_owned(), camera_closed=True)
    json.dumps(to_record(state))
    assert state.appliance.camera_closed


def statuses(folder: Path) -> list[bytes]:
    """What a box says of itself, with and without a reading."""
    told = json.loads(json.dumps(status(State())))
    reading = {"mood": "happy", "why": None, "frames": 3, "scores": {"happy": 0.8}}
    return [
        json.dumps(told).encode(),
        json.dumps(told | {"last_reading": reading, "confidence": 0.8}).encode(),
    ]


def read_status(data: bytes, folder: Path) -> None:
    """Show it in each way in which it is shown."""
    (folder / "status.json").write_bytes(data)
    told = RuntimeFiles(folder).read_status() or {}
    hindrance(told)
    outcome(told)
    assert printable(json_text(told)) == json_text(told)
    render(told)


# ── Texts ────────────────────────────────────────────────────────────────────────────────────────


def texts(folder: Path) -> list[bytes]:
    """Names, numbers and addresses of others."""
    odd = (b"M\xfcller \x1b[31m.mp3", "वसन्त \u202e\u200d\U000e0041".encode())
    return [*odd, b"secret@mpd.local", b"/run/mpd/socket", b"::1", b"10", b".."]


def read_text(data: bytes, folder: Path) -> None:
    """As a name to show, as a rating, and as MPD's address and port in the environment."""
    text = os.fsdecode(data)
    safe = printable(text)
    io.TextIOWrapper(io.BytesIO(), "utf-8").write(safe)
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in safe + shown(text))
    whole_number(text, 0, 10)
    for environ in ({"MPD_HOST": text}, {"MPD_PORT": text}):
        with contextlib.suppress(ConfigError):
            mpd_address(Config(), environ)


def avis(folder: Path) -> list[bytes]:
    """A small AVI film."""
    return [write_video(folder / "v.avi", frames=8).read_bytes()]


PICTURE, FILM = (ValueError,), (CameraError,)
PROGRESSIVE, LOSSLESS = (cv2.IMWRITE_JPEG_PROGRESSIVE, 1), (cv2.IMWRITE_WEBP_QUALITY, 101)
PLAIN, LZW = (cv2.IMWRITE_TIFF_COMPRESSION, 1), (cv2.IMWRITE_TIFF_COMPRESSION, 5)

TARGETS = (
    Target("JPEG", pictures(".jpg", (), PROGRESSIVE), read_picture, PICTURE, 4),
    Target("PNG", pictures(".png"), read_picture, PICTURE, 4, with_checksums),
    Target("WebP", pictures(".webp", (), LOSSLESS), read_picture, PICTURE, 4),
    Target("BMP", pictures(".bmp"), read_picture, PICTURE, 2),
    Target("TIFF", pictures(".tiff", PLAIN, LZW), read_picture, PICTURE, 4),
    Target("PNM", pnms, read_picture, PICTURE),
    Target("GIF", gifs, read_picture, PICTURE),
    Target("AVI film", avis, read_film, FILM),
    Target("MP4 film", films("v.mp4", "mp4v"), read_film, FILM),
    Target("Matroska film", films("v.mkv", "mp4v"), read_film, FILM),
    Target("MJPEG film", mjpegs, read_film, FILM),
    Target("configuration", configurations, read_configuration, (ConfigError,)),
    Target("model's manifest", manifests, read_manifest, (ModelError,)),
    Target("state.json", states, read_state),
    Target("owned.json", records, read_record),
    Target("status.json", statuses, read_status, (DamagedError,)),
    Target("names and addresses", texts, read_text),
)
