"""Composition: builds a daemon from a configuration, with one ExitStack for all that it opens."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from moodbox.adapters.camera import make_camera
from moodbox.adapters.classifier import Classifier
from moodbox.adapters.clock import SystemClock
from moodbox.adapters.face import FaceFinder
from moodbox.adapters.inbox import Inbox
from moodbox.adapters.lock import sole_user
from moodbox.adapters.mpd.host import host_fault
from moodbox.adapters.mpd.player import MpdAddress, MpdListener, MpdPlayer, address_from_env
from moodbox.adapters.panel import GpioPanel, NullPanel
from moodbox.adapters.store import RuntimeFiles, StateStore
from moodbox.adapters.systemd import Notifier
from moodbox.config import Config, ConfigError
from moodbox.core import ports
from moodbox.eye import Eye
from moodbox.memory import Memory
from moodbox.runtime import Daemon, Dependencies
from moodbox.runtime_state import from_record
from moodbox.settings import policy, rates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Directories:
    """The only directories that the daemon writes to."""

    runtime: Path
    """For status.json and owned.json; emptied by a reboot."""
    state: Path
    """For state.json; kept over a reboot."""


def directories(environ: Mapping[str, str]) -> Directories:
    """systemd's RUNTIME_DIRECTORY and STATE_DIRECTORY, else the user's own (XDG) directories."""
    home = Path(environ.get("HOME", "/root"))
    runtime = environ.get("RUNTIME_DIRECTORY") or str(
        Path(environ.get("XDG_RUNTIME_DIR") or home / ".cache") / "moodbox"
    )
    state = environ.get("STATE_DIRECTORY") or str(
        Path(environ.get("XDG_STATE_HOME") or home / ".local/state") / "moodbox"
    )
    return Directories(Path(runtime), Path(state))


def status_directories(environ: Mapping[str, str]) -> list[Path]:
    """Where to look for a running box's status: the user's own daemon first, then the service."""
    return [directories(environ).runtime, Path("/run/moodbox")]


def state_directories(environ: Mapping[str, str]) -> list[Path]:
    """Where to look for a box's state: the user's own box first, then the service."""
    return [directories(environ).state, Path("/var/lib/moodbox")]


def model_folder(config: Config) -> Path:
    """The folder of the configured model, else of the one that ships with the program."""
    if config.model.folder:
        return Path(config.model.folder)
    return shipped_models() / "mood-v1"


def shipped_models() -> Path:
    """The folder of the models that ship with the program: in the package, or in the checkout."""
    package = Path(str(resources.files("moodbox")))
    packed = package / "models"
    return packed if packed.is_dir() else package.parents[1] / "models"


def mpd_address(config: Config, environ: Mapping[str, str]) -> MpdAddress:
    """MPD's address: from the configuration, else MPD_HOST and MPD_PORT, else the default.

    Raises ConfigError if MPD_PORT is not a port or MPD_HOST is not a host.
    """
    try:
        address = address_from_env(environ)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    mpd = config.mpd
    address = replace(
        address,
        host=mpd.host or address.host,
        port=mpd.port or address.port,
        password=mpd.password or address.password,
    )
    fault = host_fault(address.host)
    if fault:
        raise ConfigError(f"MPD_HOST {fault}")
    return address


@contextmanager
def composed(
    config: Config,
    environ: Mapping[str, str] = os.environ,
    where: Directories | None = None,
    address: MpdAddress | None = None,
    camera: ports.Camera | None = None,
) -> Iterator[Daemon]:
    """A daemon, ready to run; everything it holds is released at the end, in reverse order.

    `where` and `address` replace those of the environment, `camera` that of the configuration.
    Raises ConfigError, ModelError, PanelError, AlreadyRunsError, and OSError if the directories
    cannot be created.
    """
    where = where or directories(environ)
    with ExitStack() as stack:
        clock, inbox = SystemClock(), Inbox()
        classifier = Classifier(model_folder(config))
        camera = camera or _camera(config, clock)
        eye = Eye(camera, FaceFinder(config.face.smallest_share), classifier)
        stack.callback(eye.close)
        _make(where)
        stack.enter_context(sole_user(where.runtime))
        panel = _panel(config, inbox)
        stack.callback(panel.close)
        address = address or mpd_address(config, environ)
        player = MpdPlayer(address)
        stack.callback(player.close)
        store, files = StateStore(where.state), RuntimeFiles(where.runtime)
        files.forget_to_switch_off()
        kept = store.load()
        stack.enter_context(MpdListener(address, inbox))
        point = classifier.manifest.point
        yield Daemon(
            Dependencies(
                clock, inbox, eye, player, panel, Notifier(environ), files,
                Memory(store, kept.tastes, kept.history), policy(config, point),
            ),
            rates(config),
            from_record(files.read_owned(), kept.camera_closed),
            log_moods=config.log.moods,
        )  # fmt: skip


def _make(where: Directories) -> None:
    for folder, name in ((where.runtime, "RUNTIME_DIRECTORY"), (where.state, "STATE_DIRECTORY")):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OSError(
                f"the directory {folder} cannot be created ({error.strerror}): "
                f"set {name} to a directory that this user may write to"
            ) from error


def _camera(config: Config, clock: ports.Clock) -> ports.Camera:
    try:
        return make_camera(config.camera.source, config.camera, clock)
    except ValueError as error:
        raise ConfigError(f"camera.source: {error}") from error


def _panel(config: Config, inbox: ports.Inbox) -> ports.Panel:
    return GpioPanel(inbox, config.panel) if config.panel.enabled else NullPanel()
