import numpy as np
import pytest
import torch
from PIL import Image

LINES = {
    ("train", "1"): "1 0.375 0.5 0.25 0.5\n0 0.5 0.5 1 1\n",
    ("train", "2"): "",
    ("train", "10"): "0 0.25 0.25 0.5 0.5\n",
    ("val", "3"): "1 0.5 0.5 0.5 0.5",
}


def picture(file, size=(40, 20), **options):
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((size[1], size[0], 3), np.uint8)).save(file, **options)


def label(root, name, text, split="train"):
    file = root / "labels" / split / f"{name}.txt"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@pytest.fixture
def root(tmp_path):
    """Images of 40 x 20 pixels: 1, 2 and 10 for training, 3 for validation; classes cat and dog."""
    root = tmp_path / "pets"
    for (split, name), text in LINES.items():
        picture(root / "images" / split / f"{name}.jpg")
        label(root, name, text, split)
    (root / "data.yaml").write_text("train: ../images\nnc: 2\nnames: [cat, dog]\n")
    return root


@pytest.fixture
def yolo(dataset, root):
    return lambda *overrides: dataset("yolo_labels", f"data.root={root}", *overrides)


def rows(data, index=0, split="train"):
    y = data.splits[split].y[index]
    return [[round(value, 5) for value in row] for row in y[y[:, 0] >= 0].tolist()]


def test_boxes_are_sides_and_classes_have_names(yolo):
    data = yolo()
    x, y = data.splits["train"]
    assert (x.dtype, tuple(x.shape), data.input_shape) == (torch.uint8, (3, 3, 20, 40), (3, 20, 40))
    assert (y.dtype, tuple(y.shape)) == (torch.float32, (3, 2, 5))
    assert data.target.names == ("cat", "dog")
    assert rows(data) == [[1, 0.25, 0.25, 0.5, 0.75], [0, 0, 0, 1, 1]]
    assert rows(data, 2) == [[0, 0, 0, 0.5, 0.5]]
    assert rows(data, split="validation") == [[1, 0.25, 0.25, 0.75, 0.75]]
    assert data.skipped == {}


def test_names_that_two_files_have_are_taken_once(yolo, root):
    (root / "data.yaml").unlink()
    for folder in (root, root / "labels"):
        (folder / "classes.txt").write_text("cat\ndog\n")
    assert yolo().target.names == ("cat", "dog")


def test_an_image_without_objects_is_kept(yolo):
    assert rows(yolo(), 1) == []


def test_an_image_without_label_file_has_no_objects_and_is_told(yolo, root):
    (root / "labels/train/1.txt").unlink()
    data = yolo()
    assert rows(data) == []
    assert data.skipped == {"image without a label file, taken to have no objects": 1}
    assert data.skipped_files["image without a label file, taken to have no objects"] == [
        str(root / "images/train/1.jpg")
    ]


def test_a_label_file_without_image_is_told(yolo, root):
    label(root, "99", "")
    data = yolo()
    _ = data.splits
    assert data.skipped == {"label file without an image, left out": 1}


def test_names_may_be_numbered(yolo, root):
    (root / "data.yaml").write_text("names:\n  1: dog\n  0: cat\n")
    assert yolo().target.names == ("cat", "dog")


@pytest.mark.parametrize("text", ["names: [no, 012, null]", "names: {'0': no, 2: null, 1: 012}"])
def test_names_are_as_they_are_written(yolo, root, text):
    (root / "data.yaml").write_text(text)
    assert yolo().target.names == ("no", "012", "null")


def test_a_label_file_beside_an_image_is_no_label_where_they_are_elsewhere(yolo, root):
    (root / "images/train/1.txt").write_text("0 0.5 0.5 1 1")
    data = yolo()
    _ = data.splits
    assert data.skipped == {"file that is no image by its name": 1}


@pytest.mark.parametrize("place", ["classes.txt", "labels/classes.txt", "labels/train/classes.txt"])
def test_names_may_be_in_a_text_file(yolo, root, place):
    (root / "data.yaml").unlink()
    (root / place).write_text("cat\ndog\n\n")
    data = yolo()
    assert data.target.names == ("cat", "dog")
    assert len(data.splits["train"].x) == 3
    assert data.skipped == {}


def test_names_may_be_typed(yolo, root):
    (root / "data.yaml").unlink()
    assert yolo("data.classes=[a,b,c]").target.names == ("a", "b", "c")


def test_other_layouts_are_typed(yolo, root):
    for split in ("train", "val"):
        for kind in ("images", "labels"):
            (root / kind / split).rename(root / f"{split}_{kind}")
    data = yolo("data.images='{split}_images'", "data.labels='{split}_labels'")
    assert {name: len(split.x) for name, split in data.splits.items()} == {"train": 3, "validation": 1}


