"""What the network, a stick and a folder of others can do to a provisioned box: nothing to root."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.appliance.films import ext4_image
from tests.appliance.machine import Machine
from tests.appliance.neighbour import BOX, Neighbour, neighbour
from tests.appliance.test_units import MOST_EXPOSED

SENT = """\
import socket, sys
with socket.create_connection((sys.argv[1], 6600), 5) as link, link.makefile("rwb") as file:
    file.readline()
    for command in sys.argv[2:]:
        file.write(command.encode() + b"\\n")
        file.flush()
        while not (line := file.readline()).startswith((b"OK", b"ACK")):
            print(line.decode(), end="")
        print(line.decode(), end="")
"""


def sent(other: Neighbour, *commands: str) -> str:
    """What MPD answers another machine, line by line."""
    return other.run("python3", "-c", SENT, BOX, *commands)


def test_the_network_plays_and_does_not_administer(machine: Machine) -> None:
    with neighbour(machine) as other:
        assert "OK" in sent(other, "setvol 35", "sendmessage moodbox detect")
        for command in ("kill", "mount x /", "disableoutput 0", "sticker list song x"):
            assert "you don't have permission" in sent(other, command), command
    assert machine.unit("mpd", "NRestarts") == "0"


def test_what_the_network_can_look_into_is_not_the_machine(machine: Machine) -> None:
    """By a hole of MPD before 0.24.11: listfiles leaves the music."""
    with neighbour(machine) as other:
        root = sent(other, 'listfiles "../.."')
        for folder in ("home", "opt", "boot", "media", "mnt"):
            assert f"directory: {folder}\n" not in root
        configured = sent(other, 'listfiles "../../etc"')
        for name in ("shadow", "passwd", "moodbox", "ssh", "fstab"):
            assert f": {name}\n" not in configured
        for folder in ("/root", "/run/moodbox", "/var/lib/moodbox", "/run/moodbox-disks"):
            assert "ACK" in sent(other, f'listfiles "../..{folder}"'), folder


def test_mpd_can_write_to_its_own_state_and_nowhere_else(machine: Machine) -> None:
    pid = machine.unit("mpd", "MainPID")
    inside = [f"--mount=/proc/{pid}/ns/mnt", f"--root=/proc/{pid}/root"]
    # By numbers: there are no accounts in its root.
    ids = [machine.run("id", option, "mpd").strip() for option in ("-u", "-g")]
    user = ["setpriv", f"--reuid={ids[0]}", f"--regid={ids[1]}", "--clear-groups"]
    writable = ["find", "/", "(", "-path", "/proc", "-o", "-path", "/sys", "-o", "-path", "/dev"]
    writable += [")", "-prune", "-o", "(", "-type", "d", "-o", "-type", "f", ")"]
    writable += ["-writable", "-print"]
    told = machine.try_run("nsenter", *inside, *user, *writable).stdout.splitlines()
    # An empty /run of its own, in memory, in which systemd lays its sockets.
    own = ("/var/lib/mpd", "/run/mpd", "/run/systemd/", "/tmp", "/var/tmp", "find:")
    assert {path for path in told if not path.startswith(own)} <= {"/run"}
    assert "/var/lib/mpd" in told


def test_mpd_has_no_right_left(machine: Machine) -> None:
    status = machine.run("cat", f"/proc/{machine.unit('mpd', 'MainPID')}/status")
    capabilities = [line.split()[1] for line in status.splitlines() if line.startswith("Cap")]
    assert set(capabilities) == {"0" * 16}
    assert "NoNewPrivs:\t1" in status
    assert "Seccomp:\t2" in status


def test_the_exposure_of_the_units_as_they_run_is_told_and_bounded(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    """Debian's part of MPD's unit and ours together, as this release's systemd rates them."""
    found = {}
    for unit in MOST_EXPOSED:
        instance = unit.replace("@", "@sda1")
        told = machine.try_run("systemd-analyze", "security", "--no-pager", instance).stdout
        level = re.search(r"Overall exposure level for \S+ (\d+\.\d)", told)
        assert level is not None, told
        found[unit] = float(level[1])
        with capsys.disabled():
            print(f"\nexposure of {unit}: {level[1]}", end="")
    assert {unit: level for unit, level in found.items() if level > MOST_EXPOSED[unit]} == {}


