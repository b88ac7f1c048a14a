"""`moodbox config`: print the configuration in force, each key with its meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodbox.config import render

if TYPE_CHECKING:
    import argparse

    from moodbox.config import Config


def main(arguments: argparse.Namespace, config: Config) -> int:
    """Print the configuration as TOML that can be loaded again."""
    print(render(config), end="")
    return 0
