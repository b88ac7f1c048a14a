"""Memory is kept out of swap: tried in a process of its own, which then is locked."""

from __future__ import annotations

import json
import subprocess
import sys

LOCK = """
import json, logging, os, re, resource, sys, threading
from pathlib import Path
import numpy as np
from moodbox.adapters.swap import stay_out_of_swap

def told(name):
    return int(re.search(rf"{name}:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1])

logging.basicConfig(format="%(message)s")
if sys.argv[1] == "limited":
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (1 << 16, 1 << 16))
    if os.geteuid() == 0:
        os.setuid(65534)
before = told("VmRSS")
locked = stay_out_of_swap()
mapped = np.empty(1 << 26, np.uint8)
started = threading.Event()
threading.Thread(target=started.set).start()
started.wait()
print(json.dumps([locked, told("VmLck"), told("VmRSS") - before]))
"""


def locking(how: str) -> tuple[bool, int, int, str]:
    """Whether memory was locked, how many kB, by how many more are resident, and the log."""
    command = [sys.executable, "-c", LOCK, how]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    locked, locked_kb, grown_kb = json.loads(done.stdout)
    return locked, locked_kb, grown_kb, done.stderr


def may_lock() -> bool:
    """Whether a process here may lock 64 MiB: a container's may not, nor one under a limit."""
    attempt = "import ctypes; size = 1 << 26; memory = ctypes.create_string_buffer(size); "
    attempt += "raise SystemExit(ctypes.CDLL(None).mlock(memory, ctypes.c_size_t(size)))"
    return subprocess.run([sys.executable, "-c", attempt], check=False).returncode == 0


def test_all_memory_is_locked_where_it_may_be_and_none_is_taken_for_it() -> None:
    locked, locked_kb, grown_kb, log = locking("unlimited")
    assert locked is may_lock()
    # The array of 64 MiB and the thread's stack are mapped and not touched.
    assert locked_kb > 65536 if locked else locked_kb == 0
    assert grown_kb < 4096
    assert log.count("camera pictures may be swapped to disk") == (0 if locked else 1)


def test_under_a_limit_it_says_so_once_and_goes_on() -> None:
    locked, locked_kb, _, log = locking("limited")
    assert not locked
    assert locked_kb == 0
    assert log.splitlines() == [
        "camera pictures may be swapped to disk (locked memory is limited: moodbox.service has "
        "LimitMEMLOCK=infinity); check with 'swapon --show'"
    ]
