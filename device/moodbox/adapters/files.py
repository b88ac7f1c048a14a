"""Files of others: opened only where they are files, and read only as far as is sensible."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_KINDS = {
    stat.S_IFIFO: "it is a pipe and no file",
    stat.S_IFSOCK: "it is a socket and no file",
    stat.S_IFCHR: "it is a device and no file",
    stat.S_IFBLK: "it is a device and no file",
}


def open_file(path: Path) -> int:
    """A descriptor to read a regular file; links are followed.

    Raises OSError, with a reason in `strerror`, for everything else: a pipe would be waited for
    without end, and opening a device may do things. Also for a name that no file can have.
    """
    try:
        # Looked at before it is opened: to open a watchdog's device starts it.
        _refuse_others(path.stat(), path)
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except ValueError as error:  # a zero byte, or half a character
        raise OSError(errno.EINVAL, "no file can have this name", str(path)) from error
    try:
        _refuse_others(os.fstat(handle), path)
    except BaseException:
        os.close(handle)
        raise
    return handle


def read_file(path: Path, most_bytes: int) -> bytes:
    """A regular file's content. Raises OSError as `open_file` does, and for more than that."""
    with os.fdopen(open_file(path), "rb") as file:
        data = file.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise OSError(errno.EFBIG, f"it is larger than {_size(most_bytes)}", str(path))
    return data


def read_start(path: Path, most_bytes: int) -> bytes:
    """A regular file's first bytes. Raises OSError as `open_file` does."""
    with os.fdopen(open_file(path), "rb") as file:
        return file.read(most_bytes)


def at_home(text: str) -> Path:
    """The path, a leading `~` or `~name` replaced where there is such a home."""
    try:
        return Path(text).expanduser()
    except RuntimeError:  # nobody of this name
        return Path(text)


def is_folder(path: Path) -> bool:
    """Whether there is such a folder, as far as this user can see."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _refuse_others(found: os.stat_result, path: Path) -> None:
    kind = stat.S_IFMT(found.st_mode)
    if kind == stat.S_IFDIR and not os.access(path, os.R_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    if kind == stat.S_IFDIR:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if kind != stat.S_IFREG:
        raise OSError(errno.EINVAL, _KINDS.get(kind, "it is no file"), str(path))


def _size(count: int) -> str:
    return f"{count >> 20} MB" if count >= 1 << 20 else f"{count >> 10} kB"
