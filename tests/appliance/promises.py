"""A box's life on a fresh Debian: provisioned, booted, sat before, cut off.

Not collected by `make test`: `make test-appliance` runs it and the modules beside it, in the order
in which it names them. The tests build on one another. MOODBOX_RELEASE names the system, bookworm
unless set.
"""

from __future__ import annotations

import os
import shutil
import statistics
import time
from pathlib import Path

import pytest

from moodbox.adapters.camera.scene import Scenario
from tests.appliance.films import ext4_image, film
from tests.appliance.machine import MOODS, SETTINGS, Machine
from tests.appliance.neighbour import BOX, neighbour

LONG_SITTING = Scenario(empty_s=2, present_s=150, after_s=3)
"""Longer than all that is tried while she sits there."""


def last_reading_count(machine: Machine) -> int:
    """How often the daemon has begun to read a face."""
    return machine.run("journalctl", "--no-pager", "-u", "moodbox").count("reading the face")


def test_check_tells_and_changes_nothing(machine: Machine) -> None:
    told = machine.try_run("/root/moodbox/provision.sh", "--check")
    assert told.returncode == 1
    assert "would install mpd mpc" in told.stdout
    assert machine.try_run("test", "-e", "/opt/moodbox").returncode == 1
    assert machine.try_run("id", "moodbox").returncode == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--music", "/nowhere"], "--music /nowhere: there is no such folder"),
        (
            ["--offline", "/srv"],
            "/srv holds no wheels (*.whl): setup/offline.sh fills such a folder",
        ),
        (["--ofline"], "unknown argument --ofline"),
    ],
)
def test_an_argument_that_does_not_serve_is_told(
    machine: Machine, arguments: list[str], said: str
) -> None:
    told = machine.try_run("/root/moodbox/provision.sh", *arguments)
    assert told.returncode != 0
    assert said in told.stdout


@pytest.mark.parametrize(
    ("python", "said"),
    [
        ("echo False", "this is a 32-bit system"),
        ("[ $1 = -c ] || echo Python 3.9.2", "Python 3.9.2 does not serve: a box needs 3.11"),
    ],
)
def test_a_system_that_does_not_serve_is_told_in_a_sentence(
    machine: Machine, python: str, said: str
) -> None:
    """Another Python in the place of the system's, for this one run."""
    (machine.root / "srv/python3").write_text(f"#!/bin/sh\n{python}\n")
    (machine.root / "srv/python3").chmod(0o755)
    run = "mount --bind /srv/python3 $(realpath /usr/bin/python3) && /root/moodbox/provision.sh"
    told = machine.try_run("unshare", "--mount", "sh", "-c", run)
    assert told.returncode == 1
    assert [line for line in told.stdout.splitlines() if line.startswith("moodbox: ")] == [
        told.stdout.splitlines()[-1]
    ]
    assert said in told.stdout
    assert machine.try_run("test", "-e", "/opt/moodbox").returncode == 1


def test_provisioning_makes_a_box_without_a_network(machine: Machine) -> None:
    said = machine.provision("--offline", "/root/offline")
    assert machine.unit("moodbox", "ActiveState") == "active", said
    assert machine.unit("mpd", "ActiveState") == "active", said
    assert machine.unit("moodbox", "NRestarts") == "0"
    assert machine.mpc("status").count("volume: 35%") == 1


def test_a_second_run_finds_nothing_to_do(machine: Machine) -> None:
    before = machine.unit("moodbox", "MainPID")
    told = machine.try_run("/root/moodbox/provision.sh", "--check")
    assert told.returncode == 0, told.stdout
    machine.provision("--offline", "/root/offline")
    assert machine.unit("moodbox", "MainPID") == before


def test_sitting_down_brings_the_music_of_the_mood(machine: Machine) -> None:
    film(machine.root / "srv/scene.avi", [LONG_SITTING], rate_hz=4)
    machine.set_up(SETTINGS)
    machine.until("music of a mood plays", lambda: machine.plays_a_mood())
    status = machine.status()
    assert machine.mpc("current", "-f", "%file%").startswith(f"{status['mood']}/")
    assert status["mood"] in machine.unit("moodbox", "StatusText")


def test_a_message_from_any_client_reads_again(machine: Machine) -> None:
    before = last_reading_count(machine)
    machine.mpc("sendmessage", "moodbox", "detect")
    machine.until("it reads again", lambda: last_reading_count(machine) > before)


def test_a_client_on_another_machine_finds_the_box_and_plays(machine: Machine) -> None:
    host = machine.run("hostname").strip()
    with neighbour(machine) as other:
        machine.until(
            "it tells its name",
            lambda: any(name.startswith(f"Moodbox @ {host}") for name in other.finds()),
        )
        assert set(other.finds().values()) == {BOX}
        other.mpc("sendmessage", "moodbox", "mood angry")
        machine.until("angry music plays", lambda: machine.playing_mood() == "angry")
        assert other.mpc("current", "--format=%file%").startswith("angry/")


