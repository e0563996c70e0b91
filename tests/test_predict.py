import csv
import json
import re

import numpy as np
import pytest
from PIL import Image

from refnets import predict as predicting
from refnets.inputs import images, run_on_images
from refnets.train import train

TINY = (
    "trainer=smoke",
    "steps=1",
    "eval_every=1",
    "data.num_train=4",
    "data.num_test=4",
    "data.batch_size=4",
    "logger=none",
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """trained("shapes_unet", ...): the path of a run of one step."""
    from refnets.config.jobs import jobs

    def make(experiment, *overrides):
        outputs = tmp_path_factory.mktemp("outputs")
        (job,) = jobs([f"experiment={experiment}", *TINY, *overrides, f"outputs={outputs}"])
        return train(*job).path

    return make


@pytest.fixture(scope="module")
def unet(trained):
    return trained("shapes_unet", "model.width=2", "model.depth=1")


@pytest.fixture
def picture(tmp_path):
    """picture("a.png", width, height): an image file."""

    def make(name, width=70, height=50):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(0).integers(256, size=(height, width, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path)
        return path

    return make


def predict(path, inputs, folder, **options):
    return predicting.predict(run_on_images(path), images(inputs), folder, **options)


def rows(folder):
    with (folder / "predictions.csv").open() as file:
        return list(csv.DictReader(file))


def test_a_mask_has_the_size_of_its_image_and_numbers_of_classes(unet, picture, tmp_path):
    assert predict(unet, [picture("a.png")], tmp_path / "out")[:2] == (1, [])
    mask = Image.open(tmp_path / "out" / "a.png.mask.png")
    assert mask.size == (70, 50)
    assert np.array(mask).max() < 4
    (row,) = rows(tmp_path / "out")
    shares = [float(row[name]) for name in ("background", "disc", "square", "triangle")]
    assert shares == pytest.approx(np.bincount(np.array(mask).flatten(), minlength=4) / (70 * 50))


def test_overlays_have_the_size_of_their_image(unet, picture, tmp_path):
    predict(unet, [picture("a.png")], tmp_path / "out")
    assert Image.open(tmp_path / "out" / "a.png.overlay.png").size == (70, 50)


def test_boxes_are_in_pixels_of_the_image(trained, picture, tmp_path):
    run = trained("shapes_yolo")
    predict(run, [picture("a.png", 300, 100)], tmp_path / "out", least_score=0)
    found = rows(tmp_path / "out")
    right, bottom = (max(float(row[side]) for row in found) for side in ("right", "bottom"))
    assert 100 < right <= 300
    assert bottom <= 100
    said = json.loads((tmp_path / "out" / "predictions.json").read_text())
    assert [len(each) for each in said.values()] == [len(found)]


def test_a_table_of_boxes_has_its_columns_where_nothing_is_found(trained, picture, tmp_path):
    predict(trained("shapes_yolo"), [picture("a.png")], tmp_path / "out", least_score=1e9)
    assert (tmp_path / "out" / "predictions.csv").read_text() == "image,class,score,left,top,right,bottom\n"


def test_the_classes_of_an_image_have_probabilities(tmp_path, picture):
    from refnets.config.jobs import jobs

    for name in ("class", "image"):
        for split in ("train", "test"):
            (tmp_path / "pets" / split / name).mkdir(parents=True)
            for number in range(2):
                picture(f"pets/{split}/{name}/{number}.png", 20, 20)
    recipe = "experiment=mnist1d_mlp", "data=image_folder", f"data.root={tmp_path / 'pets'}", "model.width=4"
    (job,) = jobs([*recipe, "trainer=smoke", "steps=1", "eval_every=1", "logger=none", f"outputs={tmp_path}"])
    predict(train(*job).path, [picture("a.png")], tmp_path / "out")
    (row,) = rows(tmp_path / "out")
    assert row["image"].endswith("a.png")
    probabilities = {name: float(row[f"class {name}"]) for name in ("class", "image")}
    assert sum(probabilities.values()) == pytest.approx(1)
    assert probabilities[row["class"]] >= 0.5


def test_files_that_cannot_be_read_are_named_and_do_not_stop_the_rest(unet, picture, tmp_path):
    (tmp_path / "b.png").write_text("no image")
    done, refused, _ = predict(unet, [tmp_path / "b.png", picture("a.png"), tmp_path / "c.png"], tmp_path / "out")
    assert done == 1
    assert [str(tmp_path / name) in reason for name, reason in zip(("b.png", "c.png"), refused, strict=True)] == [
        True
    ] * 2


def test_where_nothing_can_be_written_nothing_is_computed(unet, picture, tmp_path, monkeypatch):
    def forbidden(**_):
        raise PermissionError(13, "not writable")

    monkeypatch.setattr(predicting, "TemporaryFile", forbidden)
    monkeypatch.setattr(predicting, "read_image", lambda _: pytest.fail("an image was read"))
    with pytest.raises(PermissionError, match="not writable.*out"):
        predict(unet, [picture("a.png")], tmp_path / "out")


def test_a_command_that_could_read_nothing_leaves_the_tables_of_another(unet, picture, tmp_path):
    predict(unet, [picture("a.png")], tmp_path / "out")
    predict(unet, [tmp_path / "typo.png"], tmp_path / "out")
    assert len(rows(tmp_path / "out")) == 1


def test_the_command_names_what_it_cannot_read_and_exits_with_1(unet, picture, tmp_path, command):
    (tmp_path / "b.png").write_text("no image")
    words = "predict.py", str(unet), str(picture("a.png")), str(tmp_path / "b.png"), "--output", str(tmp_path / "out")
    done = command(*words)
    assert done.returncode == 1
    assert re.fullmatch(rf"error: {tmp_path}/b.png cannot be read as an image .*\n", done.stderr)
    assert re.fullmatch(rf"1 of 2 images, \S+ per second: {tmp_path}/out\n", done.stdout)
    assert command(*words[:3], *words[4:]).returncode == 0


@pytest.mark.parametrize(
    ("overrides", "size"),
    [
        (("model=deconvnet", "model.width=1", "model.bottleneck=2"), (70, 50)),  # sides are to be multiples of 32
        (("model.width=1", "model.depth=2", "model.padding=false"), (40, 50)),  # fewer pixels than its border
        (("model=hourglass", "model.width=4"), (35, 50)),
        (("model=backbone_unet", "model@model.encoder=resnet_cifar", "model.width=2"), (35, 51)),
    ],
)
def test_masks_are_predicted_of_images_of_any_size(trained, picture, tmp_path, overrides, size):
    run = trained("shapes_unet", *overrides)
    assert predict(run, [picture("a.png", *size)], tmp_path / "out")[:2] == (1, [])
    assert Image.open(tmp_path / "out" / "a.png.mask.png").size == size


def test_an_image_for_which_the_memory_is_too_small_does_not_stop_the_rest(unet, picture, tmp_path, monkeypatch):
    opened, files = Image.open, [picture("a.png"), picture("b.png")]

    def limited(file, **how):
        if file.name == "a.png":
            raise MemoryError
        return opened(file, **how)

    monkeypatch.setattr(Image, "open", limited)
    done, refused, _ = predict(unet, files, tmp_path / "out")
    assert (done, refused) == (1, [f"{files[0]}: MemoryError"])


def test_what_was_done_before_ctrl_c_is_in_the_tables(unet, picture, tmp_path, monkeypatch):
    read = predicting.read_image

    def interrupted(file):
        if file.name == "b.png":
            raise KeyboardInterrupt
        return read(file)

    monkeypatch.setattr(predicting, "read_image", interrupted)
    with pytest.raises(KeyboardInterrupt):
        predict(unet, [picture("a.png"), picture("b.png")], tmp_path / "out")
    assert [row["image"] for row in rows(tmp_path / "out")] == [str(tmp_path / "a.png")]