def test_images_and_labels_may_be_in_one_folder(yolo, root):
    for file in root.glob("labels/*/*"):
        file.rename(root / "images" / file.parent.name / file.name)
    data = yolo("data.labels='images/{split}'")
    assert rows(data, 2) == [[0, 0, 0, 0.5, 0.5]]
    assert data.skipped == {}


def test_images_and_labels_may_lie_in_sub_folders(yolo, root):
    picture(root / "images/train/dogs/1.jpg")
    label(root, "dogs/1", "1 0.5 0.5 1 1\n")
    data = yolo()
    assert rows(data, 3) == [[1, 0, 0, 1, 1]]
    assert data.skipped == {}


def test_a_sub_folder_of_images_without_any_label_file_is_left_out_and_told(yolo, root):
    picture(root / "images/train/old/1.jpg")
    data = yolo()
    assert len(data.splits["train"].x) == 3
    assert data.skipped == {"image in a folder without any label file, left out": 1}


def test_without_folders_the_last_images_are_held_out(yolo):
    data = yolo("data.images=images/train", "data.labels=labels/train", "data.test=0.34")
    assert rows(data, split="test") == [[0, 0, 0, 0.5, 0.5]]


def lists(root, yaml, **splits):
    """data.yaml, and text files that list images of the folder images/train."""
    (root / "data.yaml").write_text(f"{yaml}\nnames: [cat, dog]\n")
    for split, images in splits.items():
        (root / f"{split}.txt").write_text("".join(f"{image}\n" for image in images))


def stems(yolo):
    data = yolo("data.images=images/train", "data.labels=labels/train")
    return {split: [each.image.stem for each in labels] for split, labels in data.labelled.items()}, data.skipped


LISTED = {"train": ["1", "10"], "validation": ["2"]}


NAMED = ("{}.txt", ""), ("./{}.txt", "./images/train/"), ("/content/{}.txt", "/content/"), ("['a\\{}.txt']", "..\\a\\")


@pytest.mark.parametrize(("named", "folder"), NAMED)
def test_lists_in_data_yaml_say_the_splits_of_images_that_lie_together(yolo, root, named, folder):
    yaml = f"train: {named.format('train')}\nval: {named.format('val')}"
    lists(root, yaml, train=[f"{folder}1.jpg", f"{folder}10.jpg"], val=[f"{folder}2.jpg"])
    assert stems(yolo) == (LISTED, {})


def test_lists_may_name_images_in_sub_folders(yolo, root):
    for name, folder in (("1", "a"), ("2", "a"), ("10", "b")):
        for kind, ending in (("images", "jpg"), ("labels", "txt")):
            (there := root / kind / "train" / folder).mkdir(exist_ok=True)
            (root / kind / "train" / f"{name}.{ending}").rename(there / f"{name}.{ending}")
    images = [f"./images/train/{each}.jpg" for each in ("a/1", "b/10", "a/2")]
    lists(root, "train: train.txt\nval: val.txt", train=images[:2], val=images[2:])
    assert stems(yolo) == (LISTED, {})


def test_without_a_list_for_training_it_is_on_all_that_are_in_no_other(yolo, root):
    lists(root, "val: val.txt", val=["2.jpg"])
    assert stems(yolo) == (LISTED, {})


def test_where_all_are_in_other_lists_there_is_nothing_to_train_on(yolo, root):
    lists(root, "val: val.txt", val=["1.jpg", "2.jpg", "10.jpg"])
    with pytest.raises(ValueError, match="all images with labels are in the lists of other splits"):
        stems(yolo)


def test_a_list_that_is_not_there_is_told(yolo, root):
    lists(root, "train: ../images\nval: val.txt")
    told = {"list that data.yaml names and that is not there, passed over": 1}
    assert stems(yolo) == ({"train": ["1", "2", "10"]}, told)


def test_lists_that_cannot_be_read_are_named(yolo, root):
    (root / "data.yaml").write_text("names: [a")
    with pytest.raises(ValueError, match="(?s)data.yaml cannot be read .*: mend it, or take it away"):
        _ = yolo("data.images=images/train", "data.labels=labels/train", "data.classes=[cat,dog]").splits


def test_boxes_are_of_the_fitted_image(yolo):
    assert rows(yolo("data.size=[40,40]"))[0] == [1, 0.25, 0.125, 0.5, 0.375]


