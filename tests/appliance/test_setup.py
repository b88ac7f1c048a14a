"""The set-up: its versions, its scripts and what it says when it cannot go on."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from moodbox.core.mood import Mood

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(
    [
        *ROOT.glob("setup/*.sh"),
        *ROOT.glob("tests/appliance/*.sh"),
        *ROOT.glob("provision*.sh"),
        ROOT / ".ci" / "run",
    ]
)


def pins(python: str) -> dict[str, Version]:
    """Read the constraints of one Python: project name in lower case with hyphens → version."""
    lines = (ROOT / f"setup/constraints/python{python}.txt").read_text().splitlines()
    wanted = [line.partition("#")[0].strip() for line in lines]
    pairs = [line.split("==") for line in wanted if line]
    return {name.lower().replace("_", "-"): Version(version) for name, version in pairs}


def requirements(device_only: bool = False) -> list[Requirement]:
    """Every requirement of pyproject.toml: the device's, and the training's and the tools'."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [] if device_only else project["optional-dependencies"].values()
    return [Requirement(text) for group in (project["dependencies"], *extras) for text in group]


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_every_requirement_has_an_exact_version_that_satisfies_it(python: str) -> None:
    pinned = pins(python)
    faults = []
    for machine in ("x86_64", "aarch64"):
        for need in requirements():
            system = {"python_version": python, "platform_machine": machine}
            if need.marker is not None and not need.marker.evaluate(system):
                continue
            version = pinned.get(need.name.lower())
            if version is None or version not in need.specifier:
                faults.append(f"{need} on {machine}: pinned to {version}")
    assert faults == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_shellcheck_has_nothing_to_say(script: Path) -> None:
    found = subprocess.run(
        ["shellcheck", "--external-sources", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout
    assert os.access(script, os.X_OK) or not script.read_text().startswith("#!")


def checkout_with_programs(folder: Path, *programs: str) -> tuple[Path, dict[str, str]]:
    """Lay a checkout's set-up beside a PATH on which only the named programs stand."""
    checkout, path = folder / "checkout", folder / "bin"
    path.mkdir(parents=True)
    shutil.copytree(ROOT / "setup", checkout / "setup")
    shutil.copy(ROOT / "pyproject.toml", checkout)
    for program in ("bash", "cat", "dirname", "flock", "id", "mkdir", "rm", "sha256sum", *programs):
        found = shutil.which(program)
        assert found is not None, f"{program} is not on this machine"
        (path / program).symlink_to(found)
    return checkout, {"PATH": str(path)}


def set_up(checkout: Path, environment: dict[str, str], *arguments: str) -> tuple[int, str]:
    """Run the set-up; its exit code and all that it said."""
    done = subprocess.run(
        ["setup/dev.sh", *arguments],
        cwd=checkout,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def this_python() -> str:
    """The interpreter behind the environment that runs the tests, not the environment itself."""
    return str(Path(sys.base_prefix) / "bin" / "python3")


def test_no_python_that_serves_is_one_sentence(tmp_path: Path) -> None:
    checkout, environment = checkout_with_programs(tmp_path)
    code, said = set_up(checkout, environment, "device")
    assert code == 1
    assert said.startswith("moodbox: no Python 3.11 to 3.13 among ")
    assert said.count("\n") == 1


def test_missing_programs_without_apt_are_named_in_one_sentence(tmp_path: Path) -> None:
    checkout, environment = checkout_with_programs(tmp_path, "mpc")
    code, said = set_up(checkout, environment | {"PYTHON": this_python()}, "device")
    assert code == 1
    assert said.count("\n") == 1
    assert "lacks" in said
    assert "mpd" in said
    assert "flac" in said
    assert "mpc" not in said
    assert "no apt-get" in said


def test_a_set_that_does_not_exist_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    checkout, environment = checkout_with_programs(tmp_path)
    code, said = set_up(checkout, environment, "everything")
    assert code == 2
    assert said == "usage: setup/dev.sh device|all\n"
    assert not (checkout / "build").exists()


def lib(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script that may call the functions of setup/lib.sh; stderr comes with stdout."""
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"log=/dev/null; . setup/lib.sh; {script}"],
        cwd=ROOT,
        env=dict(os.environ) | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def test_what_a_power_cut_left_of_an_installation_is_mended_before_the_next(
    tmp_path: Path,
) -> None:
    """An apt that, like the real one, does nothing while dpkg was interrupted."""
    done = tmp_path / "done"
    (tmp_path / "dpkg").write_text(f"#!/bin/sh\ncase $* in *--configure*) touch {done};; esac\n")
    (tmp_path / "apt-get").write_text(f"#!/bin/sh\n[ -e {done} ]\n")
    # Stands for root's own shell, without the right to write into /usr/sbin.
    (tmp_path / "as").write_text("#!/bin/sh\nsed 's|/usr/sbin/|$HOME/|' | \"$@\"\n")
    for program in ("dpkg", "apt-get", "as"):
        (tmp_path / program).chmod(0o755)
    home = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    (tmp_path / "policy-rc.d").write_text("#!/bin/sh\n# Moodbox: left behind\nexit 101\n")
    told = lib("apt_as=as; apt_update=false apt_install mpd", **home)
    assert told.returncode == 0, told.stdout
    assert not (tmp_path / "policy-rc.d").exists()
    (tmp_path / "policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
    assert lib("apt_as=as; apt_install mpd", **home).returncode == 0
    assert (tmp_path / "policy-rc.d").exists(), "somebody else's stays"


def provision_lib(
    script: str, folder: Path = Path("/nonexistent"), **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a script that may call the functions of setup/provision-lib.sh, with its own folders."""
    begin = f"action=install; settings={folder}; stale={folder}/run; . setup/provision-lib.sh"
    return lib(f"{begin}; {script}", **environment)


def test_a_full_disk_leaves_the_old_file_and_is_told(tmp_path: Path) -> None:
    old = tmp_path / "mpd.conf"
    old.write_text("good\n")
    (tmp_path / "install").write_text("#!/bin/sh\ntrue >mpd.conf.new; cat >/dev/full\n")
    (tmp_path / "install").chmod(0o755)
    script = (
        f"cd {tmp_path}; put settings mpd.conf 644 root:root better >/dev/null || true; echo on"
    )
    told = provision_lib(script, PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert told.returncode == 1
    assert "mpd.conf could not be written: see to the space on the disk" in told.stdout
    assert told.stdout.count("\n") == 1
    assert old.read_text() == "good\n"
    assert not (tmp_path / "mpd.conf.new").exists()


def test_a_run_that_was_stopped_does_not_forget_what_is_to_be_started_anew(tmp_path: Path) -> None:
    (tmp_path / "systemctl").write_text("#!/bin/sh\necho $*\n")
    (tmp_path / "systemctl").chmod(0o755)
    begin = f"install() {{ cat >{tmp_path}/mpd.conf.new; }}; cd {tmp_path};"
    put = "put settings mpd.conf 644 root:root new mpd.service >/dev/null;"
    assert provision_lib(f"{begin} {put} exit 1", tmp_path).returncode == 1
    path = f"{tmp_path}:{os.environ['PATH']}"
    starts = f"{begin} {put} start_unit mpd.service"
    told = [provision_lib(starts, tmp_path, PATH=path).stdout for _ in range(2)]
    assert told == ["restart mpd.service\n", "start mpd.service\n"]


@pytest.mark.parametrize(
    ("given", "ours", "theirs", "chosen"),
    [
        ("", "", "", "/srv/music"),
        ("", "", "/var/lib/mpd/music", "/srv/music"),
        ("", "/home/a/music", "/home/b/music", "/home/a/music"),
        ("/home/c/music", "/home/a/music", "/home/b/music", "/home/c/music"),
        ("", "", "/home/b/music", None),
    ],
)
def test_the_music_of_an_mpd_that_was_there_is_not_given_up_without_a_word(
    given: str, ours: str, theirs: str, chosen: str | None
) -> None:
    configurations = (
        f"music_of() {{ case $1 in /nonexistent/*) echo '{ours}';; *) echo '{theirs}';; esac; }}"
    )
    told = provision_lib(f"music={given}; {configurations}; choose_music; echo $music")
    if chosen is None:
        assert told.returncode == 1
        assert told.stdout.count("\n") == 1
        assert f"'--music {theirs}'" in told.stdout
        assert "'--music /srv/music'" in told.stdout
    else:
        assert (told.returncode, told.stdout) == (0, f"{chosen}\n")


def test_every_mood_has_a_folder_for_the_music_of_usb_disks() -> None:
    told = provision_lib("usb_folders")
    assert told.returncode == 0, told.stdout
    folders = ["/run/moodbox-usb", *(f"/run/moodbox-usb/{mood}" for mood in Mood)]
    assert told.stdout.splitlines() == [f"d {folder} 0755 root root" for folder in folders]


def test_without_a_list_of_moods_nothing_is_begun(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "setup", tmp_path / "setup")
    told = lib(f". {tmp_path}/setup/moods.sh; echo begun")
    assert told.returncode == 1
    assert "names no moods: is the program whole?" in told.stdout
    assert "begun" not in told.stdout


@pytest.mark.parametrize(
    ("account", "is_own"),
    [
        ("", True),
        ("moodbox:x:998:998:Moodbox:/nonexistent:/usr/sbin/nologin", True),
        ("moodbox:x:1000:1000:,,,:/home/moodbox:/bin/bash", False),
        ("moodbox:x:998:998::/srv:/bin/sh", False),
    ],
)
def test_an_account_named_moodbox_is_not_taken_for_the_boxs_own(account: str, is_own: bool) -> None:
    accounts = f"getent() {{ [ -n '{account}' ] && echo '{account}'; }}"
    told = provision_lib(f"{accounts}; is_own_user")
    assert (told.returncode == 0, told.stdout) == (is_own, "")


def test_two_runs_at_once_are_refused(tmp_path: Path) -> None:
    script = "take_turn; echo first"
    told = provision_lib(f"{script}; ({script}) 9>&-; echo not reached", tmp_path)
    assert told.returncode == 1
    assert told.stdout.startswith("first\nmoodbox: another provision.sh is at work here")
    assert told.stdout.count("\n") == 2


def provision(
    *arguments: str, user: int = 0, programs: str = "", cwd: Path = ROOT
) -> tuple[int, str]:
    """Run provision.sh as if by a user, with a PATH that has the programs in a folder first.

    Only for runs that are refused: as root it would begin to work.
    """
    script = os.path.relpath(ROOT / "provision.sh", cwd)
    as_user = f'id() {{ echo {user}; }}; export -f id; ./{script} "$@"'
    done = subprocess.run(
        ["bash", "-c", as_user, "bash", *arguments],
        cwd=cwd,
        env={"PATH": programs or os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_without_root_the_whole_command_is_told(tmp_path: Path) -> None:
    (tmp_path / "USB STICK").mkdir()
    script = os.path.relpath(ROOT / "provision.sh", tmp_path)
    code, said = provision("--check", "--music", "USB STICK", user=1000, cwd=tmp_path)
    assert code == 1
    command = f"sudo ./{script} --check --music USB\\ STICK"
    assert said == f"moodbox: this needs root. Run: {command}\n"


def test_a_system_other_than_debian_is_told_in_a_sentence(tmp_path: Path) -> None:
    _, environment = checkout_with_programs(tmp_path, "readlink", "sed")
    code, said = provision(programs=environment["PATH"])
    assert code == 1
    assert "is not Debian or Raspberry Pi OS: a box needs release 12 or 13 of either." in said
    assert said.count("\n") == 1


def test_a_folder_that_is_not_there_is_told_before_anything_is_done(tmp_path: Path) -> None:
    assert provision("--music", "nowhere", user=1000, cwd=tmp_path) == (
        2,
        "--music nowhere: there is no such folder\n",
    )


def test_pip_is_given_its_versions_from_a_folder_with_spaces(tmp_path: Path) -> None:
    pins = tmp_path / "USB STICK 100 %" / "pins.txt"
    pins.parent.mkdir()
    pins.write_text("numpy==0.0.1\n")
    script = f"log=/dev/stdout; pip_install '{sys.executable}' '{pins}' --no-index --dry-run numpy"
    told = lib(script)
    assert told.returncode == 1
    assert "numpy==0.0.1" in told.stdout, "the constraint is read"


JACK = (" 0 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones", "bcm2835 Headphones")
HDMI = (" 1 [vc4hdmi0       ]: vc4-hdmi - vc4-hdmi-0", "MAI PCM i2s-hifi-0")
HAT = (" 2 [sndrpihifiberry]: HifiberryDacp - snd_rpi_hifiberry_dacplus", "HiFiBerry DAC+ HiFi")
USB = (" 3 [Device         ]: USB-Audio - USB Audio Device", "USB Audio")
WEBCAM = (" 4 [C920           ]: USB-Audio - HD Pro Webcam C920", "")
PC = (" 5 [PCH            ]: HDA-Intel - HDA Intel PCH", "ALC892 Analog")
GRAPHICS = (" 6 [NVidia         ]: HDA-Intel - HDA NVidia", "HDMI 0")
LOOPBACK = (" 7 [Loopback       ]: Loopback - Loopback", "Loopback PCM")


@pytest.mark.parametrize(
    ("cards", "name"),
    [
        ([JACK, HDMI], "Headphones"),
        ([HDMI, JACK], "Headphones"),
        ([HDMI], "vc4hdmi0"),
        ([JACK, HDMI, HAT], "sndrpihifiberry"),
        ([HDMI, USB], "Device"),
        ([WEBCAM, JACK, HDMI], "Headphones"),
        ([WEBCAM], ""),
        ([GRAPHICS, PC], "PCH"),
        ([GRAPHICS], "NVidia"),
        ([GRAPHICS, PC, USB], "Device"),
        ([LOOPBACK, HDMI], "vc4hdmi0"),
        ([], ""),
        (None, ""),
    ],
)
def test_the_sound_card_is_the_one_that_was_added_on_purpose(
    cards: list[tuple[str, str]] | None, name: str, tmp_path: Path
) -> None:
    lines = [f"{line}\n                      more of it\n" for line, _ in cards or []]
    if cards is not None:
        (tmp_path / "cards").write_text("".join(lines) or "--- no soundcards ---\n")
    for line, plays in cards or []:
        # A microphone's device has a c at its end instead of the p.
        device = tmp_path / line[4:19].strip() / ("pcm0p" if plays else "pcm0c")
        device.mkdir(parents=True)
        (device / "info").write_text(f"card: 0\nid: {plays}\nname: {plays}\n")
    told = lib(f"sound_card {tmp_path}")
    assert (told.returncode, told.stdout) == (0, f"{name}\n")


@pytest.mark.parametrize("card", ["Headphones", ""])
def test_mpd_takes_the_sound_settings(card: str, tmp_path: Path) -> None:
    (tmp_path / "mpd-sound.conf").write_text(lib(f"sound_settings '{card}'").stdout)
    text = f'pid_file "{tmp_path}/pid"\nbind_to_address "{tmp_path}/socket"\n'
    (tmp_path / "mpd.conf").write_text(f'{text}include "mpd-sound.conf"\n')
    server = subprocess.Popen(
        ["mpd", "--no-daemon", "--stderr", tmp_path / "mpd.conf"], stderr=subprocess.DEVNULL
    )
    try:
        ask = f"until mpc --host={tmp_path}/socket outputs; do kill -0 {server.pid}; done 2>&1"
        outputs = lib(ask).stdout
    finally:
        server.kill()
        server.wait()
    assert f"Output 1 ({card or 'no sound card'}) is enabled" in outputs


def test_what_cannot_be_removed_is_told_and_the_rest_goes(tmp_path: Path) -> None:
    """An rm that, like the real one before a mount, leaves one folder and fails."""
    (tmp_path / "rm").write_text(
        "#!/bin/sh\n"
        'for path; do case $path in *mount | -*) ;; *) /bin/rm -rf "$path";; esac; done\n'
        "exit 1\n"
    )
    (tmp_path / "rm").chmod(0o755)
    for name in ("mount", "other"):
        (tmp_path / name).mkdir()
    script = f"remove {tmp_path}/mount {tmp_path}/other {tmp_path}/no"
    path = f"{tmp_path}:{os.environ['PATH']}"
    told = provision_lib(f'{script}; echo "${{stayed[*]}}"', PATH=path)
    assert (told.returncode, told.stdout) == (0, f"{tmp_path}/mount\n")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("settings", "webcam", "has_pi_camera", "source"),
    [
        ('source = "none"', "/dev/video2", "false", "webcam:2"),
        ('source = "none"', "", "true", "picamera2"),
        ('source = "none"', "", "false", None),
        ('source = "webcam:0"', "/dev/video2", "true", None),
    ],
)
def test_a_camera_that_came_later_is_told(
    settings: str, webcam: str, has_pi_camera: str, source: str | None, tmp_path: Path
) -> None:
    (tmp_path / "moodbox.toml").write_text(f"[camera]\n{settings}\n")
    told = provision_lib(
        f"has_package() {{ {has_pi_camera}; }}; pi_camera() {{ {has_pi_camera}; }};"
        f" webcam={webcam}; tell_of_camera",
        tmp_path,
    )
    assert told.returncode == 0
    assert (f'write source = "{source}"' in told.stdout) == (source is not None)
