from collections import defaultdict
from pathlib import Path

import pytest

from refnets.data.files.named_files import images_in, labels_in, natural


@pytest.fixture
def skipped():
    return defaultdict(list)


def files(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_numbers_in_names_count_as_numbers():
    names = ["10.png", "b.png", "2.png", "1.png", "01.png", "a10_2.png", "a9_3.png", "a9.png"]
    expected = ["01.png", "1.png", "2.png", "10.png", "a9.png", "a9_3.png", "a10_2.png", "b.png"]
    assert sorted(names, key=lambda name: natural(Path(name))) == expected


def test_images_are_listed_by_name_and_other_files_are_told(tmp_path, skipped):
    files(tmp_path, "10.PNG", "2.jpg", "1.gif", "notes.txt", ".hidden.png", "._2.jpg")
    (tmp_path / "lost.png").symlink_to("nowhere")
    assert list(images_in(tmp_path, skipped)) == ["1", "2", "10"]
    assert skipped == {
        "file that is no image by its name": [str(tmp_path / "notes.txt")],
        "folder or broken link among the images, passed over": [str(tmp_path / "lost.png")],
    }


def test_two_images_of_one_name_are_refused(tmp_path, skipped):
    files(tmp_path, "1.png", "1.jpg")
    with pytest.raises(ValueError, match="1.jpg and .*1.png differ only in their ending: .* masks .* a folder of"):
        images_in(tmp_path, skipped)


def test_two_label_files_of_one_name_are_refused(tmp_path):
    for ending in ("xml", "XML"):
        (tmp_path / f"1.{ending}").touch()
    with pytest.raises(ValueError, match="differ only in their ending"):
        labels_in(tmp_path, ".xml")


def test_a_folder_without_images_is_named(tmp_path, skipped):
    with pytest.raises(ValueError, match=f"{tmp_path} has no images"):
        images_in(tmp_path, skipped)


def test_a_folder_with_nothing_but_linked_folders_is_named(tmp_path, skipped):
    files(tmp_path, "disk/1.png", "images/notes.txt")
    (tmp_path / "images/aachen").symlink_to(tmp_path / "disk")
    message = "images has no images .*; .*images/aachen is a link, and only links to files are followed: put the folder"
    with pytest.raises(ValueError, match=message):
        images_in(tmp_path / "images", skipped)


def test_images_of_sub_folders_are_named_by_their_paths_in_order(tmp_path, skipped):
    files(tmp_path, "10/1.png", "2/x/7.png", "2/10.png", "2/9.jpg", "3.png", "aachen.png", "aachen/1.png")
    assert list(images_in(tmp_path, skipped)) == ["2/9", "2/10", "2/x/7", "3", "10/1", "aachen/1", "aachen"]


def test_images_of_one_name_may_be_in_two_sub_folders(tmp_path, skipped):
    files(tmp_path, "1.png", "a/1.png", "b/1.jpg")
    assert list(images_in(tmp_path, skipped)) == ["1", "a/1", "b/1"]


def test_labels_are_named_as_their_images(tmp_path):
    files(tmp_path, "2/x/7.xml", "2/9.XML", "2/.9.xml", "3.txt")
    assert list(labels_in(tmp_path, ".xml")) == ["2/9", "2/x/7"]


@pytest.mark.parametrize("folder", [".thumbnails", "__MACOSX"])
def test_hidden_folders_are_not_looked_into(tmp_path, skipped, folder):
    files(tmp_path, "1.png", f"{folder}/1.png", f"a/{folder}/1.png", f"{folder}/a/1.png")
    assert list(images_in(tmp_path, skipped)) == ["1"]
    assert skipped == {}


def test_a_folder_of_labels_among_the_images_is_apart(tmp_path, skipped):
    files(tmp_path, "1.png", "a/masks/1.png", "masks/1.png", "masks/a/1.png")
    assert list(images_in(tmp_path, skipped, apart=tmp_path / "masks")) == ["1", "a/masks/1"]


def test_links_to_files_are_images(tmp_path, skipped):
    files(tmp_path, "store/4711", "images/a/1.png")
    (tmp_path / "images/a/2.png").symlink_to(tmp_path / "store/4711")
    assert list(images_in(tmp_path / "images", skipped)) == ["a/1", "a/2"]


def test_links_to_folders_are_told_and_not_looked_into(tmp_path, skipped):
    files(tmp_path, "a/1.png")
    (tmp_path / "a/around").symlink_to(tmp_path)
    assert list(images_in(tmp_path, skipped)) == ["a/1"]
    assert skipped == {"folder or broken link among the images, passed over": [str(tmp_path / "a/around")]}


def test_the_folder_itself_may_be_a_link(tmp_path, skipped):
    files(tmp_path, "disk/a/1.png")
    (tmp_path / "images").symlink_to(tmp_path / "disk")
    assert images_in(tmp_path / "images", skipped) == {"a/1": tmp_path / "images/a/1.png"}
