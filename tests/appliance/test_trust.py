"""Whom provisioning trusts: folders of others, what was downloaded, and what is plugged in."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import pytest

from tests.appliance.test_setup import ROOT, lib, pins, provision_lib, requirements


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
