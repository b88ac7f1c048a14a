"""Whom provisioning trusts: the network, folders of others, and what was downloaded."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import mpd
import pytest

from tests.appliance.test_setup import ROOT, lib, pins, provision_lib, requirements
from tests.support.mpd_server import MpdServer, write_song
from tests.support.terminal import terminal

LOCAL = 'local_permissions "read,add,player,control,admin"\n'


def network_settings(folder: Path, password: str = "") -> str:
    """What provisioning writes of the network beside the settings in a folder."""
    told = provision_lib(f"network_settings '{password}'", folder)
    assert told.returncode == 0, told.stdout
    return told.stdout


def refused(server: MpdServer, password: str | None = None) -> set[str]:
    """The commands that MPD refuses a client on the network."""
    client = mpd.MPDClient()
    client.timeout = 5
    client.connect("127.0.0.1", server.port)
    if password is not None:
        client.password(password)
    found = set(client.notcommands())
    client.disconnect()
    return found


PLAYED = {"status", "add", "play", "pause", "setvol", "clear", "load", "save", "sendmessage"}
"""What a music client and the box's remote need."""
ADMIN = {"kill", "mount", "disableoutput", "sticker"}


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """A folder with a song."""
    write_song(tmp_path / "music/happy/a.wav")
    return tmp_path / "music"


def test_everybody_on_the_network_plays_and_nobody_administers(tmp_path: Path, music: Path) -> None:
    more = LOCAL + network_settings(tmp_path)
    with MpdServer(tmp_path / "mpd", music, more) as server:
        assert not PLAYED & refused(server)
        assert refused(server) > ADMIN
        with server.person() as local:
            assert local.notcommands() == [], "the box's own socket may do everything"


def test_one_line_gives_the_network_all_rights(tmp_path: Path, music: Path) -> None:
    lines = network_settings(tmp_path).splitlines()
    changed = [
        line.removeprefix("#")
        if "admin" in line and "permissions" in line
        else "#" + line.lstrip("#")
        for line in lines
    ]
    with MpdServer(tmp_path / "mpd", music, LOCAL + "\n".join(changed) + "\n") as server:
        assert refused(server) == set()


def test_with_a_password_the_network_may_do_nothing_without_it(tmp_path: Path, music: Path) -> None:
    password = "a.b-c_d~e+f=g,h:i/j!"
    more = LOCAL + network_settings(tmp_path, password)
    with MpdServer(tmp_path / "mpd", music, more) as server:
        assert refused(server) > PLAYED | ADMIN
        assert not PLAYED & refused(server, password)
        assert refused(server, password) > ADMIN


def test_a_password_that_was_set_before_stays_the_only_way_in(tmp_path: Path, music: Path) -> None:
    older = 'password "of-earlier@read,add,player,control,admin"\n'
    (tmp_path / "mpd-local.conf").write_text(older)
    more = LOCAL + network_settings(tmp_path) + older
    with MpdServer(tmp_path / "mpd", music, more) as server:
        assert refused(server) > PLAYED
        assert refused(server, "of-earlier") == set()


@pytest.mark.parametrize(
    ("text", "serves"),
    [("12345678", True), ("seven77", False), ('quote"123', False), ("at@12345678", False),
     ("two words", False), ("back\\slash", False), ("x" * 65, False), ("pipe|12345", False)],
)  # fmt: skip
def test_a_password_is_one_that_every_client_can_be_told(text: str, serves: bool) -> None:
    assert (provision_lib(f"is_password '{text}'").returncode == 0) == serves


def test_an_unattended_set_up_is_asked_nothing(tmp_path: Path) -> None:
    told = provision_lib('ask_password; echo "<$password>"', tmp_path)
    assert told.stdout == "<>\n"


