"""Runs in the daemon's own sandbox, in its place: tries what must fail, and what must not.

Prints a JSON object: what was tried → "done", or the name of the error.
"""

import ctypes
import errno
import json
import os
import socket
import sys
from collections.abc import Callable
from functools import partial


def connect(family: int, kind: int, address: str | tuple[str, int]) -> None:
    """Connect somewhere."""
    with socket.socket(family, kind) as it:
        it.settimeout(2)
        it.connect(address)


def write(folder: str) -> None:
    """Make a file in a folder, and remove it."""
    path = f"{folder}/probe"
    with open(path, "w"):  # noqa: PTH123 - as plain as can be
        pass
    os.unlink(path)  # noqa: PTH108


def see(folder: str) -> None:
    """Look into a folder; an empty one counts as invisible."""
    if not os.listdir(folder):  # noqa: PTH208
        raise FileNotFoundError(errno.ENOENT, "it is empty")


def tried(what: Callable[[], object]) -> str:
    """What came of it."""
    try:
        what()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, type(error).__name__)
    return "done"


def unshare() -> None:
    """Ask for another network; Python 3.11 has no os.unshare."""
    clone_newnet = 0x40000000
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(clone_newnet) != 0:
        raise OSError(ctypes.get_errno(), "unshare")


def lock_memory() -> None:
    """As moodbox.adapters.swap does: all of it, now and in future, once it is touched."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mlockall(1 | 2 | 4) != 0:
        raise OSError(ctypes.get_errno(), "mlockall")


STREAM, DATAGRAM = socket.SOCK_STREAM, socket.SOCK_DGRAM
TRIES: dict[str, Callable[[], object]] = {
    "MPD by its socket": lambda: connect(socket.AF_UNIX, STREAM, "/run/mpd/socket"),
    "MPD by its port": lambda: connect(socket.AF_INET, STREAM, ("127.0.0.1", 6600)),
    "a connection out": lambda: connect(socket.AF_INET, STREAM, ("192.0.2.1", 80)),
    "a datagram out": lambda: connect(socket.AF_INET, DATAGRAM, ("192.0.2.1", 53)),
    "a connection out by IPv6": lambda: connect(socket.AF_INET6, STREAM, ("2001:db8::1", 80)),
    "raw packets": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    "a new network": unshare,
    "its runtime directory": lambda: write(os.environ["RUNTIME_DIRECTORY"]),
    "its state directory": lambda: write(os.environ["STATE_DIRECTORY"]),
    **{
        f"writing to {folder}": partial(write, folder)
        for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/var/lib/mpd", "/srv/music", "/")
    },
    **{f"looking into {folder}": partial(see, folder) for folder in ("/home", "/root")},
    "locking its memory": lock_memory,
    "another process": lambda: os.listdir("/proc/1"),  # noqa: PTH208
}


if __name__ == "__main__":
    json.dump({name: tried(what) for name, what in TRIES.items()}, sys.stdout)