def test_the_daemon_is_in_no_group_that_it_does_not_need(machine: Machine) -> None:
    """video for the camera, gpio for the pins, where the system has that."""
    assert set(machine.run("id", "-nG", "moodbox").split()) - {"gpio"} == {"moodbox", "video"}
    pid = machine.unit("moodbox", "MainPID")
    status = machine.run("cat", f"/proc/{pid}/status")
    numbers = machine.run("id", "-G", "moodbox").split()
    held = next(line.split()[1:] for line in status.splitlines() if line.startswith("Groups:"))
    assert set(held) <= set(numbers)


def test_the_journal_is_in_memory(machine: Machine) -> None:
    began_s = time.time()
    machine.run("logger", "something to keep")
    machine.run("journalctl", "--sync")
    assert "something to keep" in machine.run("journalctl", "--no-pager", "--boot")
    # One from before it became a box may lie there.
    kept = (machine.root / "var/log/journal").rglob("*.journal*")
    assert [path for path in kept if path.stat().st_mtime >= began_s] == []
    assert ".journal" in machine.run("find", "/run/log/journal")


def test_music_on_a_usb_disk_is_added_read_only_and_taken_out(
    machine: Machine, tmp_path: Path
) -> None:
    song = next((machine.root / "srv/music/happy").glob("*.flac"))
    (tmp_path / "stick/Happy/Ausflug").mkdir(parents=True)
    (tmp_path / "stick/Holiday pictures").mkdir()
    shutil.copy(song, tmp_path / "stick/Happy/Ausflug/über den Fluß.flac")
    before = machine.mpc("listall")
    name = machine.plug_in(ext4_image(tmp_path / "stick.img", tmp_path / "stick"))
    added = f"happy/usb/{name}/Ausflug/über den Fluß.flac"
    machine.run("systemctl", "start", f"moodbox-usb@{name}")
    machine.until("MPD has the song", lambda: added in machine.mpc("listall"))
    mounted = machine.run("findmnt", "--noheadings", "--output=OPTIONS", f"/dev/{name}")
    for options in mounted.split():
        assert {"ro", "nosuid", "nodev", "noexec", "nosymfollow"} <= set(options.split(","))
    machine.run("systemctl", "stop", f"moodbox-usb@{name}")
    machine.until("MPD has its own songs", lambda: machine.mpc("listall") == before)
    assert machine.try_run("findmnt", f"/dev/{name}").returncode == 1
    machine.unplug(name)


def test_a_usb_disk_without_moods_is_left_alone(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "stick/Documents").mkdir(parents=True)
    name = machine.plug_in(ext4_image(tmp_path / "stick.img", tmp_path / "stick"))
    machine.run("systemctl", "start", f"moodbox-usb@{name}")
    assert machine.try_run("findmnt", f"/dev/{name}").returncode == 1
    machine.run("systemctl", "stop", f"moodbox-usb@{name}")
    machine.unplug(name)


def test_mpd_may_restart(machine: Machine) -> None:
    before = machine.unit("mpd", "MainPID")
    machine.run("systemctl", "restart", "mpd")
    assert machine.unit("mpd", "MainPID") not in {"0", before}
    # It comes back paused, and numbers its songs anew.
    machine.until("it is heard again", lambda: machine.hears("mood sad"))
    machine.until("sad music plays", lambda: machine.playing_mood() == "sad")
    machine.until("it says so", lambda: machine.status()["mood"] == "sad")
    assert machine.status()["mpd"]["fault"] is None
    assert machine.unit("moodbox", "NRestarts") == "0"


def test_a_killed_daemon_comes_back(machine: Machine) -> None:
    before = machine.unit("moodbox", "MainPID")
    machine.run("systemctl", "kill", "--signal=KILL", "moodbox")
    machine.until(
        "another daemon is ready",
        lambda: (
            machine.unit("moodbox", "ActiveState") == "active"
            and machine.unit("moodbox", "MainPID") != before
        ),
    )


