import numpy as np
import pytest
import torch
from PIL import Image

from refnets.config.check import check
from refnets.data.box_files import turned
from refnets.train import train
from refnets.train_all import train_all

OBJECT = "<object><name>{}</name><bndbox><xmin>{}</xmin><ymin>{}</ymin><xmax>{}</xmax><ymax>{}</ymax></bndbox></object>"
SIZE = "<size><width>{}</width><height>{}</height><depth>3</depth></size>"
BOXES = {  # of images of 40 x 20 pixels
    "1": [("dog", 10, 5, 20, 15), ("cat", 0, 0, 40, 20)],
    "2": [("dog", 4, 2, 8, 4)],
    "3": [],
    "10": [("cat", 20, 10, 30, 20)],
}


def annotate(root, name, boxes, size=(40, 20), filename=None):
    inside = f"<filename>{filename or name + '.jpg'}</filename>{SIZE.format(*size)}"
    inside += "".join(OBJECT.format(*box) for box in boxes)
    (root / "Annotations" / f"{name}.xml").write_text(f"<annotation>{inside}</annotation>")


def picture(root, name, size=(40, 20), **options):
    pixels = np.random.default_rng(int(name)).integers(256, size=(size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(root / "JPEGImages" / f"{name}.jpg", **options)


def listed(root, **lists):
    for name, members in lists.items():
        (root / "ImageSets/Main" / f"{name}.txt").write_text("".join(f"{each}\n" for each in members))


@pytest.fixture
def root(tmp_path):
    """Images 1, 2 and 3 for training and 10 for the test."""
    root = tmp_path / "pets"
    for folder in ("JPEGImages", "Annotations", "ImageSets/Main"):
        (root / folder).mkdir(parents=True)
    for name, boxes in BOXES.items():
        picture(root, name)
        annotate(root, name, boxes)
    listed(root, train=["1", "2", "3"], test=["10"])
    return root


@pytest.fixture
def voc(dataset, root):
    return lambda *overrides: dataset("voc", f"data.root={root}", *overrides)


def rows(data, index=0, split="train"):
    y = data.splits[split].y[index]
    return [[round(value, 5) for value in row] for row in y[y[:, 0] >= 0].tolist()]


def test_images_and_xml_files_may_lie_in_folders_of_splits(voc, root):
    for split, names in (("train", ("1", "2", "3")), ("valid", ("10",))):
        (root / split).mkdir()
        for name in names:
            (root / "JPEGImages" / f"{name}.jpg").rename(root / split / f"{name}.jpg")
            (root / "Annotations" / f"{name}.xml").rename(root / split / f"{name}.xml")
    data = voc("data.images='{split}'", "data.annotations='{split}'")
    assert {name: len(split.x) for name, split in data.splits.items()} == {"train": 3, "validation": 1}
    assert data.skipped == {}


def test_images_and_xml_files_may_lie_in_sub_folders(voc, root):
    for file in root.glob("*/2.*"):
        (file.parent / "dogs").mkdir()
        file.rename(file.parent / f"dogs/1{file.suffix}")
    listed(root, train=["1", "dogs/1.jpg", "3"])
    assert rows(voc(), 1) == [[1, 0.1, 0.1, 0.2, 0.2]]


def test_other_folders_are_typed(voc, root):
    (root / "JPEGImages").rename(root / "images")
    (root / "Annotations").rename(root / "xmls")
    assert rows(voc("data.images=images", "data.annotations=xmls"), 1) == [[1, 0.1, 0.1, 0.2, 0.2]]


def test_lists_are_for_folders_without_splits(voc):
    with pytest.raises(ValueError, match="is for folders without {split}; type data.lists=null"):
        _ = voc("data.images='{split}'", "data.annotations='{split}'", "data.lists={train:train}").splits


def test_images_without_an_xml_file_are_left_out_and_counted(voc, root):
    (root / "Annotations/2.xml").unlink()
    data = voc()
    assert len(data.splits["train"].x) == 2
    assert data.skipped == {"image without an XML file, left out": 1}


def test_boxes_are_fractions_and_classes_numbers_by_name(voc):
    data = voc()
    x, y = data.splits["train"]
    assert (x.dtype, tuple(x.shape), data.input_shape) == (torch.uint8, (3, 3, 20, 40), (3, 20, 40))
    assert (y.dtype, tuple(y.shape)) == (torch.float32, (3, 2, 5))
    assert data.target.names == ("cat", "dog")
    assert rows(data) == [[1, 0.25, 0.25, 0.5, 0.75], [0, 0, 0, 1, 1]]
    assert y[1].tolist()[1] == [-1, 0, 0, 0, 0]
    assert data.skipped == {}


def test_an_image_without_objects_is_kept(voc):
    assert (voc().splits["train"].y[2, :, 0] == -1).all()


def test_splits_are_the_lists(voc, root):
    listed(root, val=["2"], train=["1", "3"])
    assert {name: len(split.x) for name, split in voc().splits.items()} == {"train": 2, "validation": 1, "test": 1}


def test_other_lists_are_chosen(voc, root):
    listed(root, trainval=["2", "10"])
    data = voc("data.lists={train:trainval}")
    assert {name: len(split.x) for name, split in data.splits.items()} == {"train": 2}
    assert data.skipped == {"image in none of the lists, left out": 2}
    assert [name[-5:] for name in data.skipped_files["image in none of the lists, left out"]] == ["1.jpg", "3.jpg"]


def test_without_lists_the_last_images_are_held_out(voc, root):
    for file in (root / "ImageSets/Main").iterdir():
        file.unlink()
    (root / "ImageSets/Main").rmdir()
    data = voc("data.test=0.25", "data.validation=0.34")
    assert {name: len(split.x) for name, split in data.splits.items()} == {"train": 2, "validation": 1, "test": 1}
    assert rows(data, split="test") == [[0, 0.5, 0.5, 0.75, 1]]


def test_lines_of_a_list_may_have_an_ending_or_a_sign(voc, root):
    listed(root, train=["1.jpg", "2  1", "3 -1", ""])
    assert len(voc().splits["train"].x) == 3


def test_classes_are_those_given_in_their_order(voc):
    data = voc("data.classes=[dog,bird,cat]")
    assert data.target.names == ("dog", "bird", "cat")
    assert [row[0] for row in rows(data)] == [0, 2]


def test_boxes_are_of_the_fitted_image(voc):
    data = voc("data.size=[40,40]")
    assert data.splits["train"].x.shape == (3, 3, 40, 40)
    assert rows(data)[0] == [1, 0.25, 0.125, 0.5, 0.375]


@pytest.mark.parametrize("size", [(0, 0), (0, 20), ("", "")])
def test_a_size_of_0_is_that_of_the_image(voc, root, size):
    annotate(root, "1", BOXES["1"], size)
    data = voc()
    assert rows(data)[0] == [1, 0.25, 0.25, 0.5, 0.75]
    assert data.skipped == {"label file with a width or height of 0; the image's own were taken": 1}


def test_another_size_than_that_of_the_image_is_told(voc, root):
    annotate(root, "1", BOXES["1"], (80, 40))
    data = voc()
    assert rows(data)[0] == [1, 0.25, 0.25, 0.5, 0.75]
    assert data.skipped == {"label file with another width and height; boxes taken as pixels of the image": 1}


@pytest.mark.parametrize("size", [("40.0", "20.0"), (" 40 ", "20.")])
def test_a_size_may_be_written_with_a_point(voc, root, size):
    annotate(root, "1", BOXES["1"], size)
    data = voc()
    assert (rows(data)[0], data.skipped) == ([1, 0.25, 0.25, 0.5, 0.75], {})


@pytest.mark.parametrize("name", ["1.jpg", "1", "C:\\pets\\1.jpg", "/home/anne/pets/1.png"])
def test_the_name_in_the_file_may_have_folders(voc, root, name):
    annotate(root, "1", BOXES["1"], filename=name)
    data = voc()
    assert (len(rows(data)), data.skipped) == (2, {})


def test_another_name_in_the_file_is_told(voc, root):
    annotate(root, "1", BOXES["1"], filename="4711.jpg")
    data = voc()
    assert len(rows(data)) == 2
    assert data.skipped == {"XML file that says to be of another image; taken for that of its name": 1}


def test_boxes_without_area_or_outside_are_left_out_and_told(voc, root):
    boxes = [
        ("dog", 5, 5, 5, 5),
        ("dog", 7, 9, 9, 9),
        ("dog", 41, 5, 50, 9),
        ("dog", 40, 5, 50, 9),
        ("cat", 1, 1, 9, 9),
    ]
    annotate(root, "2", boxes)
    data = voc()
    assert [row[0] for row in rows(data, 1)] == [0]
    assert data.skipped == {"box without area, left out": 2, "box outside of its image, left out": 2}
    assert data.skipped_files["box without area, left out"] == [str(root / "Annotations/2.xml")] * 2


def test_corners_in_another_order_are_put_in_order_and_told(voc, root):
    annotate(root, "2", [("dog", 8, 2, 4, 4), ("dog", 4, 2, 8, 4)])
    data = voc()
    assert rows(data, 1) == [[1, 0.1, 0.1, 0.2, 0.2]] * 2
    assert data.skipped == {"box whose corners are exchanged; taken in order": 1}


def test_a_list_for_the_test_of_images_without_annotations_is_left_out_and_told(voc, root):
    (root / "Annotations/10.xml").unlink()
    data = voc()
    assert list(data.splits) == ["train"]
    assert data.skipped == {
        "image without an XML file, left out": 1,
        "list of images of which none has a label, left out": 1,
    }


def test_boxes_partly_outside_are_cut_and_told(voc, root):
    annotate(root, "2", [("dog", -4, 10, 20, 25), ("dog", 4, 2, 40, 20)])
    data = voc()
    assert rows(data, 1)[0] == [1, 0, 0.5, 0.5, 1]
    assert data.skipped == {"box partly outside of its image, cut": 1}


def test_an_xml_file_without_image_is_told(voc, root):
    annotate(root, "99", [])
    data = voc()
    _ = data.splits
    assert data.skipped == {"XML file without an image, left out": 1}


def test_endings_may_be_in_capitals(voc, root):
    for file in root.glob("*/1.*"):
        file.rename(file.with_suffix(file.suffix.upper()))
    data = voc()
    assert len(rows(data)) == 2
    assert data.skipped == {}


def test_an_image_may_have_another_ending(voc, root):
    Image.open(root / "JPEGImages/1.jpg").save(root / "JPEGImages/1.png")
    (root / "JPEGImages/1.jpg").unlink()
    assert len(voc().splits["train"].x) == 3


def test_numbers_may_have_a_point_and_parts_are_no_objects(voc, root):
    file = root / "Annotations/2.xml"
    part = "<part><name>head</name><bndbox><xmin>1</xmin></bndbox></part></object>"
    file.write_text(file.read_text().replace(">4<", "> 4.0 <").replace("</object>", part))
    assert rows(voc(), 1) == [[1, 0.1, 0.1, 0.2, 0.2]]


BLOCK = 30, 4, 38, 10  # left, top, right, bottom of a white block in an image of 40 x 20 pixels


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("of_upright", [False, True])
def test_boxes_are_turned_upright_with_their_image(voc, root, orientation, of_upright):
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[BLOCK[1] : BLOCK[3], BLOCK[0] : BLOCK[2]] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(pixels).save(root / "JPEGImages/2.jpg", exif=exif, quality=100)
    box, size = BLOCK, (40, 20)
    if of_upright and orientation >= 5:  # the file gives a size that only the upright image has
        sides = turned(np.array([BLOCK]) / [40, 20, 40, 20], orientation)[0] * [20, 40, 20, 40]
        box, size = sides.round().astype(int).tolist(), (20, 40)
    annotate(root, "2", [("dog", *box)], size)
    data = voc("data.size=[80,80]")
    bright = data.splits["train"].x[1, 0] > 200
    rows_, columns = bright.any(1).nonzero()[:, 0], bright.any(0).nonzero()[:, 0]
    seen = [columns.min(), rows_.min(), columns.max() + 1, rows_.max() + 1]
    assert [80 * side for side in rows(data, 1)[0][1:]] == pytest.approx([int(each) for each in seen], abs=1.01)
    told = orientation > 1 and size == (40, 20)
    assert data.skipped == ({"image stored turned or mirrored; turned upright with its boxes": 1} if told else {})


def _edit(root, name, old, new):
    file = root / "Annotations" / f"{name}.xml"
    file.write_text(file.read_text().replace(old, new))


BOMB = '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><annotation>&c;</annotation>'
BROKEN = {
    "no XML": (lambda r: (r / "Annotations/2.xml").write_text("<annotation>"), "2.xml is no XML .*: make it anew"),
    "a bomb": (lambda r: (r / "Annotations/2.xml").write_text(BOMB), "2.xml has a DOCTYPE or is not UTF-8"),
    "UTF-16": (lambda r: (r / "Annotations/2.xml").write_text(BOMB, "utf-16"), "2.xml has a DOCTYPE or is not UTF-8"),
    "other XML": (
        lambda r: (r / "Annotations/2.xml").write_text("<html/>"),
        "2.xml is a <html>, and should be an <annot",
    ),
    "no number": (lambda r: _edit(r, "2", ">4<", ">four<"), "2.xml: the bndbox of object 1 has .*'xmin': 'four'"),
    "not finite": (lambda r: _edit(r, "2", ">4<", ">nan<"), "2.xml: the bndbox of object 1 has .*'xmin': 'nan'"),
    "no box": (lambda r: _edit(r, "2", "bndbox>", "polygon>"), "2.xml: the bndbox of object 1 has .*'xmin': ''"),
    "no name": (lambda r: _edit(r, "2", "<name>dog</name>", ""), "2.xml: object 1 has no name"),
    "no annotation of the list to train on": (
        lambda r: [(r / f"Annotations/{name}.xml").unlink() for name in "123"],
        "train.txt lists no image that has labels",
    ),
    "fractions": (
        lambda r: annotate(r, "2", [("dog", 0, 0.5, 1, 1)]),
        r"2.xml has boxes of fractions, as \[0.0, 0.5, ",
    ),
    "no annotations": (
        lambda r: [each.unlink() for each in r.glob("Annotations/*.xml")],
        r"Annotations has no XML file for any image in .*/JPEGImages, as 1\.xml",
    ),
    "no image": (lambda r: (r / "JPEGImages/2.jpg").unlink(), "train.txt lists 2, and there is no such image"),
    "damaged image": (lambda r: (r / "JPEGImages/2.jpg").write_bytes(b"1"), "2.jpg cannot be read as an image"),
    "an image in two splits": (
        lambda r: listed(r, test=["2"]),
        "2 is listed twice, in .*train.txt and in .*test.txt: delete one",
    ),
    "another size": (
        lambda r: picture(r, "2", (30, 20)),
        r"2.jpg has 30 x 20 pixels, .*1.jpg 40 x 20; .* data.size=\[20,40\]",
    ),
    "no train list": (
        lambda r: (r / "ImageSets/Main/train.txt").rename(r / "ImageSets/Main/all.txt"),
        r"Main has all, test: say which to train on, as data.lists=\{train:trainval\}",
    ),
    "no folder": (
        lambda r: (r / "Annotations").rename(r / "annotations"),
        "expected are the folders .*/JPEGImages and .*/Annotations; .* has ImageSets, .* data.annotations=annotations ",
    ),
    "no objects with area": (
        lambda r: [annotate(r, name, [("dog", 5, 5, 5, 9)]) for name in BOXES],
        "pets: the 3 training images have no objects",
    ),
    "no objects": (
        lambda r: [annotate(r, name, []) for name in BOXES],
        "pets: the 3 training images have no objects",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_wrong_is_named(voc, root, what):
    damage, message = BROKEN[what]
    damage(root)
    with pytest.raises(ValueError, match=message):
        _ = voc().splits


OPTIONS = {
    "data.classes=[dogs,cat]": r"1.xml: data.classes has no 'dog'; did you mean 'dogs'\? \(dogs, cat\)",
    "data.lists={train:trian}": r"data.lists has 'trian'; did you mean 'train'\?; .* has test, train",
    "data.lists={trian:train}": r"data.lists has 'trian'; did you mean 'train'\? \(train, validation, test\)",
    "data.test=0.5": "data.test=0.5, but there is a test split: type data.test=0",
}


@pytest.mark.parametrize("option", OPTIONS)
def test_a_wrong_option_is_named(voc, option):
    with pytest.raises(ValueError, match=OPTIONS[option]):
        _ = voc(option).splits


def test_lists_must_be_a_mapping_of_names(job):
    with pytest.raises(ValueError, match="data.lists=train: should be"):
        check(job("data=voc", "data.lists=train")[0])


def test_a_network_is_trained_on_them_and_what_was_left_out_is_kept_and_told(job, root, capsys):
    annotate(root, "2", [("dog", 5, 5, 5, 5)])
    options = "steps=1", "eval_every=1", "logger=none", "data.size=[64,64]"
    run = train(*job("experiment=shapes_yolo", "data=voc", f"data.root={root}", *options))
    assert run.result["skipped"] == {"box without area, left out": 1}
    assert capsys.readouterr().err.splitlines()[0] == "data: box without area, left out: 1"


def test_what_was_left_out_is_told_once_for_each_run(job, root, capsys):
    annotate(root, "2", [("dog", 5, 5, 5, 5)])
    options = "steps=1", "eval_every=1", "logger=none", "data.size=[64,64]"
    train_all([job("experiment=shapes_yolo", "data=voc", f"data.root={root}", *options, f"seed={i}") for i in (0, 1)])
    assert capsys.readouterr().err.count("box without area") == 2


def test_difficult_objects_count(voc, root):
    before = rows(voc(), 1)
    _edit(root, "2", "<bndbox>", "<difficult>1</difficult><bndbox>")
    assert rows(voc(), 1) == before
