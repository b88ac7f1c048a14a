"""The command line: ``python -m music compose DIR`` and ``python -m music chimes DIR``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from music.chimes import write_chimes
from music.compose import compose
from music.flac import FlacError
from music.moods import MOODS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns 0 when done, 1 after an error message, 130 when interrupted."""
    parser = argparse.ArgumentParser(
        prog="python -m music", description="Composes Moodbox's starter music."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser(
        "compose",
        help="write three pieces into DIR/<mood>/ for each mood that has no music yet",
        description="Writes three pieces for each mood into DIR/<mood>/. Existing files are not "
        "changed; a mood's folder that holds music of yours is skipped.",
    )
    command.add_argument("directory", metavar="DIR", type=Path, help="the music directory")
    command.add_argument(
        "--moods", nargs="+", choices=MOODS, default=MOODS, metavar="MOOD",
        help=f"only these moods ({', '.join(MOODS)})",
    )  # fmt: skip
    chimes = commands.add_parser(
        "chimes",
        help="write the trigger tracks into DIR/moodbox/",
        description="Writes the trigger tracks, six short chimes for the stored playlists 'Read my "
        "mood' and 'Mood: ...', into DIR/moodbox/. Existing files are not changed.",
    )
    chimes.add_argument("directory", metavar="DIR", type=Path, help="the music directory")
    options = parser.parse_args(arguments)
    say = partial(print, flush=True)
    try:
        if "moods" in options:
            compose(options.directory, options.moods, say)
        else:
            write_chimes(options.directory, say)
    except KeyboardInterrupt:
        return 130
    except FlacError as error:
        print(f"music: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"music: cannot write {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
