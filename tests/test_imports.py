"""Who may know whom: the walls of the house, read from the imports themselves.

An import for the type checker alone counts like any other: it ties two modules together as much.
"""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DEVICE = ROOT / "device" / "moodbox"
CORE = sorted((DEVICE / "core").rglob("*.py"))
ADAPTERS = sorted((DEVICE / "adapters").rglob("*.py"))
COMMANDS = sorted((DEVICE / "commands").rglob("*.py"))
EVERYTHING = sorted(DEVICE.rglob("*.py"))
COMPOSING = [
    *COMMANDS,
    *(DEVICE / name for name in ("compose.py", "settings.py", "cli.py", "__main__.py")),
]
BETWEEN = sorted({*EVERYTHING} - {*CORE, *ADAPTERS, *COMPOSING})
"""What stands between the core and those who compose: the eye, the loop and their like."""

MEETING = {"config.py", "display.py", "memory.py", "playlists.py", "runtime.py"}
"""Of these, the ones that name adapters: of files, of systemd and of MPD."""

SORTING_PURE = [
    DEVICE / "sorting" / f"{name}.py"
    for name in (
        "ear", "features", "lists", "map", "place", "progress", "taste", "words",
    )
]  # fmt: skip

IMPURE = {"cv2", "mpd", "gpiozero", "socket", "threading", "time", "os", "subprocess", "logging"}
PI_ONLY = {"picamera2", "libcamera"}
OUTSIDE = {"cv2", "mpd", "gpiozero", "tflite_runtime", "ai_edge_litert"}


def imported(path: Path, *, at_once: bool = False) -> set[str]:
    """Full names of the modules that a file imports, and of what it takes from them.

    `at_once`: only when it is imported itself, not in a function and not for the type checker.
    """
    names: set[str] = set()
    skipped: set[ast.AST] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        for_types = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        if at_once and (for_types or isinstance(node, ast.FunctionDef)):
            skipped.update(ast.walk(node))
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            names.add(node.module or "")
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def ours(path: Path) -> set[str]:
    """What a file imports of the program's own."""
    return {name for name in imported(path) if name.startswith("moodbox.")}


def roots(names: set[str]) -> set[str]:
    """The packages that names belong to."""
    return {name.partition(".")[0] for name in names}


def name_of(path: Path) -> str:
    """A module's full name."""
    parts = path.relative_to(DEVICE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Modules each of which imports the one before, the first being the last; empty without."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def test_no_module_knows_one_that_knows_it() -> None:
    modules = {name_of(path): path for path in EVERYTHING}
    graph = {
        name: {other for other in ours(path) if other in modules} - {name}
        for name, path in modules.items()
    }
    assert circle(graph) == []


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(DEVICE)))
def test_the_core_is_pure_and_knows_only_itself(path: Path) -> None:
    assert not roots(imported(path)) & IMPURE
    assert all(name.startswith("moodbox.core") for name in ours(path))


@pytest.mark.parametrize("path", SORTING_PURE, ids=lambda path: path.name)
def test_what_sorting_decides_is_pure(path: Path) -> None:
    assert not roots(imported(path)) & (IMPURE | {"sqlite3", "pathlib"})
    assert not {name for name in ours(path) if name.startswith("moodbox.adapters")}


@pytest.mark.parametrize("path", sorted((DEVICE / "sorting").glob("*.py")), ids=lambda p: p.name)
def test_sorting_knows_neither_the_eye_nor_the_loop(path: Path) -> None:
    rest = {"sorting", "core", "adapters"}
    assert {name.split(".")[1] for name in ours(path)} <= rest
    mpd_alone = {name for name in ours(path) if name.startswith("moodbox.adapters")}
    assert all(name.startswith("moodbox.adapters.mpd") for name in mpd_alone)


@pytest.mark.parametrize("path", ADAPTERS, ids=lambda path: str(path.relative_to(DEVICE)))
def test_adapters_know_the_core_and_each_other(path: Path) -> None:
    assert all(name.startswith(("moodbox.core", "moodbox.adapters")) for name in ours(path))


@pytest.mark.parametrize("path", BETWEEN, ids=lambda path: str(path.relative_to(DEVICE)))
def test_only_those_who_compose_know_configuration_and_commands(path: Path) -> None:
    known = {name.split(".")[1] for name in ours(path)}
    assert not known & {"config", "commands", "compose", "cli"}
    assert path.name in MEETING or "adapters" not in known


@pytest.mark.parametrize("path", EVERYTHING, ids=lambda path: str(path.relative_to(DEVICE)))
def test_outside_libraries_stay_in_adapters_and_the_pis_are_imported_late(path: Path) -> None:
    # label draws boxes into pictures; sorting's playlists speak MPD.
    inside = path in ADAPTERS or path.name in {"label.py", "playlists.py"}
    assert inside or not roots(imported(path)) & OUTSIDE
    assert not roots(imported(path, at_once=True)) & PI_ONLY


@pytest.mark.parametrize("path", EVERYTHING, ids=lambda path: str(path.relative_to(DEVICE)))
def test_the_device_knows_nothing_of_training_music_or_tests(path: Path) -> None:
    assert not roots(imported(path)) & {"training", "music", "tests"}


def test_the_rules_can_fail(tmp_path: Path) -> None:
    """The reader of imports sees what it is meant to see."""
    assert {"cv2", "moodbox.core.mood"} <= imported(DEVICE / "adapters" / "face.py")
    assert "picamera2" in roots(imported(DEVICE / "adapters" / "camera" / "picamera.py"))
    file = tmp_path / "one.py"
    file.write_text("if TYPE_CHECKING:\n    from moodbox.eye import Eye\n")
    assert ours(file) == {"moodbox.eye", "moodbox.eye.Eye"}
    assert imported(file, at_once=True) == set()
    assert circle({"one": {"two"}, "two": {"three"}, "three": {"one"}}) != []
