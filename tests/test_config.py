"""Configuration: every fault in one message, and what is printed can be read back."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodbox.config import Config, ConfigError, load, parse, render
from moodbox.core.foreign import shown


def refused(data: dict[str, Any]) -> str:
    """The message with which this configuration is refused."""
    with pytest.raises(ConfigError) as caught:
        parse(data, "box.toml")
    return str(caught.value)


def test_without_a_file_the_defaults_are_in_force() -> None:
    assert parse({}, "nothing") == Config()


def test_every_key_has_its_meaning_and_what_is_printed_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "box.toml"
    path.write_text(render(Config()), encoding="utf-8")
    assert load(path) == Config()
    for section in dataclasses.fields(Config):
        for key in dataclasses.fields(section.default):  # type: ignore[arg-type]
            assert len(key.metadata["meaning"].split()) > 3


def test_odd_values_survive_being_printed(tmp_path: Path) -> None:
    data = {"camera": {"source": 'video:/मूड/a "b"\\c.mp4'}, "sitting": {"again_s": [1.5, 7]}}
    config = parse(data, "box.toml")
    assert config.sitting.again_s == (1.5, 7.0)
    path = tmp_path / "box.toml"
    path.write_text(render(config), encoding="utf-8")
    assert load(path) == config


def test_all_faults_are_told_at_once_with_what_to_write_instead() -> None:
    said = refused(
        {
            "camera": {"sorce": "none", "rotation_deg": 45, "mirror": "yes"},
            "siting": {},
            "sitting": {"dwell_s": -1, "again_s": [10, "soon"]},
            "panel": {"button_pin": 27, "long_press_s": 8},
            "mpd": 6600,
        }
    )
    for part in (
        "box.toml has 9 fault(s)",
        "unknown key camera.sorce; did you mean source?",
        "camera.rotation_deg is 45, it must be one of 0, 90, 180, 270",
        "camera.mirror is 'yes', it must be true or false",
        "unknown section [siting]; did you mean sitting?",
        "sitting.dwell_s is -1, it must be at least 0.2",
        "sitting.again_s is [10, 'soon'], it must be a list, each a number",
        "panel.button_pin and panel.light_pin are both 27",
        "panel.power_off_s is 6, it must be longer than panel.long_press_s, which is 8",
        "mpd is a section: write [mpd]",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("section", "key", "value", "answer"),
    [
        ("camera", "source", 5, "a text in quotes"),
        ("camera", "width_px", 640.5, "a whole number"),
        ("camera", "width_px", True, "a whole number"),
        ("camera", "width_px", 10, "at least 160"),
        ("camera", "mirror", 1, "true or false"),
        ("sitting", "watch_hz", float("inf"), "a finite number"),
        ("sitting", "watch_hz", float("nan"), "a finite number"),
        ("sitting", "again_s", 10, "a list of numbers"),
        ("log", "level", "loud", "one of debug, info, warning, error"),
        ("mpd", "port", 70000, "at most 65535"),
        ("mpd", "port", 10**400, "at most 65535"),
        ("sitting", "dwell_s", 10**400, "a finite number"),
        ("sitting", "again_s", [10**400], "a finite number"),
        ("camera", "source", 16**10_000, "a text in quotes"),
        ("camera", "source", "video:a\0b", "a text without zero bytes"),
        ("model", "folder", "\0", "a text without zero bytes"),
        ("mpd", "host", "..", "a host's name or IP address"),
        ("mpd", "host", "a..b", "a host's name or IP address"),
        ("mpd", "host", "x" * 64, "a host's name or IP address"),
        ("mpd", "host", "x" * 100_000, "a host's name or IP address"),
        ("mpd", "host", "tv room", "a host's name or IP address"),
        ("mpd", "host", "http://host/", "a host's name or IP address"),
        ("mpd", "host", "host:6600", "a host's name or IP address"),
        ("mpd", "host", "secret@host", "a host's name or IP address"),
        ("mpd", "host", "a\x1bb", "a host's name or IP address"),
        ("mpd", "host", "/" + "x" * 200, "at most 107 bytes"),
        ("mpd", "password", "one\ntwo", "it must have one"),
    ],
    ids=lambda value: shown(value)[:16],
)
def test_a_value_of_the_wrong_kind_is_told_what_it_must_be(
    section: str, key: str, value: object, answer: str
) -> None:
    said = refused({section: {key: value}})
    assert f"{section}.{key}" in said
    assert answer in said


@pytest.mark.parametrize(
    "host",
    ["localhost", "musik.local", "192.168.1.7", "::1", "fe80::1%eth0", "/run/mpd/socket", "@mpd",
     "café.example", "/tmp/मूड"],
)  # fmt: skip
def test_a_host_is_a_name_a_number_or_a_socket(host: str) -> None:
    assert parse({"mpd": {"host": host}}, "box.toml").mpd.host == host


def test_a_file_of_thousands_of_faults_is_refused_in_a_message_of_sensible_length() -> None:
    said = refused({f"section {number} \x1b[31m": {"x" * 5000: 1} for number in range(5000)})
    assert "box.toml has 5000 fault(s)" in said
    assert "and 4980 more" in said
    assert len(said) < 5000
    assert "\x1b" not in said


def test_a_whole_number_is_a_number() -> None:
    assert parse({"sitting": {"dwell_s": 2}}, "box.toml").sitting.dwell_s == 2.0


def test_the_keys_that_the_guide_names_exist_with_the_defaults_that_it_tells() -> None:
    guide = (Path(__file__).parents[1] / "docs" / "living.md").read_text(encoding="utf-8")
    named = re.findall(r"`([a-z]+)\.([a-z_]+)`(?: \((.+?)\))?", guide)
    assert len(named) > 15
    for section, key, told in named:
        default = getattr(getattr(Config(), section), key)
        first = default[0] if isinstance(default, tuple) else default
        shown = f"{first:g}" if isinstance(first, float) else str(first).lower()
        assert not told or re.split(r"[ ;:,]", told)[0].strip('"') == shown


def test_the_password_is_never_shown() -> None:
    shown = render(parse({"mpd": {"password": "hunter2"}}, "box.toml"))
    assert "hunter2" not in shown
    assert "password is set" in shown
    assert tomllib.loads(shown)["mpd"].get("password") is None


@pytest.mark.parametrize(
    ("content", "answer"),
    [(None, "No such file"), (b"a = = b", "is not TOML"), (b"\xff\xfe", "is not TOML"),
     (b"a = " + b"9" * 400, "is not TOML"), (b"a = " + b"[" * 9000, "is not TOML"),
     (b"#" * 70_000, "larger than 64 kB")],
    ids=lambda value: repr(value)[:16],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_named(
    content: bytes | None, answer: str, tmp_path: Path
) -> None:
    path = tmp_path / "box.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=answer) as caught:
        load(path)
    assert str(path) in str(caught.value)


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from(["camera", "sitting", "mpd", "source", "again_s", "port", "nonsense"])


@given(st.dictionaries(names, st.dictionaries(names, values, max_size=4) | values, max_size=5))
def test_whatever_is_written_there_it_is_taken_or_refused_in_words(data: dict[str, Any]) -> None:
    answer: Config | str
    try:
        answer = parse(data, "box.toml")
    except ConfigError as refusal:
        answer = str(refusal)
    assert isinstance(answer, Config) or "fault(s)" in answer
