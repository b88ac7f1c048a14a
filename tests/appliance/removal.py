"""The end of a box's life."""

from __future__ import annotations

from tests.appliance.machine import Machine


def test_uninstalling_leaves_the_music(machine: Machine) -> None:
    songs = sorted((machine.root / "srv/music").rglob("*.flac"))
    machine.provision("--uninstall")
    assert len(songs) == 15
    assert sorted((machine.root / "srv/music").rglob("*.flac")) == songs
    for left in ("/opt/moodbox", "/etc/moodbox", "/var/lib/moodbox", "/usr/local/bin/moodbox"):
        assert machine.try_run("test", "-e", left).returncode == 1
    assert machine.try_run("id", "moodbox").returncode == 1
    assert machine.try_run("systemctl", "cat", "moodbox").returncode != 0