def test_who_sits_at_the_terminal_is_asked_until_the_password_serves(tmp_path: Path) -> None:
    script = (
        f"log=/dev/null action=install settings={tmp_path} stale={tmp_path}; . setup/lib.sh;"
        ' . setup/provision-lib.sh; ask_password; echo "<$password>"; read'
    )
    with terminal(["bash", "-c", f"cd {ROOT}; {script}"], {"PATH": "/usr/bin:/bin"}) as screen:
        screen.read_until("Password: ")
        screen.press("short\n")
        screen.read_until("Not this one")
        screen.press("long-enough\n")
        screen.read_until("<long-enough>")


@pytest.mark.parametrize(
    ("music", "folder", "user"),
    [
        ("0 0 755", "0 0 755", None),
        ("0 29 2775", "0 0 755", "mpd:29"),
        ("0 0 757", "0 0 755", "mpd:0"),
        ("1000 1001 755", "0 0 755", "1000:1001"),
        ("0 0 755", "1000 1001 755", "1000:1001"),
        ("0 0 755", "0 29 2775", "mpd:29"),
        ("0 0 755", "", None),
    ],
)
def test_root_writes_only_where_nobody_else_may(music: str, folder: str, user: str | None) -> None:
    there = f"echo {folder}" if folder else "false"
    told = provision_lib(
        f"music=/m; stat() {{ case ${{!#}} in /m) echo {music};; *) {there};; esac; }};"
        " setpriv() { echo $*; }; as_writer /m/happy echo as root"
    )
    by = user and "--reuid={} --regid={} --clear-groups -- echo as root".format(*user.split(":"))
    assert told.stdout == f"{by or 'as root'}\n"


def test_a_link_in_roots_own_folder_counts_as_what_it_leads_to(tmp_path: Path) -> None:
    script = (
        f"music={tmp_path}; ln -s / {tmp_path}/happy;"
        " stat() { case $* in *-L*) echo 1000 1001 755;; *) echo 0 0 755;; esac; };"
        f" setpriv() {{ echo $1; }}; as_writer {tmp_path}/happy true"
    )
    assert provision_lib(script).stdout == "--reuid=1000\n"


def offline_folder(folder: Path) -> Path:
    """A folder of packages with its list, as setup/offline.sh makes it."""
    for name in ("mpd.deb", "numpy.whl"):
        (folder / name).write_text(name)
    sums = [f"{hashlib.sha256(name.encode()).hexdigest()}  {name}\n" for name in
            ("mpd.deb", "numpy.whl")]  # fmt: skip
    (folder / "SHA256SUMS").write_text("".join(sums))
    return folder


def test_a_folder_of_packages_is_held_to_its_list(tmp_path: Path) -> None:
    folder = offline_folder(tmp_path)
    assert provision_lib(f"check_offline {folder}").returncode == 0
    (folder / "another.deb").write_text("another")
    assert "another.deb is not the file" in provision_lib(f"check_offline {folder}").stdout
    (folder / "another.deb").unlink()
    (folder / "mpd.deb").write_text("cut of")
    assert "mpd.deb is not the file" in provision_lib(f"check_offline {folder}").stdout
    (folder / "SHA256SUMS").unlink()
    told = provision_lib(f"check_offline {folder}")
    assert told.returncode == 1
    assert "has no list of what belongs there" in told.stdout


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_every_file_of_a_box_is_pinned_by_its_hash(python: str) -> None:
    text = (ROOT / f"setup/hashes/python{python}.txt").read_text().replace("\\\n", "")
    entries = [line.split() for line in text.splitlines() if not line.startswith("#")]
    hashed = {entry[0].split("==")[0].lower(): entry[0].split("==")[1] for entry in entries}
    pinned = pins(python)
    assert hashed == {name: str(pinned[name.replace("_", "-")]) for name in hashed}
    for machine in ("x86_64", "aarch64"):
        system = {"python_version": python, "platform_machine": machine, "extra": ""}
        device = requirements(device_only=True)
        needed = {need.name for need in device if not need.marker or need.marker.evaluate(system)}
        assert needed <= set(hashed)
    for name, *hashes in entries:
        assert hashes, name
        for found in hashes:
            assert re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", found)
        # A file of compiled code serves one kind of machine.
        assert len(hashes) in {1, 2}
    compiled = {entry[0].split("==")[0] for entry in entries if len(entry) == 3}
    assert {"numpy", "opencv-python-headless"} < compiled


