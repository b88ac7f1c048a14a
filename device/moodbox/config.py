"""Configuration: frozen values with their meaning, one TOML file, every error told at once."""

from __future__ import annotations

import dataclasses
import difflib
import math
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from moodbox.adapters.files import read_file
from moodbox.adapters.mpd.host import host_fault
from moodbox.core.foreign import DamagedError, parse_toml, printable, shown, toml_text

DEFAULT_PATH = Path("/etc/moodbox/moodbox.toml")

MOST_BYTES = 64 << 10
"""Largest configuration file that is read; one with every key has 4 kB."""

MOST_FAULTS = 20
"""Faults that are listed; a file that is something else has thousands."""


T = TypeVar("T")


class ConfigError(ValueError):
    """The configuration cannot be used; the message lists every fault and what to do."""


def key(
    default: Any,
    meaning: str,
    *,
    least: float | None = None,
    most: float | None = None,
    choices: tuple[Any, ...] = (),
) -> Any:
    """A configuration key: its default, its meaning in a sentence, and what it may be."""
    limits = {"meaning": meaning, "least": least, "most": most, "choices": choices}
    return field(default=default, metadata=limits)


@dataclass(frozen=True, slots=True)
class CameraConfig:
    """[camera]"""

    source: str = key(
        "picamera2",
        "where pictures come from: picamera2, webcam:N, video:FILE, pictures:DIR, scene or none",
    )
    width_px: int = key(640, "width of the frames that are searched", least=160, most=1920)
    height_px: int = key(480, "height of the frames that are searched", least=120, most=1080)
    rotation_deg: int = key(
        0, "turn of the picture, clockwise, as the camera is mounted", choices=(0, 90, 180, 270)
    )
    mirror: bool = key(False, "whether the picture is mirrored left to right")


@dataclass(frozen=True, slots=True)
class FaceConfig:
    """[face]"""

    smallest_share: float = key(
        0.12, "least height of a face that is read, as a share of the frame's", least=0.05, most=0.9
    )


@dataclass(frozen=True, slots=True)
class SittingKeys:
    """[sitting]"""

    dwell_s: float = key(1.0, "a face for this long is somebody sitting", least=0.2, most=30)
    leave_after_s: float = key(
        120.0, "without a face or motion for this long, the person has left", least=1, most=3600
    )
    watch_hz: float = key(2.0, "frames a second while nobody is read", least=0.5, most=15)
    read_hz: float = key(8.0, "frames a second during a reading", least=1, most=30)
    reading_s: float = key(
        4.0, "a reading that is not sure by then ends undecided", least=1, most=30
    )
    again_s: tuple[float, ...] = key(
        (10.0, 30.0, 90.0), "pauses before it reads again after undecided readings", least=1
    )
    reread_min: float = key(
        0.0,
        "minutes after which somebody who stays is read anew, time and again; 0: once a sitting",
        least=0,
        most=240,
    )
    pause_when_left: bool = key(
        False, "whether the box's own music is paused when everybody has left"
    )


@dataclass(frozen=True, slots=True)
class MpdConfig:
    """[mpd]"""

    host: str = key(
        "", "socket path or host of MPD; empty: MPD_HOST, else /run/mpd/socket, else localhost"
    )
    port: int = key(0, "port of MPD; 0: MPD_PORT, else 6600", least=0, most=65535)
    password: str = key("", "MPD's password; empty for none")
    songs: int = key(20, "songs that are queued at a time", least=2, most=200)


@dataclass(frozen=True, slots=True)
class PanelConfig:
    """[panel]"""

    enabled: bool = key(True, "whether a button and a light are wired to the pins")
    button_pin: int = key(17, "BCM number of the button's pin", least=0, most=27)
    light_pin: int = key(27, "BCM number of the light's pin", least=0, most=27)
    long_press_s: float = key(2.0, "a press this long closes the camera", least=0.5, most=10)
    power_off_s: float = key(6.0, "a press this long switches the machine off", least=1, most=60)


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """[model]"""

    folder: str = key("", "folder of the model; empty for the one that came with the program")


