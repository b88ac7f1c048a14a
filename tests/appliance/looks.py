"""The same pictures, read on two machines: whether they see the same.

usage, from the repository root: python -m tests.appliance.looks …
    gather PICTURES.npz             take 200 faces, and frames to search, from the test data
    look PICTURES.npz LOOKS.json RUNTIME
                                    write what this machine reads in them, with a TFLite runtime:
                                    tflite_runtime or ai_edge_litert
    compare LOOKS.json LOOKS.json   end with 1 where the second differs from the first too much
"""

from __future__ import annotations

import csv
import gzip
import json
import platform
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from moodbox.adapters.camera.scene import Scenario, scene_frame
from moodbox.adapters.classifier import Classifier
from moodbox.adapters.face import FaceFinder
from moodbox.adapters.interpreter import make_interpreter, runtimes
from moodbox.adapters.pictures import read_gray
from moodbox.compose import model_folder
from moodbox.config import Config, FaceConfig

FACES = 200
LEAST_SAME = 199
MOST_STEPS = 1.0
"""Of the network's int8 output, between two machines' logits of one face."""

FIVE = {"0", "3", "4", "5", "6"}
"""FER2013's numbers of the five moods; disgust and fear are not read."""


def gather(to: Path) -> None:
    """Write FACES faces, spread over FER2013's test images, and frames with and without them."""
    from tests.support.data import FER2013, SCENES, pictures

    if not (FER2013.is_file() and SCENES.is_dir()):
        sys.exit(f"no test data at {FER2013.parents[1]}: set MOODBOX_TEST_DATA to its folder")
    with gzip.open(FER2013, "rt") as file:
        rows = [
            row["pixels"]
            for row in csv.DictReader(file)
            if row["Usage"] == "PrivateTest" and row["emotion"] in FIVE
        ]
    chosen = rows[:: len(rows) // FACES][:FACES]
    faces = np.array([text.split() for text in chosen]).astype(np.uint8).reshape(FACES, 48, 48)
    frames = [on_a_canvas(face) for face in faces]
    frames += [scene_frame(t_s, Scenario()) for t_s in range(10)]
    for folder in ("faces", "noface"):
        frames += [read_gray(path) for path in pictures(SCENES / folder)]
    np.savez(to, faces=faces, **{f"frame{number:03}": f for number, f in enumerate(frames)})


def on_a_canvas(face: Any) -> Any:
    """A frame (240, 320) uint8 with a face (48, 48) in it, enlarged, with room around it."""
    frame = np.full((240, 320), int(face.mean()), np.uint8)
    frame[40:200, 80:240] = cv2.resize(face, (160, 160), interpolation=cv2.INTER_CUBIC)
    return frame


def look(pictures: Path, to: Path, name: str) -> None:
    """Write each face's logits, in steps of the network's output, and each frame's face boxes."""
    data = np.load(pictures)
    runtime = next((module for module in runtimes() if module.__name__.startswith(name)), None)
    if runtime is None:
        sys.exit(f"{name} is not installed here")
    classifier, finder = (
        Classifier(model_folder(Config()), runtime),
        FaceFinder(FaceConfig().smallest_share),
    )
    interpreter = make_interpreter(classifier.manifest.file.read_bytes(), runtime)
    step = float(interpreter.get_output_details()[0]["quantization"][0])
    boxes = [
        [[box.x_px, box.y_px, box.width_px, box.height_px] for box in finder.find(data[name])]
        for name in sorted(data.files)
        if name.startswith("frame")
    ]
    told = {
        "machine": f"{platform.machine()}, Python {platform.python_version()}, "
        f"numpy {np.__version__}, OpenCV {cv2.__version__}, {name}",
        "model": classifier.manifest.sha256,
        "steps": [(classifier.logits(face) / step).tolist() for face in data["faces"]],
        "boxes": boxes,
    }
    to.write_text(json.dumps(told), encoding="utf-8")


def compare(first: dict[str, Any], second: dict[str, Any]) -> bool:
    """Print how far two machines agree; whether it is far enough."""
    if first["model"] != second["model"]:
        sys.exit("the two read with different models: commit the model and run this again")
    steps, other = np.array(first["steps"]), np.array(second["steps"])
    apart = float(np.abs(steps - other).max())
    same = int((steps.argmax(axis=1) == other.argmax(axis=1)).sum())
    alike = sum(a == b for a, b in zip(first["boxes"], second["boxes"], strict=True))
    frames, faces = len(first["boxes"]), sum(map(len, first["boxes"]))
    print(f"{first['machine']}\n{second['machine']}\nmodel {first['model']}")
    print(f"  logits at most {apart:g} steps apart, the same label on {same} of {len(steps)} faces")
    print(f"  the same boxes in {alike} of {frames} frames ({faces} faces found)")
    return apart <= MOST_STEPS and same >= LEAST_SAME and alike == frames and faces > 0


def main(arguments: list[str]) -> int:
    """Do what the command line says."""
    match arguments:
        case ["gather", to]:
            gather(Path(to))
        case ["look", pictures, to, runtime]:
            look(Path(pictures), Path(to), runtime)
        case ["compare", first, second]:
            told = [json.loads(Path(name).read_text(encoding="utf-8")) for name in (first, second)]
            return 0 if compare(*told) else 1
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
