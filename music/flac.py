"""Writes a FLAC file with the ``flac`` command."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from music.mix import Stereo
from music.synth import SAMPLE_RATE_HZ


class FlacError(RuntimeError):
    """The file could not be written; the message says why and what to do."""


def write_flac(path: Path, stereo: Stereo, tags: Mapping[str, str]) -> None:
    """Encode (2, samples) floats from -1 to 1 as 16-bit FLAC at `path`, with Vorbis comments.

    The file appears complete or not at all: it is written under a hidden name, which MPD ignores,
    and then renamed. Raises FlacError when ``flac`` is missing or fails (a full disk, say).
    """
    pcm = np.round(stereo.T * 32767.0).astype("<i2").tobytes()
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    command = [
        "flac", "--silent", "--force", "--force-raw-format", "--endian=little", "--sign=signed",
        "--channels=2", "--bps=16", f"--sample-rate={SAMPLE_RATE_HZ}",
        *(f"--tag={name}={value}" for name, value in tags.items()),
        f"--output-name={part.absolute()}", "-",
    ]  # fmt: skip
    try:
        done = subprocess.run(command, input=pcm, capture_output=True, check=False)
        if done.returncode != 0:
            reason = done.stderr.decode(errors="replace").strip() or f"exit {done.returncode}"
            raise FlacError(f"flac could not write {path}: {reason}")
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.rename(path)
    except FileNotFoundError as error:
        if error.filename != "flac":
            raise
        raise FlacError("the flac command is missing; install it with: apt install flac") from None
    finally:
        part.unlink(missing_ok=True)