@pytest.mark.parametrize(
    ("music", "mounted", "fstab", "shown"),
    [
        ("/srv/music", "/", None, "/srv/music"),
        ("/home/pi/Music", "/home", "defaults,noatime", "/home/pi/Music"),
        ("/mnt/disk/Music", "/mnt/disk", "defaults,nofail", "/mnt/disk"),
        ("/mnt/disk/Music", "/mnt/disk", None, "/mnt/disk"),
        ("/srv/100 % mine", "/", None, "/srv/100 %% mine"),
    ],
)
def test_mpd_is_shown_its_music_also_where_the_disk_comes_later(
    music: str, mounted: str, fstab: str | None, shown: str
) -> None:
    options = "false" if fstab is None else f"echo {fstab}"
    told = provision_lib(
        f"music='{music}'; findmnt() {{ case $* in *--fstab*) {options};; *) echo {mounted};;"
        " esac; }; shown_music /nonexistent"
    )
    assert told.stdout == f'"-{shown}"\n'


def test_while_the_disk_is_away_mpd_is_shown_what_it_was_before(tmp_path: Path) -> None:
    (tmp_path / "unit").write_text('[Service]\nBindReadOnlyPaths=/usr\nBindReadOnlyPaths="-/a b"\n')
    told = provision_lib(f"music=/nonexistent; shown_music {tmp_path}/unit")
    assert told.stdout == '"-/a b"\n'


def test_links_that_lead_out_of_the_music_are_named(tmp_path: Path) -> None:
    music = tmp_path / "my music"
    (music / "happy").mkdir(parents=True)
    (music / "sad").symlink_to("happy")
    (music / "happy/usb").symlink_to("/run/moodbox-usb/happy")
    (music / "happy/up").symlink_to("../..")
    (music / "happy/home").symlink_to("/home/pi/Music")
    told = provision_lib(f"music='{music}'; links_outside")
    assert sorted(told.stdout.splitlines()) == [
        f"{music}/happy/home -> /home/pi/Music",
        f"{music}/happy/up -> {tmp_path}",
    ]
    assert provision_lib("music=/nonexistent; outside=$(links_outside)").returncode == 0


SAFE = "ro,nosuid,nodev,noexec,nosymfollow"


@pytest.mark.parametrize(
    ("found", "mounted"),
    [
        ("vfat", f"-t vfat -o {SAFE},utf8"),
        ("exfat", f"-t exfat -o {SAFE},iocharset=utf8"),
        ("ntfs", f"-t ntfs3,ntfs -o {SAFE},iocharset=utf8"),
        ("ext2", f"-t ext2 -o {SAFE},errors=continue"),
        ("ext4", f"-t ext4 -o {SAFE},errors=continue,noload"),
        ("hfsplus", None),
        ("", None),
    ],
)
def test_a_usb_disk_is_mounted_by_the_type_of_its_file_system(
    found: str, mounted: str | None, tmp_path: Path
) -> None:
    """Without such disks: a blkid that names the type, a mount that says what it is told."""
    stubs = {"blkid": f"echo {found}", "mount": 'echo "$*"; exit 32', "mkdir": ":"}
    for name, does in {**stubs, "findmnt": "exit 1"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    told = lib("setup/usb-music.sh add sdx1", PATH=f"{tmp_path}:{os.environ['PATH']}")
    if mounted is None:
        kind = found or "no"
        assert told.returncode == 0
        assert told.stdout.startswith(f"/dev/sdx1 has {kind} file system: music is taken from")
    else:
        assert told.returncode == 32
        assert told.stdout == f"{mounted} /dev/sdx1 /run/moodbox-disks/sdx1\n"
