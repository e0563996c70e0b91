import os
import zlib

import numpy as np
import pytest
from omegaconf import OmegaConf
from PIL import Image
from torchvision import datasets

from refnets.config.build import build
from refnets.config.composition import CONFIGS
from refnets.data import cifar10, mnist1d_generator
from refnets.data.files.fitting import fit
from refnets.data.files.image_files import open_image
from refnets.data.files.split_files import lines
from refnets.data.files.voc_xml import read_annotation

LAUGHS = "".join(f'<!ENTITY a{i + 1} "{f"&a{i};" * 10}">' for i in range(9))
XML = {
    "entities": (f'<!DOCTYPE x [<!ENTITY a0 "ha">{LAUGHS}]><annotation>&a9;</annotation>', "has a DOCTYPE"),
    "external entity": (
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><annotation><filename>&a;</filename></annotation>',
        "has a DOCTYPE",
    ),
    "external DTD": ('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><annotation/>', "has a DOCTYPE"),
    "unknown entity": ("<annotation>&a;</annotation>", "is no XML"),
    "encoding": ('<?xml version="1.0" encoding="rot13"?><annotation/>', "is no XML"),
    "numbers": (
        "<annotation><object><name>a</name><bndbox><xmin>1e999</xmin></bndbox></object></annotation>",
        "should have numbers",
    ),
    "root": ("<html/>", "should be an <annotation>"),
}


@pytest.mark.parametrize("name", XML)
def test_annotations(name, tmp_path):
    text, message = XML[name]
    (tmp_path / "a.xml").write_text(text)
    with pytest.raises(ValueError, match=message):
        read_annotation(tmp_path / "a.xml")


def test_an_annotation_in_another_encoding_hides_no_entities(tmp_path):
    (tmp_path / "a.xml").write_bytes(XML["entities"][0].encode("utf-16"))
    with pytest.raises(ValueError, match="is not UTF-8"):
        read_annotation(tmp_path / "a.xml")


def test_a_deep_annotation_has_no_objects_and_is_read(tmp_path):
    (tmp_path / "a.xml").write_text("<annotation>" + "<a>" * 50_000 + "</a>" * 50_000 + "</annotation>")
    assert read_annotation(tmp_path / "a.xml").names == []


def test_a_width_of_many_digits_is_none(tmp_path):
    (tmp_path / "a.xml").write_text(f"<annotation><size><width>{'9' * 5000}</width></size></annotation>")
    assert read_annotation(tmp_path / "a.xml").size == (0, 0)


def dataset(option, **values):
    return build("data", OmegaConf.merge(OmegaConf.load(CONFIGS / "data" / f"{option}.yaml"), values))


@pytest.fixture
def voc(tmp_path):
    """One image with one object, beside a picture that is not of the data."""
    for folder in ("JPEGImages", "Annotations", "ImageSets/Main"):
        (tmp_path / "voc" / folder).mkdir(parents=True)
    Image.new("RGB", (4, 4)).save(tmp_path / "voc/JPEGImages/1.png")
    Image.new("RGB", (4, 4)).save(tmp_path / "secret.png")
    box = "<bndbox><xmin>0</xmin><ymin>0</ymin><xmax>2</xmax><ymax>2</ymax></bndbox>"
    inside = f"<filename>../../secret.png</filename><object><name>cat</name>{box}</object>"
    (tmp_path / "voc/Annotations/1.xml").write_text(f"<annotation>{inside}</annotation>")
    (tmp_path / "voc/ImageSets/Main/train.txt").write_text("1\n")
    return tmp_path / "voc"


def test_a_list_does_not_lead_out_of_its_folder(voc):
    (voc / "ImageSets/Main/train.txt").write_text("../../secret\n")
    with pytest.raises(ValueError, match="lists ../../secret, and there is no such image"):
        _ = dataset("voc", root=str(voc)).splits


def test_an_annotation_is_of_the_image_with_its_name_wherever_it_points(voc):
    assert [labels.image for labels in dataset("voc", root=str(voc)).labelled["train"]] == [voc / "JPEGImages/1.png"]


def test_images_are_not_scaled_to_what_does_not_fit(voc):
    with pytest.raises(ValueError, match="data.size: 1 images of 1048576 x 1048576 pixels would take 3.3e.03 GB"):
        _ = dataset("voc", root=str(voc), size=[2**20, 2**20]).splits
    with pytest.raises(ValueError, match="data.size: an image of 1048576 x 1048576 pixels would take"):
        fit(Image.new("RGB", (1, 1)), (2**20, 2**20))


def test_class_images_are_not_scaled_to_what_does_not_fit(tmp_path):
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        Image.new("RGB", (4, 4)).save(tmp_path / "pets" / name / "1.png")
    with pytest.raises(ValueError, match="data.size: 2 images of 1048576 x 1048576 pixels would take"):
        _ = dataset("image_folder", root=str(tmp_path / "pets"), size=2**20).splits


NAMES = {
    "call": "names: !!python/object/apply:os.system [touch SENTINEL]",
    "alias": "a: &a [cat]\nnames: *a",
    "no names": "names: {cat: 0}",
}


@pytest.fixture
def yolo(tmp_path):
    for folder in ("images/train", "labels/train"):
        (tmp_path / "yolo" / folder).mkdir(parents=True)
    Image.new("RGB", (4, 4)).save(tmp_path / "yolo/images/train/1.png")
    (tmp_path / "yolo/labels/train/1.txt").write_text("0 0.5 0.5 1 1\n")
    return tmp_path / "yolo"


