"""Whom provisioning trusts: folders of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.appliance.test_setup import provision_lib


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
