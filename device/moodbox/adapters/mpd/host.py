"""Whether a text can be a host's name, an IP address or a socket's path."""

from __future__ import annotations

import ipaddress

from moodbox.core.foreign import shown

LONGEST_SOCKET_PATH_BYTES = 107
"""The kernel's limit for a Unix socket's address."""

LONGEST_NAME = 253
"""Most characters of a host's name."""


def host_fault(host: str) -> str | None:
    """What is wrong with MPD's host, to follow the key's name in a sentence; None if nothing is.

    Checked here because a name such as `..` would fail later with an encoder's error.
    """
    if host.startswith(("/", "@")):
        if _is_socket_path(host):
            return None
        return f"is {shown(host)}, a socket's path has at most {LONGEST_SOCKET_PATH_BYTES} bytes"
    if _is_number(host) or _is_name(host):
        return None
    return f"is {shown(host)}, it must be a host's name or IP address, or the path of a socket"


def _is_socket_path(path: str) -> bool:
    try:
        size = len(path.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return False
    return "\0" not in path and size <= LONGEST_SOCKET_PATH_BYTES


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_name(host: str) -> bool:
    """Whether it has the form of a host's name, in any script."""
    if len(host) > LONGEST_NAME or not host.isprintable() or set(host) & set(" /@:\\"):
        return False
    try:
        return bool(host.encode("idna"))
    except UnicodeError:
        return False
