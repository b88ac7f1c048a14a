"""Writes setup/hashes/: the exact files that a box installs from PyPI, each by its SHA-256.

usage, from the repository root: python -m tests.appliance.hashes

To be run after a change of setup/constraints/ or of the device's dependencies.

Asks pip, for each Python and each kind of machine that a box may have, which files it would take.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = ("3.11", "3.12", "3.13")
MACHINES = ("aarch64", "x86_64")
GLIBCS = ("2_17", "2_24", "2_27", "2_28", "2_34", "2_35")
"""Those of the wheels' tags; Debian 12 has 2.36."""

BUILD = ("setuptools", "wheel")
"""What pip needs for installing the box's own package."""

HEAD = """\
# What a box with Python {python} installs from PyPI, each file by its SHA-256: for arm64 and for
# x86-64, or one for both. pip takes nothing else. tests/appliance/hashes.py writes this file.
"""


def needs(python: str, machine: str) -> list[str]:
    """The device's dependencies on a Python and machine, without their markers."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    system = {"python_version": python, "platform_machine": machine}
    found = [Requirement(text) for text in project["dependencies"]]
    fitting = [need for need in found if need.marker is None or need.marker.evaluate(system)]
    return [f"{need.name}{need.specifier}" for need in fitting]


def files(python: str, machine: str) -> dict[str, str]:
    """What pip would install there: `name==version` → SHA-256."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run"]
        command += ["--ignore-installed", f"--report={report}", f"--target={folder}/nowhere"]
        command += ["--only-binary=:all:", f"--python-version={python}", "--implementation=cp"]
        command += [f"--platform=manylinux_{glibc}_{machine}" for glibc in GLIBCS]
        command += [f"--platform=manylinux2014_{machine}"]
        command += [f"--constraint={ROOT}/setup/constraints/python{python}.txt"]
        subprocess.run([*command, *needs(python, machine), *BUILD], check=True)
        told: dict[str, Any] = json.loads(report.read_text())
    return {
        f"{item['metadata']['name']}=={item['metadata']['version']}": item["download_info"][
            "archive_info"
        ]["hashes"]["sha256"]
        for item in told["install"]
    }


def text(python: str) -> str:
    """The file for one Python."""
    hashes: dict[str, list[str]] = {}
    for machine in MACHINES:
        for name, sha256 in files(python, machine).items():
            if sha256 not in hashes.setdefault(name, []):
                hashes[name].append(sha256)
    lines = [
        " \\\n    ".join([name, *(f"--hash=sha256:{sha256}" for sha256 in hashes[name])])
        for name in sorted(hashes, key=str.lower)
    ]
    return HEAD.format(python=python) + "\n".join(lines) + "\n"


if __name__ == "__main__":
    for version in PYTHONS:
        path = ROOT / f"setup/hashes/python{version}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text(version))
