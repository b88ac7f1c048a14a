"""A panel that remembers what it showed."""

from __future__ import annotations

from moodbox.core.ports import Light


class FakePanel:
    """The light's patterns, each change once."""

    def __init__(self) -> None:
        self.shown: list[Light] = [Light.OFF]
        """What it showed, the last one is what it shows."""
        self.closed = False

    def show(self, light: Light) -> None:
        """Note the pattern."""
        if light is not self.shown[-1]:
            self.shown.append(light)

    def close(self) -> None:
        """Switch off."""
        self.show(Light.OFF)
        self.closed = True