def test_playing_leaves_no_time_on_the_disk_and_no_song_in_the_log(machine: Machine) -> None:
    machine.run("systemctl", "stop", "moodbox")
    song = next((machine.root / "srv/music/happy").glob("*.flac"))
    path = f"/srv/music/happy/{song.name}"
    machine.run("touch", "-a", "-d", "2001-01-01", path)
    machine.mpc_here("clear")
    machine.mpc_here("add", f"happy/{song.name}")
    machine.mpc_here("play")
    machine.until("it is heard", lambda: " 0:00/" not in machine.mpc("status"))
    assert machine.run("stat", "--format=%x", path).startswith("2001-01-01")
    log = machine.run("journalctl", "--no-pager", "--unit=mpd", "--boot")
    assert song.name not in log
    machine.mpc_here("clear")
    machine.run("systemctl", "start", "moodbox")


def test_name_servers_that_change_are_mpds_too(machine: Machine) -> None:
    """Whatever manages the network replaces the file, while MPD runs."""
    before = machine.run("cat", "/etc/resolv.conf")
    new = "echo nameserver 192.0.2.53 >/etc/resolv.new; mv /etc/resolv.new /etc/resolv.conf"
    machine.run("sh", "-c", new)
    seen = f"/proc/{machine.unit('mpd', 'MainPID')}/root/etc/resolv.conf"
    machine.until("MPD sees it", lambda: "192.0.2.53" in machine.run("cat", seen))
    (machine.root / "etc/resolv.conf").write_text(before)


def test_a_disk_that_is_mounted_later_is_seen_and_heard(machine: Machine) -> None:
    machine.run("sh", "-c", "mkdir /srv/late; cp /srv/music/sad/*.flac /srv/late")
    machine.run("mkdir", "/srv/music/sad/late")
    machine.run("mount", "--bind", "/srv/late", "/srv/music/sad/late")
    machine.mpc("update")
    machine.until("it is there", lambda: "sad/late/" in machine.mpc("listall"))
    machine.run("umount", "/srv/music/sad/late")
    machine.run("rm", "-r", "/srv/late", "/srv/music/sad/late")
    machine.mpc("update")
    machine.until("it is gone", lambda: "sad/late/" not in machine.mpc("listall"))


def hostile_stick(tmp_path: Path, song: Path) -> Path:
    """A disk with links to everything, folders for their owner alone, and a wish in an error."""
    tree = tmp_path / "stick"
    for folder in ("Happy", "SAD", "angry", "Documents"):
        (tree / folder).mkdir(parents=True)
    for place in ("Happy/mine.flac", "SAD/private.flac", "angry/private.flac", "Documents/x.flac"):
        shutil.copy(song, tree / place)
    (tree / "Happy/root").symlink_to("/")
    (tree / "Happy/documents").symlink_to("../Documents")
    (tree / "surprise").symlink_to("/etc")
    (tree / "SAD").chmod(0o700)
    (tree / "angry/private.flac").chmod(0o600)
    subprocess.run(["chown", "-R", "1000:1000", tree], check=True)
    image = ext4_image(tmp_path / "stick.img", tree)
    subprocess.run(["tune2fs", "-e", "panic", image], check=True, stdout=subprocess.DEVNULL)
    return image


