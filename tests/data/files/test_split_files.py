from collections import defaultdict
from pathlib import Path

import pytest

from refnets.data.files.split_files import hold_out_last, in_lists, lines


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


@pytest.mark.parametrize("line", ["1", "1 -1", "1\t1", "1 37 2 5", "1.jpg", "1.jpg 0", "dogs/1.jpg"])
def test_a_list_may_say_more_than_the_name_of_an_image(tmp_path, line):
    assert listed(tmp_path, line, "1", "2") == ["1"]


@pytest.mark.parametrize("line", ["cat (2)", "cat (2).jpg", "cat (2).jpg 1", "cat (2) 3 1"])
def test_a_name_with_a_space_is_not_cut(tmp_path, line):
    assert listed(tmp_path, line, "cat", "cat (2)") == ["cat (2)"]


def test_a_name_that_ends_in_a_number_is_not_cut(tmp_path):
    assert listed(tmp_path, "img 5 1", "img", "img 5") == ["img 5"]


def test_an_image_in_a_folder_is_not_taken_for_one_in_another(tmp_path):
    assert listed(tmp_path, "dogs/1.jpg", "1", "dogs/1") == ["dogs/1"]
    with pytest.raises(ValueError, match="train.txt lists dogs/1.jpg, and there is no such image"):
        listed(tmp_path, "dogs/1.jpg", "1", "cats/1")


def test_lists_without_their_folder_are_refused(tmp_path):
    with pytest.raises(ValueError, match="there is no folder .*/ImageSets; type data.lists=null"):
        in_lists({}, tmp_path / "ImageSets", {"train": "train"}, defaultdict(list))
