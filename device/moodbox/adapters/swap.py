"""Keeps the process's memory out of swap, by mlockall.

A Pi's firmware boots with cgroup_disable=memory, so systemd's MemorySwapMax does nothing there, and
Raspberry Pi OS swaps: a frame could come to lie on the card.
Source: https://man7.org/linux/man-pages/man2/mlock.2.html
"""

from __future__ import annotations

import ctypes
import logging
import os
import resource

log = logging.getLogger(__name__)

MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT = 1, 2, 4
"""What is mapped already, and what will be; but only once it is touched: nothing grows by it."""


def stay_out_of_swap() -> bool:
    """Lock all memory, now and in future; False, with a line in the log, where that may not be.

    Python 3 has no call of its own for it.
    """
    why = _lock()
    if why is not None:
        log.warning("pictures could come to lie in swap (%s); 'swapon --show' tells of one", why)
    return why is None


def _lock() -> str | None:
    """Lock all memory; why not, if not."""
    # Under a limit, which does not hold for root, memory would run out later, amidst something.
    limit = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0]
    if limit != resource.RLIM_INFINITY and os.geteuid() != 0:
        return "locked memory is limited: moodbox.service has LimitMEMLOCK=infinity"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0:
        return None
    return os.strerror(ctypes.get_errno())
