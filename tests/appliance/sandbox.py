"""Your picture never leaves, and never stays: tried on the running service."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import signal
import string
from pathlib import Path

from moodbox.adapters.camera.scene import Scenario
from tests.appliance.films import film
from tests.appliance.machine import SETTINGS, Machine
from tests.appliance.trace import followed, of_program, reached, traced, written


def test_the_process_that_sees_has_no_network_and_no_right(machine: Machine) -> None:
    pid = machine.unit("moodbox", "MainPID")
    status = machine.run("cat", f"/proc/{pid}/status")
    capabilities = [line.split()[1] for line in status.splitlines() if line.startswith("Cap")]
    assert set(capabilities) == {"0" * 16}
    assert "NoNewPrivs:\t1" in status
    limits = machine.run("cat", f"/proc/{pid}/limits")
    assert next(line.split()[4:6] for line in limits.splitlines() if "core" in line) == ["0", "0"]
    # Not even root's hand in its network finds a way out, or MPD; outside MPD is there.
    network = f"--net=/proc/{pid}/ns/net"
    devices = machine.run("nsenter", network, "cat", "/proc/self/net/dev").splitlines()[2:]
    assert [line.split(":")[0].strip() for line in devices] == ["lo"]
    connect = "import sys, socket; socket.create_connection((sys.argv[1], 6600), 2)"
    for host, answer in (("127.0.0.1", "refused"), ("192.0.2.1", "unreachable")):
        tried = machine.try_run("nsenter", network, "python3", "-c", connect, host)
        assert tried.returncode != 0
        assert answer in tried.stdout
    machine.run("python3", "-c", connect, "127.0.0.1")


def test_the_process_that_sees_is_locked_into_memory(machine: Machine) -> None:
    """What is locked is in no swap, also where this machine had any."""
    pid = machine.unit("moodbox", "MainPID")
    told = machine.run("cat", f"/proc/{pid}/status").splitlines()
    in_kb = {line.split(":")[0]: int(line.split()[1]) for line in told if line.endswith(" kB")}
    assert in_kb["VmSwap"] == 0
    if is_limited(machine, pid):
        log = machine.run("journalctl", "--no-pager", "--unit=moodbox", f"_PID={pid}")
        assert log.count("camera pictures may be swapped to disk") == 1
    else:
        assert in_kb["VmLck"] >= in_kb["VmRSS"]


def is_limited(machine: Machine, pid: str) -> bool:
    """Whether the system here, a container say, does not let a unit lift the limit of locking."""
    limits = machine.run("cat", f"/proc/{pid}/limits").splitlines()
    return "unlimited" not in next(line for line in limits if "locked memory" in line)


def test_the_process_that_sees_can_write_nowhere_but_its_own_folders(machine: Machine) -> None:
    pid = machine.unit("moodbox", "MainPID")
    inside = ["nsenter", f"--mount=/proc/{pid}/ns/mnt"]
    user = ["setpriv", "--reuid=moodbox", "--regid=moodbox", "--init-groups"]
    writable = ["find", "/", "(", "-path", "/proc", "-o", "-path", "/sys", ")", "-prune"]
    writable += ["-o", "(", "-type", "d", "-o", "-type", "f", ")", "-writable", "-print"]
    found = machine.try_run(*inside, *user, *writable).stdout.splitlines()
    own = ("/run/moodbox", "/var/lib/moodbox")
    assert [path for path in found if not path.startswith((*own, "find:"))] == []
    assert set(own) <= set(found)
    home = machine.try_run(*inside, "ls", "-A", "/root", "/home").stdout
    assert "offline" not in home


PROBE = {
    "ExecStart": "/opt/moodbox/.venv/bin/python /srv/probe.py",
    "Type": "oneshot",
    "Restart": "no",
    "WatchdogSec": "0",
    "RuntimeDirectory": "moodbox-probe",
    "StateDirectory": "moodbox-probe",
}
"""What a probe changes of the daemon's unit: nothing of the sandbox."""


def probe_unit(unit: str) -> str:
    """The daemon's unit with a probe in the daemon's place."""
    lines = []
    for line in unit.splitlines():
        name = line.partition("=")[0]
        lines.append(f"{name}={PROBE[name]}" if name in PROBE else line)
    return "\n".join(lines) + "\n"


def test_from_inside_there_is_no_way_out(machine: Machine) -> None:
    shutil.copy(Path(__file__).with_name("probe.py"), machine.root / "srv/probe.py")
    units = machine.root / "etc/systemd/system"
    (units / "moodbox-probe.service").write_text(
        probe_unit((units / "moodbox.service").read_text())
    )
    (machine.root / "home/somebody").mkdir()
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "start", "moodbox-probe")
    told = machine.run("journalctl", "--no-pager", "--output=cat", "--unit=moodbox-probe")
    result = json.loads([line for line in told.splitlines() if line.startswith("{")][-1])
    (units / "moodbox-probe.service").unlink()
    machine.run("rm", "-r", "/var/lib/moodbox-probe")
    done = {name for name, outcome in result.items() if outcome == "done"}
    # Not EPERM: the sandbox has nothing against it.
    limited = is_limited(machine, machine.unit("moodbox", "MainPID"))
    assert result["locking its memory"] == ("ENOMEM" if limited else "done")
    done -= {"locking its memory"}
    assert done == {"MPD by its socket", "its runtime directory", "its state directory"}, result


