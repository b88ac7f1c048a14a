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

if TYPE_CHECKING:
    from collections.abc import Sequence

CAMERA_HELP = "picamera2, webcam:N, video:FILE, pictures:DIR, scene or none"


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    top = argparse.ArgumentParser(
        prog="moodbox",
        description="Looks at who sits down in front of it and plays the music of their mood.",
        epilog="'moodbox COMMAND --help' tells more of each.",
    )
    top.add_argument("--version", action="version", version=f"moodbox {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    run = _command(commands, "run", "be the box, until it is told to stop")
    _with_config(run, camera=True)
    doctor = _command(commands, "doctor", "check each part for real and say what to do")
    _with_config(doctor, camera=True)
    status = _command(commands, "status", "say what the running box sees, thinks and plays")
    status.add_argument("--json", action="store_true", help="as the box wrote it, for programs")
    detect = _command(commands, "detect", "ask the running box to read you now")
    _with_config(detect)

    label = _command(commands, "label", "read the moods of the faces in pictures")
    label.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a picture or a folder")
    label.add_argument(
        "--cropped", action="store_true", help="each picture is itself one face, cut out"
    )
    label.add_argument("--jsonl", action="store_true", help="a line of JSON for each picture")
    label.add_argument(
        "--out", type=Path, metavar="DIR", help="write copies with boxes and labels there"
    )
    _with_config(label)

    library = _command(commands, "library", "say what music there is for each mood")
    _with_config(library)
    learned = library.add_mutually_exclusive_group()
    learned.add_argument(
        "--learned", action="store_true", help="show which songs were heard to the end or skipped"
    )
    learned.add_argument("--forget", action="store_true", help="clear what was learned of songs")
    config = _command(commands, "config", "print the configuration in force, each key explained")
    _with_config(config, camera=True)

    demo = _command(commands, "demo", "see the box at work, with an MPD of its own")
    demo.add_argument(
        "--pictures", metavar="SOURCE", help="your own: a folder, a video, webcam or webcam:N"
    )
    demo.add_argument(
        "--music", type=Path, default=Path("music/library"), metavar="DIR",
        help="folder that holds one folder a mood (default: %(default)s)",
    )  # fmt: skip
    return top


def _command(commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, what: str
             ) -> argparse.ArgumentParser:  # fmt: skip
    return commands.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".")


def _with_config(command: argparse.ArgumentParser, *, camera: bool = False) -> None:
    command.add_argument(
        "--config", type=Path, metavar="FILE", help="default: /etc/moodbox/moodbox.toml if there"
    )
    if camera:
        command.add_argument("--camera", metavar="SOURCE", help=CAMERA_HELP)


def load_config(arguments: argparse.Namespace) -> Config:
    """The configuration, with what the command line says of the camera. Raises ConfigError."""
    config = load(arguments.config)
    source = getattr(arguments, "camera", None)
    if source is None:
        return config
    camera = dataclasses.replace(config.camera, source=source)
    return dataclasses.replace(config, camera=camera)


class OneLine(logging.Formatter):
    """A line a message, whatever others wrote into it: names, tags, addresses."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The message, safe to show; a traceback comes behind it as it is."""
        return printable(super().formatMessage(record))


def _configure_logging() -> None:
    """Our own words on stderr, a message a line; what the libraries mutter stays out."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine("%(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.getLogger("moodbox").setLevel(logging.INFO)
    # Each tells in its own way what an error of ours tells too. Read when they are imported.
    os.environ.setdefault("OPENCV_LOG_LEVEL", "OFF")
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    # Behind our own bound, which goes by the file's header: a frame may say otherwise.
    os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(1 << 28))
    warnings.filterwarnings("ignore", module=r"gpiozero\.")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A file name may be no UTF-8, and a terminal may lack a script: neither is a fault.
            stream.reconfigure(errors="backslashreplace")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status.

    0 done, 1 something is at fault, 2 wrong usage, EX_UNAVAILABLE (69) MPD or the box is not
    there, EX_CONFIG (78) the configuration or the model cannot be used: trying again would not
    mend it.
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
        # The reader has gone (`moodbox label … | head`): nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return status
