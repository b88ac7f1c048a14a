"""From a file to samples by the `ffmpeg` command: three pieces of ten seconds, however long it is.

ffmpeg runs in a process of its own with a time limit, so that no file can hang or bring down what
listens, and reads local files alone: a playlist or a cue sheet that names an address fetches
nothing.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt

from moodbox.sorting.features import RATE_HZ

PIECES = 3
PIECE_S = 10.0
LEAST_S = 6.0
"""Shorter sounds are jingles and samples: what the ear knows are excerpts of songs."""
QUIET_DB = -70.0
"""Of a piece's power; below it there is dither and hum, no music."""
TIMEOUT_S = 60.0
"""For one call of ffmpeg: an hour of a lossless file is sought through in a few seconds."""

Samples = npt.NDArray[np.float32]


class UnheardError(Exception):
    """A file cannot be listened to; the message says which, why, and what to do."""

    def __init__(self, message: str, *, may_pass: bool = False) -> None:
        super().__init__(message)
        self.may_pass = may_pass
        """Whether it is worth another try: the file itself was not at fault."""


class NoDecoderError(Exception):
    """ffmpeg is not there or cannot be started: no file can be listened to."""


class Decoder:
    """Decodes files with the given programs."""

    def __init__(
        self, ffmpeg: str = "ffmpeg", ffprobe: str = "ffprobe", timeout_s: float = TIMEOUT_S
    ) -> None:
        """Raises NoDecoderError where one of the programs is not installed."""
        for program in (ffmpeg, ffprobe):
            if shutil.which(program) is None:
                raise NoDecoderError(
                    f"{program} is not installed, and nothing can be listened to without it. "
                    "Install it: sudo apt install ffmpeg"
                )
        self._ffmpeg, self._ffprobe, self._timeout_s = ffmpeg, ffprobe, timeout_s

    def pieces(self, path: Path) -> list[Samples]:
        """Up to three pieces of a song, each (N,) float32 mono at `RATE_HZ`, silent ones left out.

        They lie evenly over the song. Raises UnheardError for what is no song, or cannot be read.
        """
        duration_s = self._duration_s(path)
        if duration_s < LEAST_S:
            raise UnheardError(f"{path}: {duration_s:.1f} s long, too short to be heard as a song.")
        starts_s = piece_starts_s(duration_s)
        samples = self._decode(path, starts_s)
        if len(samples) < LEAST_S * RATE_HZ:
            raise UnheardError(f"{path}: cannot be decoded. It may be cut off or damaged.")
        size = int(PIECE_S * RATE_HZ)
        cut = [samples[start : start + size] for start in range(0, len(samples), size)]
        whole = [piece for piece in cut if len(piece) >= LEAST_S / 2 * RATE_HZ]
        heard = [piece for piece in whole if _level_db(piece) > QUIET_DB]
        if not heard:
            raise UnheardError(f"{path}: silent where it was listened to.")
        return heard

    def _duration_s(self, path: Path) -> float:
        """Length as its header or its bit rate tells it; where neither does, that of one piece."""
        entries = "format=duration:stream=codec_type,codec_tag_string"
        output = self._run(
            path,
            [
                self._ffprobe, "-v", "error", *_LOCAL, "-select_streams", "a:0",
                "-show_entries", entries, "-of", "json", _as_file(path),
            ],
        )  # fmt: skip
        try:
            told = json.loads(output)
        except ValueError:
            told = {}
        streams = told.get("streams") or []
        if not streams:
            raise UnheardError(f"{path}: holds no sound that ffmpeg knows.")
        if streams[0].get("codec_tag_string") in ("drms", "enca"):
            raise UnheardError(
                f"{path}: is locked by its seller (DRM). Nobody but its own player can open it."
            )
        try:
            return float(told["format"]["duration"])
        except (KeyError, TypeError, ValueError):
            return PIECE_S

    def _decode(self, path: Path, starts_s: list[float]) -> Samples:
        inputs: list[str] = []
        for start_s in starts_s:
            inputs += [*_LOCAL, "-ss", f"{start_s:.2f}", "-t", f"{PIECE_S:g}", "-i", _as_file(path)]
        # Each piece is brought to one channel and rate before they are joined.
        form = f"aresample={RATE_HZ},aformat=sample_fmts=flt:channel_layouts=mono"
        chains = [f"[{n}:a:0]{form}[p{n}]" for n in range(len(starts_s))]
        joined = "".join(f"[p{n}]" for n in range(len(starts_s)))
        graph = ";".join([*chains, f"{joined}concat=n={len(starts_s)}:v=0:a=1[out]"])
        output = self._run(
            path,
            [
                self._ffmpeg, "-v", "error", "-nostdin", "-threads", "1", *inputs,
                "-filter_complex", graph, "-map", "[out]", "-f", "f32le", "-",
            ],
        )  # fmt: skip
        samples: Samples = np.frombuffer(output[: len(output) // 4 * 4], "<f4").astype(np.float32)
        return np.nan_to_num(samples, posinf=0.0, neginf=0.0)

    def _run(self, path: Path, command: list[str]) -> bytes:
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=self._timeout_s
            )
        except subprocess.TimeoutExpired as error:
            raise UnheardError(
                f"{path}: ffmpeg did not come to an end within {self._timeout_s:g} s; "
                "the file is damaged, or its disk is too slow.",
                may_pass=True,
            ) from error
        except OSError as error:
            raise NoDecoderError(f"{command[0]} cannot be started: {error.strerror}") from error
        if done.returncode < 0:
            raise UnheardError(
                f"{path}: ffmpeg was killed while it listened; it is tried again.", may_pass=True
            )
        if done.returncode and not done.stdout.strip(b"{} \n"):
            said = _last_words(done.stderr, path)
            raise UnheardError(f"{path}: is no audio file, or is cut off or damaged: {said}.")
        return done.stdout


_LOCAL = ("-protocol_whitelist", "file,pipe")


def _as_file(path: Path) -> str:
    """A name that ffmpeg takes for a file, whatever it begins with."""
    return f"file:{path}"


def piece_starts_s(duration_s: float) -> list[float]:
    """Where the pieces of a song begin: evenly over it, without its first and last tenth if long.

    A song shorter than all pieces together is heard in as many as fit, the last one cut.
    """
    if duration_s <= PIECE_S:
        return [0.0]
    room_s = duration_s - PIECE_S
    edge = 0.0 if duration_s < 2 * PIECES * PIECE_S else 0.1
    if duration_s < PIECES * PIECE_S - 1:
        return [0.0, min(PIECE_S, duration_s - LEAST_S)]
    shares = [edge + (1 - 2 * edge) * n / (PIECES - 1) for n in range(PIECES)]
    return [share * room_s for share in shares]


def _level_db(piece: Samples) -> float:
    return float(10 * np.log10(np.mean(np.square(piece, dtype=np.float64)) + 1e-12))


def _last_words(stderr: bytes, path: Path) -> str:
    lines = stderr.decode("utf-8", "surrogateescape").strip().splitlines()
    said = (lines[-1] if lines else "ffmpeg does not say why").removeprefix(f"{_as_file(path)}: ")
    return said.rstrip(".")
