"""Who may know whom: the walls of the house, read from the imports themselves."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DEVICE = ROOT / "device" / "moodbox"
CORE = sorted((DEVICE / "core").glob("*.py"))
ADAPTERS = sorted((DEVICE / "adapters").rglob("*.py"))
EVERYTHING = sorted(DEVICE.rglob("*.py"))

IMPURE = {"cv2", "mpd", "gpiozero", "socket", "threading", "time", "os", "subprocess", "logging"}
PI_ONLY = {"picamera2", "libcamera"}
OUTSIDE = {"cv2", "mpd", "gpiozero", "tflite_runtime", "ai_edge_litert"}


def imported(path: Path, *, top_level_only: bool = False) -> set[str]:
    """Full names of the modules that a file imports, those for the type checker left out."""
    names: set[str] = set()
    skipped: set[ast.AST] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        guarded = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        inside = isinstance(node, ast.FunctionDef) and top_level_only
        if guarded or inside:
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


def roots(names: set[str]) -> set[str]:
    """The packages that names belong to."""
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.name)
def test_the_core_is_pure_and_knows_only_itself(path: Path) -> None:
    names = imported(path)
    assert not roots(names) & IMPURE
    ours = {name for name in names if name.startswith("moodbox")}
    assert all(name.startswith("moodbox.core") for name in ours)


@pytest.mark.parametrize("path", ADAPTERS, ids=lambda path: path.name)
def test_adapters_know_the_core_and_each_other(path: Path) -> None:
    ours = {name for name in imported(path) if name.startswith("moodbox.")}
    assert all(name.startswith(("moodbox.core", "moodbox.adapters")) for name in ours)


@pytest.mark.parametrize("path", EVERYTHING, ids=lambda path: str(path.relative_to(DEVICE)))
def test_outside_libraries_stay_in_adapters_and_the_pis_are_imported_late(path: Path) -> None:
    inside = path in ADAPTERS or path.name == "label.py"  # draws boxes into pictures
    assert inside or not roots(imported(path)) & OUTSIDE
    assert not roots(imported(path, top_level_only=True)) & PI_ONLY


@pytest.mark.parametrize("path", EVERYTHING, ids=lambda path: str(path.relative_to(DEVICE)))
def test_the_device_knows_nothing_of_training_music_or_tests(path: Path) -> None:
    assert not roots(imported(path)) & {"training", "music", "tests"}


def test_the_rules_can_fail() -> None:
    """The reader of imports sees what it is meant to see."""
    names = imported(DEVICE / "adapters" / "face.py")
    assert {"cv2", "moodbox.core.mood"} <= names
    assert "picamera2" in roots(imported(DEVICE / "adapters" / "camera" / "picamera.py"))