def test_boxes_are_of_the_image_as_it_is_looked_at(yolo, root):
    exif = Image.Exif()
    exif[0x0112] = 6
    picture(root / "images/train/1.jpg", (20, 40), exif=exif)
    data = yolo()
    assert data.splits["train"].x.shape == (3, 3, 20, 40)
    assert rows(data)[0] == [1, 0.25, 0.25, 0.5, 0.75]
    assert data.skipped == {"image stored turned or mirrored; turned upright, as its boxes are taken to be": 1}


def test_boxes_without_area_or_outside_are_left_out_and_told(yolo, root):
    label(root, "1", "0 0.5 0.5 0 0.2\n0 1.2 0.5 0.2 0.2\n0 0 0.5 0.5 0.5\n1 0.5 0.5 1.0001 1\n")
    data = yolo()
    assert rows(data) == [[0, 0, 0.25, 0.25, 0.75], [1, 0, 0, 1, 1]]
    assert data.skipped == {
        "box without area, left out": 1,
        "box outside of its image, left out": 1,
        "box partly outside of its image, cut": 1,
    }


def test_a_small_object_is_kept(yolo, root):
    label(root, "1", "1 0.5 0.5 0.004 0.002\n")
    assert rows(yolo()) == [[1, 0.498, 0.499, 0.502, 0.501]]


def test_of_a_polygon_the_box_around_it_is_taken_and_told(yolo, root):
    label(root, "1", "1 0.5 0.1 0.9 0.4 0.2 0.6\n0 0.5 0.5 1 1\n")
    data = yolo()
    assert rows(data) == [[1, 0.2, 0.1, 0.9, 0.6], [0, 0, 0, 1, 1]]
    assert data.skipped == {"polygon, the box around it taken": 1}


def test_of_a_turned_box_the_box_around_it_is_taken(yolo, root):
    label(root, "1", "1 0.5 0.1 0.9 0.4 0.6 0.8 0.2 0.5\n")
    assert rows(yolo()) == [[1, 0.2, 0.1, 0.9, 0.8]]


def posed(root, shape, line):
    """Boxes with keypoints 0.9 0.9 ... of this shape."""
    (root / "data.yaml").write_text(f"names: [cat, dog]\nkpt_shape: {shape}\n")
    label(root, "1", line)


@pytest.mark.parametrize(("shape", "numbers"), [([17, 3], 51), ([2, 2], 4), ([1, 2], 2)])
def test_of_a_box_with_keypoints_the_box_is_taken_and_told(yolo, root, shape, numbers):
    posed(root, shape, f"1 0.375 0.5 0.25 0.5{' 0.9' * numbers}\n0 0.5 0.5 1 1\n")
    data = yolo()
    assert rows(data) == [[1, 0.25, 0.25, 0.5, 0.75], [0, 0, 0, 1, 1]]
    assert data.skipped == {"keypoints, left out": 1}


def test_keypoints_are_known_where_names_are_typed(yolo, root):
    posed(root, [2, 2], "1 0.375 0.5 0.25 0.5 0.9 0.9 0.9 0.9\n")
    assert rows(yolo("data.classes=[a,b]")) == [[1, 0.25, 0.25, 0.5, 0.75]]


@pytest.mark.parametrize("shape", ["", "[]"])
def test_an_empty_kpt_shape_is_none(yolo, root, shape):
    posed(root, shape, "1 0.5 0.1 0.9 0.4 0.2 0.6\n")
    assert rows(yolo()) == [[1, 0.2, 0.1, 0.9, 0.6]]


def test_labels_may_lie_in_a_folder_of_the_images(yolo, root):
    for split in ("train", "val"):
        (root / "labels" / split).rename(root / "images" / split / "labels")
    data = yolo("data.labels='images/{split}/labels'")
    assert rows(data, 2) == [[0, 0, 0, 0.5, 0.5]]
    assert data.skipped == {}


def test_another_number_of_keypoints_is_named(yolo, root):
    posed(root, [17, 3], "1 0.375 0.5 0.25 0.5 0.9 0.9 0.9 0.9\n")
    with pytest.raises(ValueError, match="1.txt:1 .* width height, and as many numbers of keypoints as kpt_shape in "):
        _ = yolo().splits


@pytest.mark.parametrize("shape", ["seventeen", "17", "[17]", "[a, 3]", "[17, 3"])
def test_a_kpt_shape_that_is_none_is_named(yolo, root, shape):
    posed(root, shape, f"1 0.375 0.5 0.25 0.5{' 0.9' * 51}\n")
    with pytest.raises(ValueError, match=r"(?s)data.yaml has no kpt_shape that can be read .*: should be as \[17, 3\]"):
        _ = yolo("data.classes=[cat,dog]").splits


def test_where_names_are_typed_data_yaml_need_not_be_read_for_boxes(yolo, root):
    (root / "data.yaml").write_text("names: [a")
    assert len(rows(yolo("data.classes=[cat,dog]"))) == 2


