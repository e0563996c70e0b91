import os
from collections import defaultdict

import pytest

from refnets.data.files.named_files import UnlabelledError
from refnets.data.files.split_folders import paired_folders, read_splits
from refnets.data.files.split_names import split_of


@pytest.fixture
def skipped():
    return defaultdict(list)


def files(folder, *names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()
    return folder


@pytest.mark.parametrize(
    ("folder", "split"),
    [("train", "train"), ("VALID", "validation"), ("val2017", "validation"), ("Testing", "test"), ("test1", None)],
)
def test_a_split_has_several_names(folder, split):
    assert split_of(folder) == split


@pytest.mark.parametrize(
    ("images", "masks", "folder"),
    [
        ("{split}", "{split}annot", "val"),
        ("{split}/images", "{split}/masks", "valid"),
        ("images/{split}", "masks/{split}", "validation"),
    ],
)
def test_folders_of_splits_are_found_in_any_layout(tmp_path, skipped, images, masks, folder):
    for name in ("train", folder):
        for pattern in (images, masks):
            files(tmp_path / pattern.replace("{split}", name))
    found = paired_folders(tmp_path, images, masks, "masks", skipped)
    assert found["validation"] == tuple(tmp_path / each.replace("{split}", folder) for each in (images, masks))
    assert list(found) == ["train", "validation"]


def test_without_splits_all_is_for_training(tmp_path, skipped):
    pair = files(tmp_path / "images"), files(tmp_path / "masks")
    assert paired_folders(tmp_path, "images", "masks", "masks", skipped) == {"train": pair}


def test_images_of_a_split_without_labels_are_told(tmp_path, skipped):
    for folder in ("train/image", "train/label"):
        files(tmp_path / folder)
    files(tmp_path / "test/image", "1.png")
    files(tmp_path / "test/image/berlin", "2.png")
    assert list(paired_folders(tmp_path, "{split}/image", "{split}/label", "masks", skipped)) == ["train"]
    assert {reason: len(names) for reason, names in skipped.items()} == {
        f"image without a folder {tmp_path}/test/label": 2
    }


def test_two_folders_of_one_split_are_refused(tmp_path, skipped):
    for name in ("train", "val", "validation"):
        files(tmp_path / name)
    with pytest.raises(ValueError, match="/val and .*/validation are both the validation split: rename one"):
        paired_folders(tmp_path, "{split}", "{split}", "masks", skipped)


def test_images_may_be_of_one_split(tmp_path, skipped):
    files(tmp_path / "train" / "images"), files(tmp_path / "train" / "masks")
    found = paired_folders(tmp_path, "train/images", "{split}/masks", "masks", skipped)
    assert found == {"train": (tmp_path / "train" / "images", tmp_path / "train" / "masks")}


def test_labels_have_splits_if_images_have(tmp_path, skipped):
    with pytest.raises(ValueError, match=r"data.masks=masks: should have \{split\} too, as data.images=\{split\} has"):
        paired_folders(tmp_path, "{split}", "masks", "masks", skipped)


def test_a_missing_root_is_named(tmp_path, skipped):
    with pytest.raises(ValueError, match=f"data.root={tmp_path}/no: there is no such folder"):
        paired_folders(tmp_path / "no", "a", "b", "masks", skipped)


def test_folders_of_splits_may_have_capitals_and_a_year(tmp_path, skipped):
    for kind in ("images", "labels"):
        for name in ("train2017", "Val2017"):
            files(tmp_path / kind / name)
    found = paired_folders(tmp_path, "images/{split}", "labels/{split}", "labels", skipped)
    assert found == {
        split: tuple(tmp_path / kind / name for kind in ("images", "labels"))
        for split, name in (("train", "train2017"), ("validation", "Val2017"))
    }


def test_folders_that_are_no_split_are_counted(tmp_path, skipped):
    for name in ("train", "dev", "__MACOSX", ".cache"):
        files(tmp_path / name / "images", "1.png"), files(tmp_path / name / "masks")
    files(tmp_path / "docs/images", "notes.txt")
    files(tmp_path / "train_extra/images/bonn", "1.png"), files(tmp_path / "train_extra/masks")
    assert list(paired_folders(tmp_path, "{split}/images", "{split}/masks", "masks", skipped)) == ["train"]
    assert skipped == {
        "folder that is no split, left out": [str(tmp_path / name / "images") for name in ("dev", "train_extra")]
    }


def test_what_lies_beside_the_folders_of_splits_is_counted(tmp_path, skipped):
    files(tmp_path / "images/train", "1.png"), files(tmp_path / "labels/train"), files(tmp_path / "labels/val")
    files(tmp_path / "images", "2.png", "notes.txt")
    paired_folders(tmp_path, "images/{split}", "labels/{split}", "labels", skipped)
    assert skipped == {
        "image beside the folders of the splits, left out": [str(tmp_path / "images/2.png")],
        "folder of labels without one of images, left out": [str(tmp_path / "labels/val")],
    }


def test_a_folder_that_nobody_may_look_into_is_no_split(tmp_path, skipped, monkeypatch):
    files(tmp_path / "train/images"), files(tmp_path / "train/masks"), files(tmp_path / "lost+found")
    stat = os.stat

    def forbidden(path, **how):
        if "lost+found/" in str(path):
            raise PermissionError
        return stat(path, **how)

    monkeypatch.setattr("os.stat", forbidden)
    assert list(paired_folders(tmp_path, "{split}/images", "{split}/masks", "masks", skipped)) == ["train"]


def test_the_masks_beside_images_are_no_split(tmp_path, skipped):
    files(tmp_path / "train", "1.png"), files(tmp_path / "trainannot", "1.png")
    paired_folders(tmp_path, "{split}", "{split}annot", "masks", skipped)
    assert skipped == {}


def test_masks_in_a_folder_beside_the_splits_are_no_split(tmp_path, skipped):
    files(tmp_path / "train", "1.png"), files(tmp_path / "masks/train", "1.png")
    paired_folders(tmp_path, "{split}", "masks/{split}", "masks", skipped)
    assert skipped == {}


def test_masks_without_images_are_told_once(tmp_path, skipped):
    files(tmp_path / "train", "1.png"), files(tmp_path / "trainannot", "1.png"), files(tmp_path / "valannot", "1.png")
    paired_folders(tmp_path, "{split}", "{split}annot", "masks", skipped)
    assert skipped == {"folder of labels without one of images, left out": [str(tmp_path / "valannot")]}


def test_labels_have_no_splits_if_images_have_none(tmp_path, skipped):
    files(tmp_path / "images", "1.png"), files(tmp_path / "labels/train")
    with pytest.raises(
        ValueError, match=r"data.labels=labels/\{split\}: should have no \{split\}, as data.images=images"
    ):
        paired_folders(tmp_path, "images", "labels/{split}", "labels", skipped)


def test_splits_are_not_trained_on_together(tmp_path, skipped):
    for kind in ("images", "labels"):
        for name in ("train", "val"):
            files(tmp_path / kind / name, "1.png")
    message = (
        """train and val, which would all be .*type "data.images='images/{split}'" "data.labels='labels/{split}'"$"""
    )
    with pytest.raises(ValueError, match=message):
        paired_folders(tmp_path, "images", "labels", "labels", skipped)


def test_images_of_a_test_that_nobody_has_labelled_do_not_hinder(tmp_path, skipped):
    files(tmp_path, "1.png"), files(tmp_path / "masks", "1.png"), files(tmp_path / "test", "2.png")
    assert list(paired_folders(tmp_path, ".", "masks", "masks", skipped)) == ["train"]


def test_of_splits_that_lists_name_the_folders_do_not_count(tmp_path, skipped):
    for name in ("images/train", "images/val", "labels/train", "labels/val", "ImageSets/Main"):
        files(tmp_path / name)
    assert list(paired_folders(tmp_path, "images", "labels", "labels", skipped)) == ["train"]


def test_a_training_split_without_labels_is_not_left_out(tmp_path, skipped):
    def read(*_):
        raise UnlabelledError("no image has a mask")

    with pytest.raises(UnlabelledError):
        read_splits(read, {"train": (tmp_path, tmp_path)}, skipped)