@dataclass(frozen=True, slots=True)
class LogConfig:
    """[log]"""

    level: str = key("info", "how much is logged", choices=("debug", "info", "warning", "error"))
    moods: bool = key(
        False, "whether moods, readings and who sits there are logged, with their times"
    )


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be configured; every key is optional."""

    camera: CameraConfig = CameraConfig()
    face: FaceConfig = FaceConfig()
    sitting: SittingKeys = SittingKeys()
    mpd: MpdConfig = MpdConfig()
    panel: PanelConfig = PanelConfig()
    model: ModelConfig = ModelConfig()
    log: LogConfig = LogConfig()


def load(path: Path | None) -> Config:
    """Read a TOML file; `None` takes `DEFAULT_PATH` where it is, else the defaults.

    Raises ConfigError with all faults at once: no such file, no TOML, unknown sections or keys
    (with the nearest known one), values of a wrong type or out of range.
    """
    name = printable(str(path or DEFAULT_PATH))
    try:
        data = parse_toml(read_file(path or DEFAULT_PATH, MOST_BYTES))
    except OSError as error:
        if path is None and isinstance(error, FileNotFoundError):
            return Config()
        raise ConfigError(f"{name}: cannot be read: {error.strerror}") from error
    except DamagedError as error:
        raise ConfigError(f"{name}: is not TOML: {printable(str(error))}") from error
    return parse(data, name)


def parse(data: dict[str, Any], source: str) -> Config:
    """Turn TOML data into a Config; `source` names it in errors. Raises ConfigError."""
    faults: list[str] = []
    sections: dict[str, Any] = {}
    known = {section.name: section for section in dataclasses.fields(Config)}
    for name, table in data.items():
        if name not in known:
            faults.append(f"unknown section [{_name(name)}]{_did_you_mean(name, known)}")
        elif not isinstance(table, dict):
            faults.append(f"{name} is a section: write [{name}] and its keys below")
        else:
            sections[name] = _section(type(known[name].default), name, table, faults)
    _pins(sections.get("panel"), faults)
    _mpd(sections.get("mpd"), faults)
    if faults:
        listed = "\n".join(f"  - {fault}" for fault in faults[:MOST_FAULTS])
        if len(faults) > MOST_FAULTS:
            listed += f"\n  - and {len(faults) - MOST_FAULTS} more"
        raise ConfigError(f"{source} has {len(faults)} fault(s):\n{listed}")
    return Config(**sections)


def _section(cls: type[T], name: str, table: dict[str, Any], faults: list[str]) -> T | None:
    """One section's values; None when any of its keys is at fault (told in `faults`)."""
    types = typing.get_type_hints(cls)
    known = {entry.name: entry for entry in dataclasses.fields(cls)}  # type: ignore[arg-type]
    before = len(faults)
    values = {}
    for entry, value in table.items():
        if entry not in known:
            faults.append(f"unknown key {name}.{_name(entry)}{_did_you_mean(entry, known)}")
            continue
        converted, fault = _convert(value, types[entry], known[entry].metadata)
        if fault:
            faults.append(f"{name}.{entry} is {shown(value)}, it must be {fault}")
        values[entry] = converted
    return cls(**values) if len(faults) == before else None


def _convert(value: Any, kind: Any, limits: Any) -> tuple[Any, str | None]:
    """The value as `kind`, and None or what it must be."""
    if typing.get_origin(kind) is tuple:
        if not isinstance(value, list):
            return None, "a list of numbers"
        pairs = [_convert(item, float, limits) for item in value]
        return tuple(item for item, _ in pairs), next(
            (f"a list, each {f}" for _, f in pairs if f), None
        )
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        try:
            value = float(value)
        except OverflowError:
            return value, "a finite number"
    if type(value) is not kind:
        names = {str: "a text in quotes", bool: "true or false", int: "a whole number"}
        return value, names.get(kind, "a number")
    if kind is str and "\0" in value:
        return value, "a text without zero bytes"
    if kind is float and not math.isfinite(value):
        return value, "a finite number"
    least, most, choices = limits["least"], limits["most"], limits["choices"]
    if choices and value not in choices:
        return value, "one of " + ", ".join(map(str, choices))
    if least is not None and value < least:
        return value, f"at least {least:g}"
    if most is not None and value > most:
        return value, f"at most {most:g}"
    return value, None


def _pins(panel: PanelConfig | None, faults: list[str]) -> None:
    if panel is None:
        return
    if panel.enabled and panel.button_pin == panel.light_pin:
        faults.append(f"panel.button_pin and panel.light_pin are both {panel.light_pin}")
    if panel.power_off_s <= panel.long_press_s:
        faults.append(
            f"panel.power_off_s is {panel.power_off_s:g}, "
            f"it must be longer than panel.long_press_s, which is {panel.long_press_s:g}"
        )


def _mpd(mpd: MpdConfig | None, faults: list[str]) -> None:
    if mpd is None:
        return
    fault = host_fault(mpd.host) if mpd.host else None
    if fault:
        faults.append(f"mpd.host {fault}")
    if len(mpd.password.splitlines()) > 1:
        faults.append("mpd.password has several lines, it must have one")


def _name(text: str) -> str:
    """A name that somebody wrote, as far as a message has room for it."""
    return shown(text)[1:-1] if len(text) > 40 else printable(text)


def _did_you_mean(name: str, known: typing.Iterable[str]) -> str:
    near = difflib.get_close_matches(name[:40], list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known)}"


def render(config: Config) -> str:
    """The configuration in force as TOML, each key with its meaning; `load` reads it back."""
    lines: list[str] = []
    for section in dataclasses.fields(config):
        values = getattr(config, section.name)
        lines.append(f"[{section.name}]")
        for entry in dataclasses.fields(values):
            value = getattr(values, entry.name)
            if entry.name == "password" and value:
                lines.append("# password is set; it is not shown")
                continue
            lines.append(f"# {entry.metadata['meaning']}")
            lines.append(f"{entry.name} = {_toml(value)}")
        lines.append("")
    return "\n".join(lines)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        return toml_text(value)
    return repr(value)
