"""The end of a box's life."""

from __future__ import annotations

from tests.appliance.machine import MOODS, Machine


def test_uninstalling_leaves_the_music_and_the_playlists_of_a_person(machine: Machine) -> None:
    music, playlists = machine.root / "srv/music", machine.root / "var/lib/mpd/playlists"
    songs = sorted(song for mood in MOODS for song in (music / mood).glob("*.flac"))
    assert len(songs) == 15
    assert len(list((music / "moodbox").iterdir())) == 6
    assert {"an evening.m3u", "Mood: sad.m3u"} < {path.name for path in playlists.iterdir()}
    # As on a box with a read-only card, whose folder cannot go while it is mounted.
    machine.run("mount", "--bind", "/var/lib/moodbox", "/var/lib/moodbox")
    said = machine.provision("--uninstall")
    assert "What could not be removed: /var/lib/moodbox" in said
    machine.run("umount", "/var/lib/moodbox")
    machine.run("rmdir", "/var/lib/moodbox")  # nothing is left in it
    assert sorted(music.rglob("*.flac")) == songs
    assert [path.name for path in playlists.iterdir()] == ["an evening.m3u"]
    assert not (music / "moodbox").exists()
    for left in ("/opt/moodbox", "/etc/moodbox", "/var/lib/moodbox", "/usr/local/bin/moodbox"):
        assert machine.try_run("test", "-e", left).returncode == 1
    assert machine.try_run("id", "moodbox").returncode == 1
    assert machine.try_run("systemctl", "cat", "moodbox").returncode != 0
