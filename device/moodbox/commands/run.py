"""`moodbox run`: run the daemon."""

from __future__ import annotations

import logging
import signal
from typing import TYPE_CHECKING

from moodbox.adapters.classifier import ModelError
from moodbox.adapters.lock import AlreadyRunsError
from moodbox.adapters.panel import PanelBusyError, PanelError
from moodbox.adapters.swap import stay_out_of_swap
from moodbox.compose import composed
from moodbox.config import ConfigError
from moodbox.core.ports import Stop
from moodbox.sensing import CameraHangsError

if TYPE_CHECKING:
    import argparse

    from moodbox.config import Config

log = logging.getLogger("moodbox")


def main(arguments: argparse.Namespace, config: Config) -> int:
    """Run until SIGTERM or SIGINT. Raises ConfigError where trying again would not help."""
    stay_out_of_swap()
    try:
        with composed(config) as daemon:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: daemon.parts.inbox.put(Stop()))
            log.info("moodbox has started; camera %s", config.camera.source)
            daemon.run()
            log.info("moodbox ends; the music stays as it is")
    except PanelBusyError as error:
        log.error("%s; moodbox ends, so that systemd tries again", error)
        return 1
    except (ModelError, PanelError) as error:
        raise ConfigError(str(error)) from error
    except CameraHangsError as error:
        log.error("%s; moodbox ends, so that systemd starts a new process", error)
        return 1
    except (AlreadyRunsError, OSError) as error:
        log.error("moodbox cannot start: %s", error)
        return 1
    return 0
