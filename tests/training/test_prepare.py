"""Preparing promises: nothing of the test images reaches training, and bad data gets a sentence."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from tests.training.made_up import images, write_csv, write_folders, write_textures
from training.augment import jpeg
from training.prepare import describe, hashes, near_any, prepare, signatures
from training.settings import Prepare
from training.source import VOTES, DataError, read
from training.targets import patches

SETTINGS = Prepare()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data set with two exact copies, two near-copies and a constant image in its training."""
    pictures, labels = images(210)
    usages = ["Training"] * 168 + ["PublicTest"] * 21 + ["PrivateTest"] * 21
    pictures[7], labels[7] = pictures[168], labels[168]
    pictures[14] = pictures[200]  # the same picture under another label is a copy too
    pictures[21] = jpeg(pictures[170], 60)
    pictures[28] = np.clip(pictures[205].astype(int) + 12, 0, 255)
    pictures[35] = 90
    pictures[43] = jpeg(pictures[44], 70)  # near-copies within training
    write_csv(tmp_path / "fer2013.csv", pictures, labels, usages)
    return tmp_path


def test_copies_near_copies_and_constant_images_are_left_out_and_counted(folder: Path) -> None:
    facts = prepare(folder, folder / "out", SETTINGS)
    assert facts["exact_copies_left_out"] == 2
    assert facts["near_copies_left_out"] == 2
    assert facts["constant_images_left_out"] == 1
    with np.load(folder / "out" / "train.npz") as file:
        assert not {7, 14, 21, 28, 35} & set(file["row"].tolist())
        kept = (file["labels"] < 5).sum()
    assert kept == facts["training_rows"] + facts["validation_rows"]


def test_no_hash_and_no_near_copy_crosses_from_test_to_training(folder: Path) -> None:
    prepare(folder, folder / "out", SETTINGS)
    with np.load(folder / "out" / "train.npz") as train, np.load(folder / "out" / "test.npz") as t:
        assert not np.isin(hashes(train["images"]), hashes(t["images"])).any()
        first, second = signatures(train["images"]), signatures(t["images"])
    assert not near_any(first, second, SETTINGS.near_copy_correlation).any()


def test_near_copies_within_training_are_on_one_side_of_validation(folder: Path) -> None:
    for seed in range(20):
        prepare(folder, folder / "out", Prepare(validation_share=0.5, seed=seed))
        with np.load(folder / "out" / "train.npz") as file:
            at = dict(zip(file["row"].tolist(), file["validation"].tolist(), strict=True))
        assert at[43] == at[44]


def test_the_training_file_holds_no_test_row_and_the_test_file_only_moods(folder: Path) -> None:
    prepare(folder, folder / "out", SETTINGS)
    with np.load(folder / "out" / "train.npz") as train, np.load(folder / "out" / "test.npz") as t:
        assert train["row"].max() < 168
        assert t["row"].min() >= 168
        assert t["labels"].max() < 5


def test_clean_test_images_have_no_exact_copy_in_the_training_split(folder: Path) -> None:
    prepare(folder, folder / "out", SETTINGS)
    with np.load(folder / "out" / "test.npz") as file:
        unclean = file["row"][~file["clean"]]
    assert unclean.tolist() == [168, 200]


def test_preparing_twice_gives_the_same_facts(folder: Path) -> None:
    facts = prepare(folder, folder / "out", SETTINGS)
    again = prepare(folder, folder / "other", SETTINGS)
    assert {**facts, "train_file_sha256": 0, "test_file_sha256": 0} == {
        **again,
        "train_file_sha256": 0,
        "test_file_sha256": 0,
    }
    assert json.loads((folder / "out" / "data.json").read_text())["sha256"] == facts["sha256"]


def test_patches_of_pictures_without_people_are_held_out_by_the_picture(
    folder: Path, tmp_path: Path
) -> None:
    write_textures(tmp_path / "textures", 6)
    settings = Prepare(patches=60)
    facts = prepare(folder, tmp_path / "out", settings, tmp_path / "textures")
    assert facts["pictures_without_people"] == 6
    held, seen = patches(tmp_path / "out", held=True), patches(tmp_path / "out", held=False)
    assert (held.shape, seen.shape) == ((20, 48, 48), (40, 48, 48))
    assert prepare(folder, tmp_path / "out", settings)["pictures_without_people"] == 0
    assert len(patches(tmp_path / "out", held=True)) == 0
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="holds no pictures"):
        prepare(folder, tmp_path / "out", settings, tmp_path / "empty")


