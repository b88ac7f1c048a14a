"""The model card's figures: a block of tables in the folder's README, made from the manifest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from moodbox.core.mood import Mood

START = "<!-- figures: written by `python -m training evaluate --write` from manifest.json -->"
END = "<!-- end of figures -->"


def percent(value: float) -> str:
    """A share as per cent with one place."""
    return f"{100 * value:.1f} %"


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Lines of a Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def figures(manifest: dict[str, Any]) -> str:
    """The block of tables, between its two markers, from a manifest with metrics."""
    metrics = manifest["metrics"]
    parts = [
        [START, f"File `{manifest['file']}`, sha256 `{manifest['sha256']}`."],
        _accuracy(metrics),
        _recall(metrics["int8"]),
        _confidence(metrics["int8"], manifest["reading"]["validation"]),
    ]
    if "disturbed" in metrics:
        parts.append(_disturbed(metrics["disturbed"]))
    if metrics.get("found_by_face_finder", {}).get("found"):
        parts.append(_found(metrics["found_by_face_finder"]))
    if "unreadable" in metrics:
        parts.append(_refusals(metrics["unreadable"]))
    if "elsewhere" in metrics:
        parts.append(_elsewhere(metrics["elsewhere"]))
    return "\n\n".join("\n".join(part) for part in [*parts, [END]])


def _accuracy(metrics: dict[str, Any]) -> list[str]:
    whole, floats = metrics["int8"], metrics.get("float", {})
    rows = [("accuracy, all test images", "accuracy"), ("accuracy, clean ones", "accuracy_clean")]
    lines = [
        (name, percent(whole[key]), percent(floats[key]) if key in floats else "")
        for name, key in rows
    ]
    lines.append(("macro-F1", f"{whole['macro_f1']:.3f}", ""))
    if "ferplus_agreement" in whole:
        agreement = percent(whole["ferplus_agreement"])
        lines.append(("agreement with the FER+ majority", agreement, ""))
    return [f"{metrics['test_split']}:", "", *table(("", "int8, shipped", "float32"), lines)]


def _recall(whole: dict[str, Any]) -> list[str]:
    row = tuple(percent(whole["recall"][mood]) for mood in Mood)
    return ["Right, of each mood's test images:", "", *table(tuple(Mood), [row])]


def _confidence(whole: dict[str, Any], reading: dict[str, Any]) -> list[str]:
    look, fused = whole["coverage_clean"], reading["coverage"]
    names = ("", *(f"surest {part}" for part in look), "calibration error")
    rows = [
        (
            "one look, clean test images",
            *(percent(value) for value in look.values()),
            f"{whole['calibration_error_clean']:.3f}",
        ),
        (
            f"a reading of 8 looks, {reading['sequences']} validation photos",
            *(percent(value) for value in fused.values()),
            f"{reading['calibration_error']:.3f}",
        ),
    ]
    return ["Right among the surest part (accuracy against coverage):", "", *table(names, rows)]


def _disturbed(disturbed: dict[str, float]) -> list[str]:
    base = disturbed["none"]
    rows = [
        (name, percent(value), f"{100 * (value - base):+.1f}") for name, value in disturbed.items()
    ]
    head = ("disturbance", "accuracy", "points")
    return ["2,000 test images, disturbed:", "", *table(head, rows)]


def _found(found: dict[str, float]) -> list[str]:
    rows = [
        ("faces found", percent(found["found"])),
        ("accuracy on the found ones, image as it is", percent(found["accuracy_of_image"])),
        ("accuracy on the found ones, the finder's crop", percent(found["accuracy_of_found_crop"])),
    ]
    return [
        "The same 2,000 on a canvas, found by the device's face finder:",
        "",
        *table(("", ""), rows),
    ]


def _refusals(shares: dict[str, float]) -> list[str]:
    names = {"faces": "test faces as they are", "lost": "… and lose it as unreadable"}
    rows = [(names.get(name, name), percent(share)) for name, share in shares.items()]
    head = ("crops of 2,000 test images", "get a mood from one look")
    return ["Faces that cannot be read, at the operating point:", "", *table(head, rows)]


def _elsewhere(sets: dict[str, Any]) -> list[str]:
    rows = [
        (
            f"{name}, {figures['faces']} faces",
            percent(figures["accuracy"]),
            *(percent(figures["recall"][mood]) for mood in Mood),
            f"{figures['calibration_error']:.3f}",
        )
        for name, figures in sets.items()
    ]
    head = ("set", "accuracy", *Mood, "calibration error")
    return ["Faces from elsewhere, by another finder's boxes:", "", *table(head, rows)]


def write(folder: Path) -> None:
    """Put the figures of `folder/manifest.json` into `folder/README.md`, which need not exist."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    path = folder / "README.md"
    card = path.read_text(encoding="utf-8") if path.is_file() else f"# {folder.name}\n"
    block = figures(manifest)
    if START in card and END in card:
        before, after = card[: card.index(START)], card[card.index(END) + len(END) :]
        card = before + block + after
    else:
        card = card.rstrip() + "\n\n" + block + "\n"
    path.write_text(card, encoding="utf-8")
