"""Another machine on the box's network: a network of its own, with a cable to that of the machine.

Run as a program it asks that network which MPDs there are, by multicast DNS, as phones do, and
prints the answer's bytes.
"""

from __future__ import annotations

import re
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.appliance.machine import CHECKOUT, Machine

HERE, BOX = "198.51.100.1", "198.51.100.2"
"""Addresses for documentation (RFC 5737): nobody else's."""


@dataclass(frozen=True)
class Neighbour:
    """A machine from which clients are run."""

    pid: int

    def run(self, *command: str) -> str:
        """Run one of this system's programs there; what it printed. It has to succeed."""
        inside = ["nsenter", f"--net=/proc/{self.pid}/ns/net", *command]
        done = subprocess.run(
            inside, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
        return done.stdout

    def mpc(self, *arguments: str) -> str:
        """Ask the box's MPD."""
        return self.run("mpc", f"--host={BOX}", *arguments)

    def finds(self) -> dict[str, str]:
        """MPDs that tell of themselves: name → address."""
        told = self.run(sys.executable, "-m", "tests.appliance.neighbour")
        return dict(line.rsplit(" ", 1) for line in told.splitlines() if line)


@contextmanager
def neighbour(machine: Machine) -> Iterator[Neighbour]:
    """Lay a cable from a new network to the machine's; it goes with the network."""
    process = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
    try:
        ours = Path("/proc/self/ns/net").readlink()
        while Path(f"/proc/{process.pid}/ns/net").readlink() == ours:
            time.sleep(0.01)
        it, box = Neighbour(process.pid), Neighbour(machine.init())
        link = ["link", "add", "cable", "type", "veth", "peer", "name", "cable"]
        it.run("ip", *link, "netns", str(box.pid))
        for end, address in ((it, HERE), (box, BOX)):
            end.run("ip", "address", "add", f"{address}/24", "dev", "cable")
            end.run("ip", "link", "set", "cable", "up")
        yield it
    finally:
        process.kill()
        process.wait()


def ask() -> list[str]:
    """Who answers for the service _mpd._tcp: name and address of each."""
    question = struct.pack(">6H", 0, 0, 1, 0, 0, 0)
    question += b"\x04_mpd\x04_tcp\x05local\0" + struct.pack(">2H", 12, 1)
    answers: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as heard:
        heard.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(HERE))
        heard.settimeout(2)
        heard.sendto(question, ("224.0.0.251", 5353))
        try:
            while True:
                answer, (address, _) = heard.recvfrom(9000)
                # A name of DNS begins with its length.
                names = re.findall(rb"[\x09-\x3f](Moodbox @ [ -~]*)", answer)
                answers += [f"{name.decode()} {address}" for name in names]
        except TimeoutError:
            return answers


if __name__ == "__main__":
    print("\n".join(ask()))
