"""A private MPD server with a folder of its own, for the demonstration and the tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import mpd

from moodbox.adapters.mpd.address import MpdAddress
from moodbox.adapters.mpd.link import connect, disconnect

if TYPE_CHECKING:
    from types import TracebackType

START_S = 15.0
"""MPD answers within 0.1–0.9 s on an idle machine."""
UPDATE_S = 600.0
"""MPD reads 1,000 songs in a second, but at the lowest priority: on a busy machine it took more
than a minute."""
STOP_S = 3.0
LONGEST_SOCKET_PATH_BYTES = 107
"""The kernel's limit for a Unix socket's address."""


class PrivateMpdError(RuntimeError):
    """The private MPD could not be started; the message says why and what to do."""


class PrivateMpd:
    """An MPD server in `folder`, playing the music of `music`; a context manager.

    It listens on `folder/mpd.socket` and on a free loopback port, is paused after a restart, and
    ends with the context. `sound`: True for the machine's sound card, False for silence, None for
    the card if there is one.
    """

    def __init__(
        self, folder: Path, music: Path, sound: bool | None = None, program: str = "mpd"
    ) -> None:
        self.folder = folder.resolve()
        self.music = music.resolve()
        self.playlists = self.folder / "playlists"
        self.address = MpdAddress(str(self.folder / "mpd.socket"))
        self.port = 0
        """TCP port on 127.0.0.1; chosen at the first start and kept."""
        self.program = program
        self.output = (_sound_output() if sound is not False else None) or "null"
        if sound and self.output == "null":
            raise PrivateMpdError("This machine has no sound card that MPD can use.")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The server's process id. Raises PrivateMpdError when it is not running."""
        if self._process is None:
            raise PrivateMpdError("The private MPD is not running.")
        return self._process.pid

    def start(self) -> None:
        """Start MPD and wait until it answers and has read its music. Raises PrivateMpdError."""
        program = shutil.which(self.program)
        if program is None:
            raise PrivateMpdError(
                f"{self.program} is not installed. Install it: `sudo apt install mpd`."
            )
        if not self.music.is_dir():
            raise PrivateMpdError(f"{self.music} is not a folder: give the folder of your music.")
        if len(os.fsencode(self.address.host)) > LONGEST_SOCKET_PATH_BYTES:
            raise PrivateMpdError(f"{self.address.host} is too long for a socket: choose another.")
        self.playlists.mkdir(parents=True, exist_ok=True)
        self.port = self.port or _free_port()
        config = self.folder / "mpd.conf"
        config.write_text(self.config(), encoding="utf-8")
        # MPD would notify systemd, in the name of our own service, that it is ready.
        env = {key: value for key, value in os.environ.items() if key != "NOTIFY_SOCKET"}
        with (self.folder / "mpd.out").open("wb") as out:
            self._process = subprocess.Popen(
                [program, "--no-daemon", "--stderr", str(config)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=env,
                process_group=0,  # Ctrl-C must reach only us: we end MPD last
            )
        try:
            self._wait_for_answer()
            self.update()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End this server. Harmless when it is not running."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self) -> None:
        """Kill it, so that it saves nothing, as in a power cut."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def update(self) -> None:
        """Let MPD update its database from the music folder, and wait until that is done."""
        until_s = time.monotonic() + UPDATE_S
        client = connect(self.address, until_s)
        try:
            client.idletimeout = UPDATE_S
            client.update()
            while "updating_db" in client.status():
                client.idle("update")
        except (OSError, mpd.MPDError) as error:
            raise PrivateMpdError(f"MPD did not read {self.music}: {error}") from error
        finally:
            disconnect(client)

    def _wait_for_answer(self) -> None:
        until_s = time.monotonic() + START_S
        while True:
            try:
                disconnect(connect(self.address, until_s))
                return
            except (OSError, mpd.MPDError) as error:
                gone = self._process is None or self._process.poll() is not None
                if gone or time.monotonic() > until_s:
                    why = "ended at once" if gone else f"did not answer ({error})"
                    raise PrivateMpdError(f"The private MPD {why}: {self._last_words()}") from error
            time.sleep(0.02)

    def _last_words(self) -> str:
        words = (self.folder / "mpd.out").read_text(encoding="utf-8", errors="replace").split("\n")
        return " / ".join(line for line in words[-6:] if line) or "it printed nothing."

    def config(self) -> str:
        """The server's configuration file."""
        text = "\n".join(
            f"{key} {_quoted(value)}"
            for key, value in {
                "music_directory": str(self.music),
                "playlist_directory": str(self.playlists),
                "db_file": str(self.folder / "database"),
                "state_file": str(self.folder / "state"),
                "sticker_file": str(self.folder / "stickers"),
                "restore_paused": "yes",
                "zeroconf_enabled": "no",
                "filesystem_charset": "UTF-8",
                "port": str(self.port),
            }.items()
        )
        text += f'\nbind_to_address {_quoted(self.address.host)}\nbind_to_address "127.0.0.1"\n'
        # With a null output as well, MPD keeps playing when the card is busy or unplugged.
        text += _OUTPUT.format(plugin="null", mixer="null")
        if self.output != "null":
            text += _OUTPUT.format(plugin=self.output, mixer="software")
        return text


_OUTPUT = """audio_output {{
    type "{plugin}"
    name "{plugin}"
    mixer_type "{mixer}"
}}
"""


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _sound_output() -> str | None:
    """MPD's output plugin: PulseAudio if its server is there, else ALSA if a card is, else None."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if "PULSE_SERVER" in os.environ or (runtime and (Path(runtime) / "pulse/native").exists()):
        return "pulse"
    try:
        cards = Path("/proc/asound/cards").read_text(encoding="utf-8")
    except OSError:
        return None
    return "alsa" if cards.strip() and "no soundcards" not in cards else None