def test_endings_may_be_in_capitals(yolo, root):
    (root / "images/train/1.jpg").rename(root / "images/train/1.JPG")
    (root / "labels/train/1.txt").rename(root / "labels/train/1.TXT")
    data = yolo()
    assert rows(data) == [[1, 0.25, 0.25, 0.5, 0.75], [0, 0, 0, 1, 1]]
    assert data.skipped == {}


BAD_LINES = {
    "0 0.5 0.5 0.2": "and should be: class centre_x centre_y width height",
    "cat 0.5 0.5 0.2 0.2": "and should be: class",
    "0 0.5 0.5 0.2 nan": "and should be: class",
    "0 0.5 0.5 0.2 0.2 0.9": "and should be: class",
    "0 0.1 0.1 0.5 0.1 0.5 0.5 0.9": "and should be: class",
    "0 0.5 0.5 0.2 0.2 0.5 0.5 2 0.4 0.6 1 0.6 0.4 0 0.5 0.5 1 0.5 0.6 1": "keypoints as kpt_shape in data.yaml says",
    "0 10 10 50 10 50 50": "has 50: should be fractions",
    "0 0.5 0.5 0.2 0.2 0.5 0.5 2 0.4 0.6 2": "has 2, and corners .* data.yaml should say so, as kpt_shape",
    "2 0.5 0.5 0.2 0.2": r"has class 2, and there are 0 to 1 \(cat, dog\): see data.classes",
    "-1 0.5 0.5 0.2 0.2": "has class -1, and there are 0 to 1",
    "0.5 0.5 0.5 0.2 0.2": "has class 0.5, and there are 0 to 1",
    "0 20 10 8 8": "has 20: should be fractions of width and height, not pixels",
}


@pytest.mark.parametrize("line", BAD_LINES)
def test_a_line_that_is_wrong_is_named(yolo, root, line):
    label(root, "10", f"0 0.5 0.5 0.2 0.2\n{line}\n")
    with pytest.raises(ValueError, match=rf"labels/train/10.txt:2 .*{BAD_LINES[line]}"):
        _ = yolo().splits


BROKEN = {
    "no names": (
        lambda r: (r / "data.yaml").unlink(),
        r"there is no .*data.yaml and no .*classes.txt: type the names, as ",
    ),
    "no YAML": (lambda r: (r / "data.yaml").write_text("names: [a"), "data.yaml has no names that can be read"),
    "other YAML": (lambda r: (r / "data.yaml").write_text("nc: 2"), "data.yaml has no names that can be read"),
    "names with a gap": (
        lambda r: [(r / "data.yaml").unlink(), (r / "classes.txt").write_text("cat\n\ndog\n")],
        "classes.txt:2 is empty, and would be the name of a class: write or delete it",
    ),
    "names of two kinds": (
        lambda r: (r / "data.yaml").write_text("names: {0: a, c: b}"),
        "data.yaml has names: .*0: cat, 1:",
    ),
    "names with gaps": (
        lambda r: (r / "data.yaml").write_text("names: {0: a, 2: b}"),
        "data.yaml has names: .*0: cat, 1:",
    ),
    "a binary file": (lambda r: (r / "labels/train/1.txt").write_bytes(b"\xff\xfe"), "1.txt is no text in UTF-8"),
    "other names": (
        lambda r: [file.rename(file.with_stem(f"{file.stem}_")) for file in r.glob("labels/train/*")],
        "labels/train has no text file for any image in .*images/train, as 1.txt",
    ),
    "no objects": (
        lambda r: [label(r, name, "") for _, name in LINES],
        "the 3 training images have no objects",
    ),
    "no labels": (
        lambda r: (r / "labels").rename(r / "label"),
        r"expected are the folders .*images/train and .*labels/train; .*\"data.labels='labels/\{split\}'\"",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_wrong_is_named(yolo, root, what):
    damage, message = BROKEN[what]
    damage(root)
    with pytest.raises(ValueError, match=message):
        _ = yolo().splits


def test_a_validation_split_without_label_files_is_left_out_and_told(yolo, root):
    for file in (root / "labels/val").iterdir():
        file.unlink()
    data = yolo()
    assert list(data.splits) == ["train"]
    assert data.skipped_files["validation split without labelled images, left out"] == [str(root / "images/val")]


def test_a_validation_split_with_labels_of_other_names_is_refused(yolo, root):
    for file in (root / "labels/val").iterdir():
        file.rename(file.with_stem(f"{file.stem}_"))
    with pytest.raises(ValueError, match="labels/val has no text file for any image in .*images/val, as 3.txt: rename"):
        _ = yolo().splits
