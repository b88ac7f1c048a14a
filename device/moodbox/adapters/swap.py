"""Keeps the process's memory out of swap, by mlockall.

A Pi's firmware boots with cgroup_disable=memory, so systemd's MemorySwapMax has no effect there,
and Raspberry Pi OS swaps: without this lock a frame could be written to the card.
Source: https://man7.org/linux/man-pages/man2/mlock.2.html
"""

from __future__ import annotations

import ctypes
import logging
import os
import resource

log = logging.getLogger(__name__)

MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT = 1, 2, 4
"""Lock the memory that is mapped now and later, each page only once it is used: so locking does not
enlarge the process."""


def stay_out_of_swap() -> bool:
    """Lock all memory, now and in future; logs a warning and returns False if that is refused.

    Uses libc, since Python has no function for it.
    """
    why = _lock()
    if why is not None:
        log.warning("camera pictures may be swapped to disk (%s); check with 'swapon --show'", why)
    return why is None


def _lock() -> str | None:
    """Lock all memory; returns why that is impossible, or None when it is done."""
    # With a limit (root has none) a later allocation would fail in the middle of the work.
    limit = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0]
    if limit != resource.RLIM_INFINITY and os.geteuid() != 0:
        return "locked memory is limited: moodbox.service has LimitMEMLOCK=infinity"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0:
        return None
    return os.strerror(ctypes.get_errno())