@pytest.mark.parametrize("name", NAMES)
def test_names_of_classes(name, yolo, sentinel):
    (yolo / "data.yaml").write_text(NAMES[name].replace("SENTINEL", str(sentinel)))
    with pytest.raises(ValueError, match="data.yaml has n"):
        _ = dataset("yolo_labels", root=str(yolo)).names


@pytest.mark.parametrize("path", ["../secret.txt", "{}/secret.txt", "a/../../secret.txt"])
def test_lists_outside_of_the_folder_are_not_read(yolo, path):
    (yolo.parent / "secret.txt").write_text("my password")
    (yolo / "data.yaml").write_text(f"val: {path.format(yolo.parent)}")
    folders = {"images": "images/train", "labels": "labels/train"}
    data = dataset("yolo_labels", root=str(yolo), classes=["cat"], **folders)
    assert list(data.labelled) == ["train"]
    assert data.skipped == {"list that data.yaml names and that is not there, passed over": 1}


@pytest.mark.parametrize("line", ["../../secret.png", "/", "..", "\\", "./../", "a" * 10_000])
def test_what_lists_name_outside_of_the_folder_is_refused(yolo, line):
    (yolo / "data.yaml").write_text("val: val.txt")
    (yolo / "val.txt").write_text(line)
    folders = {"images": "images/train", "labels": "labels/train"}
    with pytest.raises(ValueError, match="val.txt lists .*, and there is no such image"):
        _ = dataset("yolo_labels", root=str(yolo), classes=["cat"], **folders).labelled


def test_names_of_classes_are_not_resolved(yolo):
    (yolo / "data.yaml").write_text("names: ['${oc.env:HOME}']\ndownload: import os")
    assert dataset("yolo_labels", root=str(yolo)).names == ["${oc.env:HOME}"]


KEYPOINTS = [
    "!!python/object/apply:os.system [touch SENTINEL]",
    "['${oc.env:POINTS}', 3]",
    "[9e999, 3]",
    f"[{'9' * 5000}, 3]",
]


@pytest.mark.parametrize("shape", KEYPOINTS)
def test_numbers_of_keypoints(shape, yolo, sentinel, monkeypatch):
    monkeypatch.setenv("POINTS", "17")
    (yolo / "data.yaml").write_text(f"names: [cat]\nkpt_shape: {shape}".replace("SENTINEL", str(sentinel)))
    with pytest.raises(ValueError, match="data.yaml has no kpt_shape"):
        _ = dataset("yolo_labels", root=str(yolo)).keypoints


@pytest.mark.parametrize("line", ["0 1e999 0 0 0", "0 nan 0 0 0", "1" * 5000 + " 0 0 0 0", "0 0 0", "\0 0 0 0 0"])
def test_lines_of_labels(line, yolo):
    (yolo / "labels/train/1.txt").write_text(line)
    with pytest.raises(ValueError, match="labels/train/1.txt:1 "):
        _ = dataset("yolo_labels", root=str(yolo), classes=["cat"]).splits


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_text_without_an_end_is_not_read(make, tmp_path):
    make(tmp_path / "train.txt")
    with pytest.raises(ValueError, match="train.txt is no file"):
        lines(tmp_path / "train.txt")


@pytest.mark.parametrize("target", ["..", "/"])
def test_links_to_folders_are_not_followed(target, yolo):
    (yolo / "images/train/more").symlink_to(target)
    (yolo / "labels/train/more").symlink_to(target)
    data = dataset("yolo_labels", root=str(yolo), classes=["cat"])
    assert [labels.image for labels in data.labelled["train"]] == [yolo / "images/train/1.png"]


def chunk(kind, content):
    return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")


PNG = b"\x89PNG\r\n\x1a\n"
SIZE = (60_000).to_bytes(4, "big")
IMAGES = {
    "bomb": PNG + chunk(b"IHDR", SIZE + SIZE + bytes([8, 2, 0, 0, 0])) + chunk(b"IDAT", zlib.compress(b"")),
    "program": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 4 4\n%%EndComments\n(SENTINEL) (w) file closefile\n",
    "part": PNG + chunk(b"IHDR", bytes(8)),
    "array": b"\x93NUMPY\x01\x00",
}


@pytest.mark.parametrize("name", IMAGES)
def test_images(name, tmp_path, sentinel):
    (tmp_path / "a.png").write_bytes(IMAGES[name].replace(b"SENTINEL", str(sentinel).encode()))
    said = "is too large" if name == "bomb" else "cannot be read as an image"
    with pytest.raises(ValueError, match=f"a.png {said}"):
        open_image(tmp_path / "a.png")


def test_pickles_of_cifar10_are_read_only_when_they_are_the_official_ones(tmp_path, pickled, monkeypatch):
    official = datasets.CIFAR10
    folder = tmp_path / official.base_folder
    folder.mkdir()
    for name, _ in (*official.train_list, *official.test_list, (official.meta["filename"], "")):
        (folder / name).write_bytes(pickled)
    monkeypatch.setattr(official, "download", lambda *_: (_ for _ in ()).throw(OSError("no network")))
    with pytest.raises(OSError, match="these files of CIFAR-10 are missing or damaged: data_batch_1"):
        cifar10.load(str(tmp_path))


def test_the_kept_mnist1d_is_not_unpickled(payload, job, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def read():
        mnist1d_generator.generate.cache_clear()
        return build("data", job("data.num_samples=100")[0].data).splits["train"].x.shape

    made = read()
    (kept,) = tmp_path.glob("data/mnist1d/*.npz")
    np.savez(kept, **dict.fromkeys(mnist1d_generator.ARRAYS, np.array([payload], dtype=object)))
    assert read() == made
