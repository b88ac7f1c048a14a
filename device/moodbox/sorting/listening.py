"""Listens to files, each once: what is remembered is not heard again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodbox.sorting.decoding import UnheardError
from moodbox.sorting.memory import Stamp

if TYPE_CHECKING:
    from pathlib import Path

    from moodbox.sorting.decoding import Decoder
    from moodbox.sorting.ear import Ear
    from moodbox.sorting.memory import SongMemory
    from moodbox.sorting.place import Heard


class Listener:
    """A decoder, an ear and a memory together."""

    def __init__(self, decoder: Decoder, ear: Ear, memory: SongMemory) -> None:
        self.ear = ear
        self._decoder, self._memory = decoder, memory

    def hear(self, path: Path) -> Heard | str:
        """What was heard of a file, now or before; a sentence where it cannot be heard.

        Raises NoDecoderError and RememberingError, after which no other file can be heard either.
        """
        absolute = path.absolute()
        try:
            stamp = Stamp.of(absolute)
        except OSError as error:
            return f"{path}: cannot be read: {error.strerror}."
        except ValueError:  # a zero byte in the name
            return f"{path}: is no file's name."
        known = self._memory.song(str(absolute), stamp)
        if known is not None:
            return known
        try:
            heard = self.ear.hear(self._decoder.pieces(absolute))
        except UnheardError as error:
            if not error.may_pass:
                self._memory.remember(str(absolute), stamp, str(error))
            return str(error)
        self._memory.remember(str(absolute), stamp, heard)
        return heard
