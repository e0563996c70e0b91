import pytest

from refnets.data.files.layout import refuse_layout


def files(folder, *names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()
    return folder


def test_a_wrong_layout_is_answered_with_folders_without_splits(tmp_path):
    with pytest.raises(
        ValueError, match=r"Type .*data.images=images data.masks=masks data.test=0.2 if all lie together"
    ):
        refuse_layout(tmp_path, "{split}/images", "{split}/masks", "masks")


def test_a_wrong_layout_is_answered_with_what_is_there_and_what_to_type(tmp_path):
    files(tmp_path / "train" / "image")
    message = (
        rf"expected are the folders {tmp_path}/train/images and {tmp_path}/train/masks; .* has train, train/image\."
    )
    with pytest.raises(ValueError, match=message) as caught:
        refuse_layout(tmp_path, "{split}/images", "{split}/masks", "masks")
    assert "type" in str(caught.value).lower()
    assert """ "data.images='{split}/images'" "data.masks='{split}/masks'\"""" in str(caught.value)


@pytest.mark.parametrize("test", ["test", "val"])
def test_folders_of_masks_are_found_whichever_split_has_none(tmp_path, test):
    for name in (test, "train", "train_masks"):
        files(tmp_path / name, "1.png")
    with pytest.raises(ValueError, match="data.images") as caught:
        refuse_layout(tmp_path, "images/{split}", "masks/{split}", "masks")
    assert """ "data.images='{split}'" "data.masks='{split}_masks'\"""" in str(caught.value)


@pytest.mark.parametrize("above", ["", "stage1_train"])
def test_folders_of_single_images_with_their_masks_are_named(tmp_path, above):
    for name in ("a1", "b2", "c3"):
        files(tmp_path / above / name / "images", "1.png"), files(tmp_path / above / name / "masks", "1.png", "2.png")
    with pytest.raises(ValueError, match="a1 has one image and its masks, as 2 more beside it: put all images"):
        refuse_layout(tmp_path, "{split}/images", "{split}/masks", "masks")


def test_test_sets_of_several_images_are_no_such_folders(tmp_path):
    for name in ("train", "testA", "testB"):
        files(tmp_path / name / "images", "1.png", "2.png"), files(tmp_path / name / "masks", "1.png", "2.png")
    with pytest.raises(ValueError, match="data.images") as caught:
        refuse_layout(tmp_path, "images/{split}", "masks/{split}", "masks")
    assert """ "data.images='{split}/images'" "data.masks='{split}/masks'\"""" in str(caught.value)


def test_masks_in_folders_beside_those_of_splits_are_answered_with_them(tmp_path):
    files(tmp_path / "train", "1.png"), files(tmp_path / "train_masks", "1.png")
    with pytest.raises(ValueError, match="""test "data.images='{split}'" "data.masks='{split}_masks'"$"""):
        refuse_layout(tmp_path, "{split}/images", "{split}/masks", "masks")


def test_images_beside_their_labels_are_answered_with_their_folders(tmp_path):
    files(tmp_path / "train", "1.jpg", "1.xml")
    with pytest.raises(ValueError, match="""test "data.images='{split}'" "data.annotations='{split}'"$"""):
        refuse_layout(tmp_path, "JPEGImages", "Annotations", "annotations")
