"""Before a box is one: what provisioning tells, and that it changes nothing then."""

from __future__ import annotations

from tests.appliance.machine import Machine


def files(machine: Machine) -> set[str]:
    """Every file and folder of its disk with size and time, but for what the system itself logs."""
    find = ["find", "/", "-xdev", "-path", "/var/log", "-prune", "-o"]
    return set(machine.run(*find, "-printf", "%p %s %m %T@\\n").splitlines())


def test_a_check_writes_no_file(machine: Machine) -> None:
    before = files(machine)
    assert machine.try_run("/root/moodbox/provision.sh", "--check").returncode == 1
    assert files(machine) == before


def test_a_system_that_systemd_did_not_start_is_told_in_a_sentence(machine: Machine) -> None:
    run = "mount -t tmpfs none /run/systemd && /root/moodbox/provision.sh"
    told = machine.try_run("unshare", "--mount", "sh", "-c", run)
    assert told.returncode == 1
    assert told.stdout.startswith("moodbox: this system was not started by systemd")
    assert told.stdout.count("\n") == 1


def test_a_root_that_cannot_be_written_is_told_in_a_sentence(machine: Machine) -> None:
    run = "mount -o remount,bind,ro / && /root/moodbox/provision.sh"
    told = machine.try_run("unshare", "--mount", "sh", "-c", run)
    assert told.returncode == 1
    assert told.stdout.startswith("moodbox: the root file system is read-only")
    assert told.stdout.count("\n") == 1
