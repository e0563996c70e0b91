from collections import defaultdict
from pathlib import Path

import pytest

from refnets.data.split_files import hold_out_last, in_lists, lines, paired_folders


@pytest.fixture
def skipped():
    return defaultdict(list)


def files(folder, *names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()
    return folder


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
    with pytest.raises(ValueError, match="/validation and .*/val are both the validation split: rename one"):
        paired_folders(tmp_path, "{split}", "{split}", "masks", skipped)


def test_images_may_be_of_one_split(tmp_path, skipped):
    files(tmp_path / "train" / "images"), files(tmp_path / "train" / "masks")
    found = paired_folders(tmp_path, "train/images", "{split}/masks", "masks", skipped)
    assert found == {"train": (tmp_path / "train" / "images", tmp_path / "train" / "masks")}


def test_labels_have_splits_if_images_have(tmp_path, skipped):
    with pytest.raises(ValueError, match=r"data.masks=masks: should have \{split\} too, as data.images=\{split\} has"):
        paired_folders(tmp_path, "{split}", "masks", "masks", skipped)


def test_a_wrong_layout_is_answered_with_folders_without_splits(tmp_path, skipped):
    with pytest.raises(
        ValueError, match=r"Type .*data.images=images data.masks=masks data.test=0.2 if all lie together"
    ):
        paired_folders(tmp_path, "{split}/images", "{split}/masks", "masks", skipped)


def test_a_wrong_layout_is_answered_with_what_is_there_and_what_to_type(tmp_path, skipped):
    files(tmp_path / "train" / "image")
    message = (
        rf"expected are the folders {tmp_path}/train/images and {tmp_path}/train/masks; .* has train, train/image\."
    )
    with pytest.raises(ValueError, match=message) as caught:
        paired_folders(tmp_path, "{split}/images", "{split}/masks", "masks", skipped)
    assert "type" in str(caught.value).lower()
    assert """ "data.images='{split}/images'" "data.masks='{split}/masks'\"""" in str(caught.value)


def test_a_missing_root_is_named(tmp_path, skipped):
    with pytest.raises(ValueError, match=f"data.root={tmp_path}/no: there is no such folder"):
        paired_folders(tmp_path / "no", "a", "b", "masks", skipped)


def test_the_last_are_held_out_in_order():
    splits = hold_out_last({"train": list(range(10))}, test=0.2, validation=0.25)
    assert splits == {"train": [0, 1, 2, 3, 4, 5], "validation": [6, 7], "test": [8, 9]}
    assert list(splits) == ["train", "validation", "test"]


def test_a_fraction_beside_a_split_is_refused():
    with pytest.raises(ValueError, match="data.test=0.2, but there is a test split: type data.test=0"):
        hold_out_last({"train": [1, 2], "test": [3]}, test=0.2, validation=0)


@pytest.mark.parametrize("fraction", [0.1, 0.9])
def test_a_split_without_images_is_refused(fraction):
    with pytest.raises(ValueError, match=f"data.validation={fraction} of 3 training images leaves a split without"):
        hold_out_last({"train": [1, 2, 3]}, test=0, validation=fraction)


def test_lines_of_a_file_from_windows(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfone\r\n two \r\n")
    assert lines(tmp_path / "a.txt") == ["one", "two"]


def test_a_file_that_is_no_text_is_named(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="a.txt is no text in UTF-8"):
        lines(tmp_path / "a.txt")


def listed(tmp_path, line, *names):
    (tmp_path / "train.txt").write_text(line)
    pairs = {name: (Path(f"{name}.jpg"), Path(f"{name}.xml")) for name in names}
    return list(in_lists(pairs, tmp_path, {"train": "train"}, defaultdict(list))["train"])


@pytest.mark.parametrize("line", ["1", "1 -1", "1.jpg", "dogs/1.jpg"])
def test_a_list_may_say_more_than_the_name_of_an_image(tmp_path, line):
    assert listed(tmp_path, line, "1", "2") == ["1"]


def test_an_image_in_a_folder_is_not_taken_for_one_in_another(tmp_path):
    assert listed(tmp_path, "dogs/1.jpg", "1", "dogs/1") == ["dogs/1"]
    with pytest.raises(ValueError, match="train.txt lists dogs/1.jpg, and there is no such image"):
        listed(tmp_path, "dogs/1.jpg", "1", "cats/1")


def test_lists_without_their_folder_are_refused(tmp_path):
    with pytest.raises(ValueError, match="there is no folder .*/ImageSets; type data.lists=null"):
        in_lists({}, tmp_path / "ImageSets", {"train": "train"}, defaultdict(list))
