"""The one thing that pyproject.toml cannot say: a wheel takes the models in.

They are built and kept in `models/`, outside the package; a wheel carries them in `moodbox/models`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithModels(build_py):
    """Copies the models beside the code; an editable installation finds them in the checkout."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            # What only tests of the model read stays out.
            leave_out = shutil.ignore_patterns("predictions.json")
            target = Path(self.build_lib, "moodbox", "models")
            shutil.copytree("models", target, ignore=leave_out, dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithModels})
