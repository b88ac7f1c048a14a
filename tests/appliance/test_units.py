"""The units: systemd understands each line, and the eye's sandbox is as tight as promised."""

import re
import subprocess
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).resolve().parents[2] / "systemd"
UNITS = sorted(path.name for path in SYSTEMD.iterdir() if path.suffix in {".service", ".path"})


MUSIC = '"-/srv/my music"'
"""What provisioning writes for the folder of that name."""

MOST_EXPOSED = {
    "moodbox.service": 1.0,
    "moodbox-poweroff.service": 1.0,
    "moodbox-resolver.service": 1.0,
    # It mounts, so it keeps the right to.
    "moodbox-usb@.service": 5.0,
    # It plays, and the network talks to it.
    "mpd.service": 3.0,
}
"""The exposure that systemd-analyze may find in a service, of 10."""


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


@pytest.mark.parametrize("unit", [*UNITS, "mpd.service"])
def test_systemd_has_nothing_to_say_about_a_unit(unit: str, tmp_path: Path) -> None:
    # An unknown key is told on stderr with exit 0. A program that is not installed here is a fault
    # too, so the daemon's is replaced by one that is.
    for name in UNITS:
        text = re.sub("/opt/moodbox/[^ \n]*", "/bin/true", (SYSTEMD / name).read_text())
        (tmp_path / name).write_text(text)
    (tmp_path / "mpd.service").write_text("[Service]\nExecStart=/bin/true\n")
    (tmp_path / "mpd.service.d").mkdir()
    # Without its root, into which its program is laid only when it starts.
    text = re.sub("(?m)^(RootDirectory|User|Group)=.*$", "", mpd_drop_in())
    (tmp_path / "mpd.service.d/moodbox.conf").write_text(text.replace("/usr/bin/mpd", "/bin/true"))
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / unit],
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def mpd_drop_in() -> str:
    """What provisioning adds to Debian's unit for MPD."""
    return (SYSTEMD / "mpd.service.conf").read_text().replace("@MUSIC@", MUSIC)


def exposure(unit: str, folder: Path) -> float:
    """What systemd-analyze finds in a service; for MPD's in our part of it alone."""
    file = folder / unit.replace("@", "@sda1")
    ours = mpd_drop_in() if unit == "mpd.service" else (SYSTEMD / unit).read_text()
    file.write_text(ours)
    told = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", file],
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"Overall exposure level for \S+ (\d+\.\d)", told.stdout)
    assert found is not None, told.stdout + told.stderr
    return float(found[1])


def test_the_exposure_of_each_service_is_told_and_bounded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    services = {name for name in UNITS if name.endswith(".service")} | {"mpd.service"}
    assert services == set(MOST_EXPOSED)
    found = {unit: exposure(unit, tmp_path) for unit in sorted(services)}
    with capsys.disabled():
        for unit, level in found.items():
            print(f"\nexposure of {unit}: {level:.1f} (at most {MOST_EXPOSED[unit]:.1f})", end="")
    assert {unit: level for unit, level in found.items() if level > MOST_EXPOSED[unit]} == {}


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


def test_mpd_sees_an_empty_root_and_no_right_is_left() -> None:
    service = settings("mpd.service.conf", "Service")
    assert service["RootDirectory"] == ["/run/moodbox-mpd"]
    assert service["BindPaths"] == ["/var/lib/mpd"], "all that it may write to for good"
    shown = " ".join(service["BindReadOnlyPaths"]).split()
    assert {"@MUSIC@", "/usr", "/run/moodbox-usb"} <= set(shown)
    assert not {"/", "/etc", "/home", "/run", "/var"} & {path.lstrip("-") for path in shown}
    assert service["CapabilityBoundingSet"] == [""]
    assert service["User"] == ["mpd"]


def test_mpd_logs_no_song_that_it_plays() -> None:
    assert 'log_level "warning"' in (SYSTEMD / "mpd.conf").read_text().splitlines()


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
