"""`moodbox`: the command line."""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import io
import logging
import os
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from moodbox import __version__
from moodbox.config import Config, ConfigError, load, parse
from moodbox.core.foreign import printable, printable_lines
from moodbox.core.mood import Mood

if TYPE_CHECKING:
    from collections.abc import Sequence

CAMERA_HELP = "picamera2, webcam:N, video:FILE, pictures:DIR, scene or none"


def parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    top = argparse.ArgumentParser(
        prog="moodbox",
        description="Looks at who sits down in front of it and plays the music of their mood.",
        epilog="Run 'moodbox COMMAND --help' for a command's options.",
    )
    top.add_argument("--version", action="version", version=f"moodbox {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    run = _command(commands, "run", "run the box until it is stopped")
    _with_config(run, camera=True)
    doctor = _command(commands, "doctor", "check each part of the box and say what to do")
    _with_config(doctor, camera=True)
    status = _command(commands, "status", "show what the running box sees, reads and plays")
    status.add_argument("--json", action="store_true", help="print JSON, for programs")
    detect = _command(commands, "detect", "ask the running box to read you now")
    _with_config(detect)

    label = _command(commands, "label", "read the moods of the faces in pictures")
    label.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a picture or a folder")
    label.add_argument(
        "--cropped", action="store_true", help="each picture is one face that is cut out already"
    )
    label.add_argument("--jsonl", action="store_true", help="print a line of JSON for each picture")
    label.add_argument(
        "--out", type=Path, metavar="DIR", help="write copies with faces and labels drawn in to DIR"
    )
    _with_config(label)

    sort = _command(commands, "sort", "listen to your music and put it into the moods' playlists")
    sort.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH",
        help="listen to these songs and folders alone, and change no playlist "
        "(default: MPD's whole library)",
    )  # fmt: skip
    sort.add_argument("--dry-run", action="store_true", help="change no playlist")
    sort.add_argument("--jsonl", action="store_true", help="print a line of JSON for each song")
    sort.add_argument("--why", type=Path, metavar="SONG", help="show what was heard of one song")
    sort.add_argument("--map", type=Path, metavar="FILE.svg", help="draw the songs as a map")
    sort.add_argument(
        "--add-to", action="append", default=[], choices=[str(mood) for mood in Mood],
        metavar="MOOD", help="add to this mood's playlist although a person made it",
    )  # fmt: skip
    _with_config(sort)

    library = _command(commands, "library", "show what music each mood has, and what is missing")
    _with_config(library)
    learned = library.add_mutually_exclusive_group()
    learned.add_argument(
        "--learned", action="store_true", help="show which songs were heard to the end or skipped"
    )
    learned.add_argument("--forget", action="store_true", help="clear what was learned about songs")
    config = _command(commands, "config", "print the configuration in force, each key explained")
    _with_config(config, camera=True)

    demo = _command(commands, "demo", "demonstrate the box, with an MPD server of its own")
    demo.add_argument(
        "--pictures", metavar="SOURCE", help="use a folder, a video, webcam or webcam:N of yours"
    )
    demo.add_argument(
        "--music", type=Path, default=Path("music/library"), metavar="DIR",
        help="a folder with one folder per mood (default: %(default)s)",
    )  # fmt: skip
    return top


def _command(commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, what: str
             ) -> argparse.ArgumentParser:  # fmt: skip
    return commands.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".")


def _with_config(command: argparse.ArgumentParser, *, camera: bool = False) -> None:
    command.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="configuration file (default: /etc/moodbox/moodbox.toml, if it exists)",
    )
    if camera:
        command.add_argument("--camera", metavar="SOURCE", help=CAMERA_HELP)


def load_config(arguments: argparse.Namespace) -> Config:
    """The configuration, with the camera of the command line if given. Raises ConfigError."""
    config = load(arguments.config)
    source = getattr(arguments, "camera", None)
    if source is None:
        return config
    camera = dataclasses.replace(config.camera, source=source)
    return dataclasses.replace(config, camera=camera)


class OneLine(logging.Formatter):
    """Formats each message as one printable line, whatever file names or tags it contains."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The message, safe to show; a traceback follows it unchanged."""
        return printable(super().formatMessage(record))


def _configure_logging() -> None:
    """Log our messages to stderr, one line each, and silence the libraries' own output."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine("%(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.getLogger("moodbox").setLevel(logging.INFO)
    # They would repeat what our own errors say. OpenCV reads these when it is imported.
    os.environ.setdefault("OPENCV_LOG_LEVEL", "OFF")
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    # A second bound: ours is on the size in the file's header, and a frame may be larger.
    os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(1 << 28))
    warnings.filterwarnings("ignore", module=r"gpiozero\.")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Do not fail on a file name that is not UTF-8, or on a terminal with another encoding.
            stream.reconfigure(errors="backslashreplace")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status.

    0: done. 1: something failed. 2: wrong usage. EX_UNAVAILABLE (69): MPD or the box cannot be
    reached. EX_CONFIG (78): the configuration or the model cannot be used, and trying again would
    not help. 130: interrupted.
    """
    arguments = parser().parse_args(argv)
    _configure_logging()
    command = importlib.import_module(f"moodbox.commands.{arguments.command}")
    try:
        config = load_config(arguments) if "config" in arguments else parse({}, "defaults")
        logging.getLogger("moodbox").setLevel(config.log.level.upper())
        status: int = command.main(arguments, config)
    except ConfigError as error:
        print(f"moodbox: {printable_lines(str(error))}", file=sys.stderr)
        return os.EX_CONFIG
    except BrokenPipeError:
        # The program that reads our output has ended (`moodbox label … | head`): no failure.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return status