CONTROL = """\
#!/usr/bin/python3
import subprocess, threading
thread = threading.Thread(target=open, args=("/tmp/by-a-thread", "w"))
thread.start()
thread.join()
subprocess.run(["touch", "/tmp/by-a-child"], check=True)
"""


def test_the_trace_sees_what_threads_and_children_write(machine: Machine, tmp_path: Path) -> None:
    """Else that it shows nothing of the daemon's would mean nothing."""
    (machine.root / "srv/control").write_text(CONTROL)
    (machine.root / "srv/control").chmod(0o755)
    with traced(machine.init(), tmp_path / "trace"):
        machine.run("systemd-run", "--quiet", "--wait", "/srv/control")
    calls = of_program((tmp_path / "trace").read_text().splitlines(), "/srv/control")
    assert {"/tmp/by-a-thread", "/tmp/by-a-child"} <= written(calls)
    assert len(followed(calls)) == 3


def test_what_it_saw_stays_nowhere_and_it_opens_nothing_else_for_writing(
    machine: Machine, tmp_path: Path
) -> None:
    """Two sittings and an abort, under strace, before a camera that shows a marker."""
    marker = "".join(random.choices(string.ascii_letters, k=64)).encode()
    # More than two, since a machine that is traced and looked into may miss one; few frames, since
    # they are large.
    sittings = [Scenario(empty_s=2, present_s=10, after_s=8)] * 6
    film(machine.root / "srv/marked.avi", sittings, marker, rate_hz=3)
    machine.run("systemctl", "stop", "moodbox")
    before = left(machine)
    with traced(machine.init(), tmp_path / "trace"):
        machine.set_up(SETTINGS.replace("scene.avi", "marked.avi"))
        seen = machine.host_pid(int(machine.unit("moodbox", "MainPID")))
        machine.until("the marker is in its memory", lambda: holds(seen, marker))
        machine.until("two have sat and left", lambda: left(machine) >= before + 2, 180)
        plant(machine, marker)
        # While it runs: its runtime directory goes with it.
        assert files_with(machine, marker) == [PLANTED]
        # The kernel alone deals with an abort: no line of the program's runs any more.
        assert not caught(seen) & 1 << (signal.SIGABRT - 1)
        machine.run("systemctl", "kill", "--kill-whom=main", "--signal=ABRT", "moodbox")
        machine.until("it is up again", lambda: is_another(machine, seen))
        assert files_with(machine, marker) == [PLANTED]
    machine.run("systemctl", "stop", "moodbox")
    assert files_with(machine, marker) == []
    calls = of_program((tmp_path / "trace").read_text().splitlines(), PROGRAM)
    # Its own thread that listens to MPD, before the abort and after it, is the least.
    assert len(followed(calls)) >= 4
    opened = written(calls)
    own = {Path("/run/moodbox"), Path("/var/lib/moodbox")}
    assert {path for path in opened if not own & {Path(path), *Path(path).parents}} == set()
    assert "/run/moodbox/status.json" in opened
    assert reached(calls) == {"AF_UNIX"}


PLANTED = "/run/moodbox/planted"


def plant(machine: Machine, marker: bytes) -> None:
    """Put the marker where a leak would be likeliest: who finds nothing else must find this."""
    text = f"before {marker.decode()} after"
    machine.run("sh", "-c", f"echo '{text}' >{PLANTED}")


PROGRAM = "/opt/moodbox/.venv/bin/moodbox"


def caught(pid: int) -> int:
    """The signals for which a process has code of its own, as a mask of bits."""
    return int(Path(f"/proc/{pid}/status").read_text().partition("SigCgt:")[2].split()[0], 16)


def left(machine: Machine) -> int:
    """How many have left since the machine was booted."""
    return machine.run("journalctl", "--no-pager", "-u", "moodbox").count("they have left")


def is_another(machine: Machine, pid: int) -> bool:
    """Whether a daemon is ready that is not the one that had this pid here."""
    main = int(machine.unit("moodbox", "MainPID"))
    ready = machine.unit("moodbox", "ActiveState") == "active"
    return ready and main != 0 and machine.host_pid(main) != pid


def holds(pid: int, marker: bytes) -> bool:
    """Whether a process's memory holds these bytes."""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, mode = line.split()[:2]
            begin, end = (int(address, 16) for address in span.split("-"))
            if not mode.startswith("rw"):
                continue
            memory.seek(begin)
            with contextlib.suppress(OSError):  # unmapped meanwhile, or a device's
                if marker in memory.read(end - begin):
                    return True
    return False


def files_with(machine: Machine, marker: bytes) -> list[str]:
    """Files of the whole running system that hold these bytes; those in memory too."""
    command = ["grep", "--recursive", "--files-with-matches", "--text", "--fixed-strings"]
    command += ["--devices=skip", "--exclude-dir=proc", "--exclude-dir=sys", marker.decode(), "/"]
    return machine.try_run(*command).stdout.splitlines()