def test_a_stick_shows_its_moods_and_nothing_else(machine: Machine, tmp_path: Path) -> None:
    song = next((machine.root / "srv/music/happy").glob("*.flac"))
    before = machine.mpc("listall")
    name = machine.plug_in(hostile_stick(tmp_path, song))
    machine.run("systemctl", "start", f"moodbox-usb@{name}")
    added = f"happy/usb/{name}/mine.flac"
    machine.until("MPD has the song", lambda: added in machine.mpc("listall"))
    machine.until("MPD has looked", lambda: "Updating" not in machine.mpc("status"))
    assert set(machine.mpc("listall").splitlines()) - set(before.splitlines()) == {added}
    options = machine.run("findmnt", "--noheadings", "--output=OPTIONS", f"/dev/{name}")
    assert all("nosymfollow" in mount and "errors=continue" in mount for mount in options.split())
    said = machine.run("journalctl", "--no-pager", "--unit", f"moodbox-usb@{name}")
    assert "music for: happy sad angry" in said
    assert f"MPD may not read /run/moodbox-usb/sad/{name}:" in said
    assert f"MPD may not read /run/moodbox-usb/angry/{name}/private.flac:" in said
    assert "chmod -R a+rX SAD" in said
    seen = f"/proc/{machine.unit('mpd', 'MainPID')}/root"
    assert "Documents" not in machine.run("find", seen, "-xdev", "-name", "Documents*")
    machine.run("systemctl", "stop", f"moodbox-usb@{name}")
    machine.until("it is gone", lambda: machine.mpc("listall") == before)
    assert machine.try_run("findmnt", f"/dev/{name}").returncode == 1
    machine.unplug(name)


def test_a_file_system_that_nobody_carries_music_on_is_left_alone(
    machine: Machine, tmp_path: Path
) -> None:
    image = tmp_path / "disk.img"
    image.write_bytes(b"\0" * (1 << 20))
    subprocess.run(["mkfs.minix", image], check=True, stdout=subprocess.DEVNULL)
    name = machine.plug_in(image)
    machine.run("systemctl", "start", f"moodbox-usb@{name}")
    said = machine.run("journalctl", "--no-pager", "--unit", f"moodbox-usb@{name}")
    assert "music is taken from FAT, exFAT, NTFS and ext2 to ext4" in said
    assert machine.try_run("findmnt", f"/dev/{name}").returncode == 1
    machine.run("systemctl", "stop", f"moodbox-usb@{name}")
    machine.unplug(name)


PRECIOUS = "precious\n"


def test_provisioning_follows_no_link_in_folders_of_others(machine: Machine) -> None:
    """Links to files of root's where MPD's user and the group audio may make them."""
    precious = machine.root / "etc/precious"
    precious.write_text(PRECIOUS)
    precious.chmod(0o600)
    machine.run("systemctl", "stop", "mpd")
    member = ["setpriv", "--reuid=mpd", "--regid=audio", "--clear-groups", "sh", "-c"]
    links = (
        "cd /srv/music; ln -s /etc/precious .unfinished; rm sad/usb; mv surprise surprise.was;"
        " ln -s /etc surprise; cd /var/lib/mpd; mv state state.was; ln -s /etc/precious state"
    )
    machine.run(*member, links)
    machine.provision()
    assert precious.read_text() == PRECIOUS
    assert oct(precious.stat().st_mode & 0o777) == "0o600"
    assert machine.try_run("test", "-L", "/etc/usb").returncode == 1
    assert machine.try_run("test", "-L", "/var/lib/mpd/state").returncode == 1
    assert "sw_volume: 35" in machine.run("cat", "/var/lib/mpd/state")
    machine.run("systemctl", "stop", "mpd")
    machine.run(
        *member,
        "cd /srv/music; rm -f .unfinished surprise; mv surprise.was surprise;"
        " cd /var/lib/mpd; rm -f state; mv state.was state",
    )
    precious.unlink()
    machine.provision()
    assert machine.unit("moodbox", "ActiveState") == "active"
    assert machine.run("readlink", "/srv/music/sad/usb") == "/run/moodbox-usb/sad\n"


@pytest.mark.parametrize("kind", ["deb", "whl"])
def test_a_package_that_was_changed_is_refused(machine: Machine, kind: str) -> None:
    package = next((machine.root / "root/offline").glob(f"*.{kind}"))
    content = package.read_bytes()
    package.write_bytes(content + b"x")
    told = machine.try_run("/root/moodbox/provision.sh", "--offline", "/root/offline")
    package.write_bytes(content)
    assert told.returncode == 1
    assert f"{package.name} is not the file that setup/offline.sh put there" in told.stdout