def test_another_count_than_the_known_one_is_said(folder: Path) -> None:
    assert "24176 training and 6043 test" in describe(prepare(folder, folder / "out", SETTINGS))


def test_the_kaggle_folders_give_the_same_rows_as_the_csv(tmp_path: Path) -> None:
    pictures, labels = images(84)
    write_csv(tmp_path / "fer2013.csv", pictures, labels, ["Training"] * 70 + ["PublicTest"] * 14)
    folders = tmp_path / "folders"
    write_folders(folders, pictures[:70], labels[:70], "train")
    write_folders(folders, pictures[70:], labels[70:], "test")
    from_csv, from_folders = read(tmp_path), read(folders)
    for rows in (from_csv, from_folders):
        assert rows.is_test.sum() == 14
    assert sorted(hashes(from_csv.images)) == sorted(hashes(from_folders.images))
    label_of = dict(zip(hashes(from_csv.images), from_csv.labels, strict=True))
    for digest, label in zip(hashes(from_folders.images), from_folders.labels, strict=True):
        assert label_of[digest] == label


def test_a_gzipped_csv_reads_like_a_plain_one(folder: Path) -> None:
    plain = folder / "fer2013.csv"
    packed = folder / "packed.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    np.testing.assert_array_equal(read(packed).images, read(plain).images)


def test_ferplus_votes_come_along_row_by_row(folder: Path) -> None:
    header = ",".join(("Usage", "Image name", *VOTES))
    lines = [f"Training,x,{row % 10},0,0,0,0,0,0,0,0,1" for row in range(210)]
    (folder / "ferplus.csv").write_text("\n".join([header, *lines]) + "\n")
    votes = read(folder).votes
    assert votes is not None
    assert votes[13].tolist() == [3, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    (folder / "ferplus.csv").write_text("\n".join([header, *lines[:-1]]) + "\n")
    with pytest.raises(DataError, match="209 rows for 210 images"):
        read(folder)


PIXELS = " ".join(["7"] * 48 * 48)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("emotion,Usage\n3,Training\n", "missing: pixels"),
        ("", "must name the columns"),
        ("emotion,pixels,Usage\n", "holds no rows"),
        ("emotion,pixels,Usage\n3,1 2 3,Training\n", "line 2: 3 pixels, not 48×48"),
        (f"emotion,pixels,Usage\n7,{PIXELS},Training\n", "line 2: emotion is '7'"),
        (f"emotion,pixels,Usage\nglad,{PIXELS},Training\n", "line 2: emotion is 'glad'"),
        (f"emotion,pixels,Usage\n3,{PIXELS},Exam\n", "line 2: Usage is 'Exam'"),
        (f"emotion,pixels,Usage\n3,{PIXELS[:-1]}300,Training\n", "outside 0–255"),
        (f"emotion,pixels,Usage\n3,{PIXELS[:-1]}x,Training\n", "line 2"),
        (f"emotion,pixels,Usage\n3,{PIXELS},Training\n3\n", "line 3: 1 fields, expected 3"),
    ],
)
def test_a_bad_table_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "fer2013.csv"
    path.write_text(text)
    with pytest.raises(DataError) as caught:
        read(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_missing_and_broken_data_get_a_sentence(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is nothing here"):
        read(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"neither fer2013\.csv"):
        read(tmp_path / "empty")
    packed = gzip.compress((folder / "fer2013.csv").read_bytes())
    (tmp_path / "cut.csv.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(DataError, match="cannot be read"):
        read(tmp_path / "cut.csv.gz")


def test_a_foreign_folder_or_picture_is_refused_by_name(tmp_path: Path) -> None:
    pictures, labels = images(7)
    write_folders(tmp_path, pictures, labels, "train")
    write_folders(tmp_path, pictures, labels, "test")
    bad = tmp_path / "train" / "happy" / "bad.jpg"
    bad.write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"bad\.jpg: no picture"):
        read(tmp_path)
    bad.unlink()
    (tmp_path / "test" / "bored").mkdir()
    with pytest.raises(DataError, match="no such label"):
        read(tmp_path)
