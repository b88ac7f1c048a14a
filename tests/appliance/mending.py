"""Provisioning a box again when something about it has changed, or is not as it should be."""

from __future__ import annotations

from tests.appliance.machine import MOODS, SETTINGS, Machine

MUSIC = ("/srv/music/moodbox", *(f"/srv/music/{mood}" for mood in MOODS))


def test_music_that_mpd_may_not_read_is_refused_and_the_old_plays_on(machine: Machine) -> None:
    before = (machine.root / "etc/moodbox/mpd.conf").read_text()
    machine.run("install", "-d", "-m", "700", "/srv/closed/happy")
    told = machine.try_run("/root/moodbox/provision.sh", "--music", "/srv/closed")
    assert told.returncode == 1
    assert "MPD may not read /srv/closed/happy: give it the right" in told.stdout
    assert (machine.root / "etc/moodbox/mpd.conf").read_text() == before


def test_ratings_are_kept_while_the_music_is_away(machine: Machine) -> None:
    song = next(song for song in machine.mpc("listall").splitlines() if song.startswith("happy/"))
    machine.mpc_here("sticker", song, "set", "rating", "8")
    # While MPD runs, it would see the folders go; that a disk is away it does not see.
    machine.run("systemctl", "stop", "mpd")
    machine.run("mkdir", "/srv/away")
    machine.run("mv", *MUSIC, "/srv/away")
    told = machine.try_run("/root/moodbox/provision.sh")
    assert "/srv/music has no folder named after a mood" in told.stdout
    assert not list((machine.root / "srv/music").iterdir()), "nothing is written beneath the disk"
    machine.run("sh", "-c", "mv /srv/away/* /srv/music && rmdir /srv/away")
    machine.provision()
    assert machine.mpc_here("sticker", song, "get", "rating") == "rating=8\n"


def test_a_daemon_that_does_not_start_is_a_fault(machine: Machine) -> None:
    settings = machine.root / "etc/moodbox/moodbox.toml"
    settings.write_text("[camera]\nsouce = 'scene'\n")
    machine.run("systemctl", "stop", "moodbox")
    told = machine.try_run("/root/moodbox/provision.sh")
    assert told.returncode == 1
    assert "moodbox: moodbox does not start" in told.stdout.splitlines()[-1]
    settings.write_text(SETTINGS)
    machine.provision()
    assert machine.unit("moodbox", "ActiveState") == "active"


def test_what_a_box_can_do_without_is_a_warning(machine: Machine) -> None:
    chime = machine.root / "srv/music/moodbox/mood sad.flac"
    chime.unlink()
    flac = machine.root / "usr/local/bin/flac"
    flac.write_text("#!/bin/sh\nexit 1\n")
    flac.chmod(0o755)
    said = machine.provision()
    flac.unlink()
    assert "warning       the chimes could not be made" in said
    assert "finished      but not all works yet" in said
    machine.provision()
    assert chime.exists()
