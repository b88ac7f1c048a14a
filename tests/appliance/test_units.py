"""The units: systemd understands each line, and the eye's sandbox is as tight as promised."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).resolve().parents[2] / "systemd"
UNITS = sorted(path.name for path in SYSTEMD.iterdir() if path.suffix in {".service", ".path"})


def settings(unit: str, section: str) -> dict[str, list[str]]:
    """Read a unit's section: name → its values in order, since systemd lets names repeat."""
    found: dict[str, list[str]] = {}
    inside = ""
    for line in (SYSTEMD / unit).read_text().splitlines():
        if line.startswith("["):
            inside = line.strip("[]")
        elif inside == section and "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_has_nothing_to_say_about_a_unit(unit: str, tmp_path: Path) -> None:
    # An unknown key is told on stderr with exit 0. A program that is not installed here is a fault
    # too, so the daemon's is replaced by one that is.
    for name in UNITS:
        text = re.sub("/opt/moodbox/[^ \n]*", "/bin/true", (SYSTEMD / name).read_text())
        (tmp_path / name).write_text(text)
    (tmp_path / "mpd.service").write_text("[Service]\nExecStart=/bin/true\n")
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / unit],
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def test_exposure_of_the_daemon_is_at_most_one() -> None:
    assert shutil.which("systemd-analyze")
    # The threshold is in tenths.
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=10", "--no-pager"]
    told = subprocess.run(
        [*command, SYSTEMD / "moodbox.service"], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout


def test_the_process_that_sees_has_no_network_no_right_and_no_core_dump() -> None:
    service = settings("moodbox.service", "Service")
    assert service["PrivateNetwork"] == ["yes"]
    assert service["IPAddressDeny"] == ["any"]
    assert service["CapabilityBoundingSet"] == [""]
    assert service["LimitCORE"] == ["0"]
    assert service["ProtectHome"] == ["yes"]
    assert service["ProtectSystem"] == ["strict"]
    assert "ReadWritePaths" not in service


def test_a_wrong_configuration_is_not_tried_again() -> None:
    service = settings("moodbox.service", "Service")
    assert service["Restart"] == ["always"]
    assert service["RestartPreventExitStatus"] == ["78"]


def test_mpd_is_tried_again_for_ever() -> None:
    assert settings("mpd.service.conf", "Unit")["StartLimitIntervalSec"] == ["0"]
    assert settings("mpd.service.conf", "Service")["Restart"] == ["always"]


def test_what_mounts_usb_disks_mounts_them_for_everybody() -> None:
    names = settings("moodbox-usb@.service", "Service")
    own_view = ("Private", "Protect", "ReadOnly", "ReadWrite", "Inaccessible", "Bind", "Temporary")
    assert [name for name in names if name.startswith(own_view)] == []


def test_the_rule_and_the_service_of_usb_disks_name_each_other() -> None:
    rule = (SYSTEMD / "moodbox-usb.rules").read_text()
    assert rule.count("moodbox-usb@%k.service") == 2
    assert settings("moodbox-usb@.service", "Service")["ExecStopPost"] == [
        "/opt/moodbox/setup/usb-music.sh remove %i"
    ]