def test_a_cold_start_is_told(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    took_s = []
    for _ in range(10):
        machine.run("systemctl", "stop", "moodbox")
        # From the host, since a container may not: every file is read from the disk again.
        os.sync()
        Path("/proc/sys/vm/drop_caches").write_text("3")
        began_s = time.monotonic()
        machine.run("systemctl", "start", "moodbox")
        took_s.append(time.monotonic() - began_s)
    with capsys.disabled():
        print(f"\nfrom a cold start until READY: {statistics.median(took_s):.2f} s (median of 10)")
    assert machine.unit("moodbox", "ActiveState") == "active"


def test_after_a_power_cut_the_box_is_ready_and_nothing_plays_by_itself(machine: Machine) -> None:
    machine.until("music of a mood plays", lambda: machine.plays_a_mood())
    # MPD notes that it plays when it ends, and every two minutes.
    machine.run("systemctl", "restart", "mpd")
    assert "state: play" in (machine.root / "var/lib/mpd/state").read_text()
    machine.until("the box is heard again", lambda: machine.hears("mood happy"))
    machine.until("happy music plays", lambda: machine.playing_mood() == "happy")
    (machine.root / "etc/moodbox/moodbox.toml").write_text(
        SETTINGS.replace("video:/srv/scene.avi", "none")
    )
    machine.pull_the_plug()
    machine.boot()
    assert machine.unit("moodbox", "ActiveState") == "active"
    assert "[paused]" in machine.mpc("status")


def test_after_a_reboot_the_box_is_ready_and_nothing_plays_by_itself(machine: Machine) -> None:
    machine.mpc("sendmessage", "moodbox", "mood happy")
    machine.until("happy music plays", lambda: machine.playing_mood() == "happy")
    machine.run("systemctl", "reboot")
    machine.until("it went down", machine.is_off)
    machine.boot()
    assert machine.unit("moodbox", "ActiveState") == "active"
    assert "[paused]" in machine.mpc("status")


def test_a_library_elsewhere_is_played_and_the_way_back_is_the_same(machine: Machine) -> None:
    song = next((machine.root / "srv/music/sad").glob("*.flac"))
    (machine.root / "srv/library/sad").mkdir(parents=True)
    shutil.copy(song, machine.root / "srv/library/sad/mine.flac")
    machine.provision("--music", "/srv/library")
    machine.until("MPD has the library", lambda: songs_of_moods(machine) == ["sad/mine.flac"])
    machine.provision()
    assert songs_of_moods(machine) == ["sad/mine.flac"], "the folder stays what it was"
    machine.provision("--music", "/srv/music")
    machine.until("MPD has its own songs", lambda: len(songs_of_moods(machine)) == 15)


def songs_of_moods(machine: Machine) -> list[str]:
    """The songs that MPD has in the moods' folders; the box's chimes stand beside those."""
    songs = machine.mpc("listall").splitlines()
    return [song for song in songs if song.partition("/")[0] in MOODS]


def test_clients_find_volume_ratings_and_playlists_working(machine: Machine) -> None:
    song = machine.mpc("listall").splitlines()[0]
    machine.mpc_here("sticker", song, "set", "rating", "8")
    assert machine.mpc_here("sticker", song, "get", "rating") == "rating=8\n"
    machine.mpc("volume", "20")
    assert "volume: 20%" in machine.mpc("status")
    machine.mpc("volume", "35")
    machine.mpc("save", "an evening")
    assert "an evening" in machine.mpc("lsplaylists").splitlines()


def test_a_password_keeps_the_network_out_and_the_box_in(machine: Machine) -> None:
    own = machine.root / "etc/moodbox/mpd-network.conf"
    before = own.read_text()
    own.write_text(before.replace("\ndefault", "\n#default").replace("#password", "password"))
    machine.run("systemctl", "restart", "mpd")
    refused = machine.try_run("mpc", "--host=127.0.0.1", "status")
    assert "permission" in refused.stdout
    assert "volume" in machine.run("mpc", "--host=CHANGE-ME@127.0.0.1", "status")
    machine.until("MPD answers the box", lambda: machine.status()["mpd"]["fault"] is None)
    own.write_text(before)
    machine.run("systemctl", "restart", "mpd")


def test_a_wrong_configuration_is_told_and_not_tried_again(machine: Machine) -> None:
    settings = machine.root / "etc/moodbox/moodbox.toml"
    settings.write_text("[camera]\nsouce = 'scene'\n")
    machine.try_run("systemctl", "restart", "moodbox")
    machine.until("it gave up", lambda: machine.unit("moodbox", "ActiveState") == "failed")
    assert machine.unit("moodbox", "ExecMainStatus") == "78"
    assert "did you mean source" in machine.run("journalctl", "--no-pager", "-u", "moodbox")
    settings.write_text(SETTINGS)
    machine.run("systemctl", "restart", "moodbox")


def test_a_file_in_its_folder_switches_the_machine_off(machine: Machine) -> None:
    machine.run("runuser", "-u", "moodbox", "--", "touch", "/run/moodbox/poweroff")
    machine.until("the machine is off", machine.is_off)
    machine.boot()
    assert machine.unit("moodbox", "ActiveState") == "active"
