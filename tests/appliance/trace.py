"""What a process and its threads opened, created or reached, by strace's word."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CALLS = (
    "execve,clone,clone3,fork,vfork,open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,link,"
    "linkat,symlink,symlinkat,rename,renameat,renameat2,truncate,memfd_create,socket,connect"
)
WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND")
LINE = re.compile(r"(?P<pid>\d+) +(?P<call>\w+)\((?P<rest>.*)")
STARTED = re.compile(
    r"\d+ +(?:<\.\.\. )?(?:clone3?|v?fork)\b.* = (?P<inside>\d+)"
    r"(?: /\* (?P<outside>\d+) in strace's PID NS \*/)?$"
)
"""A new thread or child. Of one in a container, its own lines begin with the number outside."""


@contextmanager
def traced(init: int, to: Path) -> Iterator[None]:
    """Trace `init` and all that it starts from now on into the file `to`."""
    command = ["strace", "-f", "-y", "-qq", "-s", "256", "--decode-pids=pidns"]
    process = subprocess.Popen([*command, "-e", f"trace={CALLS}", "-o", to, "-p", str(init)])
    try:
        status = Path(f"/proc/{init}/status")
        give_up_s = time.monotonic() + 60
        while f"TracerPid:\t{process.pid}" not in status.read_text():
            assert process.poll() is None, "strace ended"
            assert time.monotonic() < give_up_s, "strace does not attach"
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()  # it waits for a thread that is gone; what it saw is written
            process.wait()


def of_program(lines: list[str], program: str) -> list[str]:
    """The lines of each process that executes `program`, from then on, and of all it starts."""
    began: dict[str, int] = {}
    for at, line in enumerate(lines):
        found = LINE.match(line)
        if found and found["call"] == "execve" and f'"{program}"' in found["rest"]:
            began.setdefault(found["pid"], at)
        started = STARTED.match(line)
        if started and _pid(line) in began:
            # Its own first lines may come before the one that tells that it was started.
            began[started["outside"] or started["inside"]] = 0
    return [line for at, line in enumerate(lines) if at >= began.get(_pid(line), len(lines))]


def followed(lines: list[str]) -> set[str]:
    """The threads and processes that the lines are of."""
    return {_pid(line) for line in lines}


def _pid(line: str) -> str:
    return line.split(maxsplit=1)[0]


def written(lines: list[str]) -> set[str]:
    """Paths that were opened for writing, made or renamed, whether that succeeded or not."""
    paths = set()
    for line in lines:
        found = LINE.match(line)
        if found is None or found["call"] in {"execve", "clone", "clone3", "socket", "connect"}:
            continue
        opens = found["call"] in {"open", "openat", "openat2"}
        if not opens or WRITING.search(found["rest"]):
            paths |= set(_paths(found["rest"]))
    return paths


def _paths(rest: str) -> Iterator[str]:
    """Absolute paths of a call's arguments; a relative one is joined to the folder before it."""
    folder = "/"
    for named, given in re.findall(r'(?:AT_FDCWD|\d+)<([^>]*)>|"([^"]*)"', rest.split(" = ")[0]):
        if named:
            folder = named
        else:
            yield str(Path(folder, given))


def reached(lines: list[str]) -> set[str]:
    """Address families of the sockets that were made or connected."""
    families = set()
    for line in lines:
        found = LINE.match(line)
        if found and found["call"] in {"socket", "connect"}:
            families |= set(re.findall(r"\bAF_\w+", found["rest"]))
    return families
