import numpy as np
import pytest
import torch
from PIL import Image

from refnets.config.build import build
from refnets.train import train


@pytest.fixture
def root(tmp_path):
    """train/ and test/ of the classes cat and dog, four and two grey, RGB or other images of 6 x 5 pixels each."""
    rng = np.random.default_rng(0)
    for split, count in (("train", 4), ("test", 2)):
        for name in ("cat", "dog"):
            folder = tmp_path / "pets" / split / name
            folder.mkdir(parents=True)
            for number in range(count):
                pixels = rng.integers(256, size=(5, 6, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / f"{number}.png")
    return tmp_path / "pets"


@pytest.fixture
def folder(job, root):
    return lambda *overrides: build("data", job("data=image_folder", f"data.root={root}", *overrides)[0].data)


def test_splits_are_the_folders(folder):
    splits = folder().splits
    assert {name: tuple(split.x.shape) for name, split in splits.items()} == {
        "train": (8, 3, 5, 6),
        "test": (4, 3, 5, 6),
    }
    assert splits["train"].y.tolist() == [0] * 4 + [1] * 4


def test_pixels_are_bytes_red_green_blue(folder, root):
    pixels = np.array(Image.open(root / "train" / "cat" / "0.png"))  # (height, width, 3)
    assert np.array_equal(folder().splits["train"].x[0].permute(1, 2, 0).numpy(), pixels)


def test_classes_are_named_after_their_folders(folder):
    data = folder()
    assert data.target.names == ("cat", "dog")
    assert data.input_shape == (3, 5, 6)


def test_a_class_may_begin_with_underscores(folder, root):
    for split in ("train", "test"):
        (root / split / "dog").rename(root / split / "__background__")
        (root / split / "__MACOSX").mkdir()
    assert folder().target.names == ("__background__", "cat")


def test_a_folder_val_is_the_validation_split(folder, root):
    (root / "test").rename(root / "val")
    assert list(folder().splits) == ["train", "validation"]


def test_folders_of_splits_may_have_capitals(folder, root):
    for name in ("train", "test"):
        (root / name).rename(root / f"{name.capitalize()}ing")
    assert list(folder().splits) == ["train", "test"]


def test_two_folders_of_one_split_are_refused(folder, root):
    (root / "test").rename(root / "val")
    (root / "valid").mkdir()
    with pytest.raises(ValueError, match="/val and .*/valid are both the validation split: rename one of them"):
        _ = folder().splits


def test_what_is_no_image_of_a_class_is_counted(folder, root):
    (root / "train" / "cat" / "notes.txt").touch()
    (root / "train" / "dog" / "lost").symlink_to("nowhere")
    (root / "unlabelled").mkdir()
    data = folder()
    assert len(data.splits["train"].x) == 8
    assert data.skipped == {
        "folder that is no split, left out": 1,
        "file that is no image by its name": 1,
        "folder or broken link among the images, passed over": 1,
    }


def test_images_in_folders_inside_of_a_class_are_counted(folder, root):
    more = root / "train" / "cat" / "more"
    more.mkdir()
    for name in ("2.png", "3.png"):
        (root / "train" / "cat" / name).rename(more / name)
    data = folder()
    assert data.splits["train"].y.tolist() == [0] * 2 + [1] * 4
    assert data.skipped == {"image in a folder inside of a class folder, left out": 2}


def test_all_damaged_images_of_a_split_are_named_at_once(folder, root):
    _write(root, "train/cat/0.png"), _write(root, "train/dog/3.png")
    with pytest.raises(ValueError, match="cat/0.png cannot be read .* Unreadable are also .*/train/dog/3.png$"):
        _ = folder().splits


def test_one_folder_is_split_by_fractions(folder, root):
    splits = folder(f"data.root={root / 'train'}", "data.test=0.25", "data.validation=0.5").splits
    assert {name: len(split.x) for name, split in splits.items()} == {"train": 3, "validation": 3, "test": 2}
    together = torch.cat([split.x for split in splits.values()])
    assert torch.equal(together.unique(dim=0), folder().splits["train"].x.unique(dim=0))


def test_the_seed_says_which_images_are_held_out(folder, root):
    single = f"data.root={root / 'train'}", "data.test=0.5"
    first, same, other = (folder(*single, f"data.seed={seed}").splits["test"].x for seed in (0, 0, 3))
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_size_scales_and_crops_around_the_centre(folder, root):
    Image.fromarray(np.full((20, 40, 3), 90, dtype=np.uint8)).save(root / "train" / "cat" / "0.png")
    x = folder("data.size=4").splits["train"].x
    assert x.shape == (8, 3, 4, 4)
    assert (x[0] == 90).all()


def test_size_crops_what_is_too_wide_and_does_not_squash_it(folder, root):
    pixels = np.random.default_rng(1).integers(256, size=(4, 10, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(root / "train/cat/0.png")
    x = folder("data.size=4").splits["train"].x[0]
    assert np.array_equal(x.permute(1, 2, 0).numpy(), pixels[:, 3:7])


def test_a_network_is_trained_on_them(job, root):
    run = train(*job("data=image_folder", f"data.root={root}", "steps=2", "eval_every=1", "logger=none"))
    assert run.model()(run.data().splits["test"].x).shape == (4, 2)


def _write(root, name, content=b"no image"):
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(content)


def _cut(root):
    file = root / "test" / "dog" / "1.png"
    file.write_bytes(file.read_bytes()[:60])


def _empty(root):
    for file in (root / "train" / "dog").iterdir():
        file.unlink()


def _resize(root):
    file = root / "test" / "dog" / "1.png"
    Image.open(file).resize((7, 5)).save(file)


def _deep(root):
    Image.fromarray(np.zeros((5, 6), dtype=np.uint16)).save(root / "train" / "cat" / "0.png")


LAYOUT = r"expected are .*/train/CLASS/IMAGE and .*/test/CLASS/IMAGE, or .*/CLASS/IMAGE and data.test=0.2"
BROKEN = {
    "corrupt": (lambda root: _write(root, "train/cat/2.png"), r"train/cat/2.png cannot be read as an image"),
    "truncated": (_cut, r"test/dog/1.png cannot be read as an image"),
    "another size": (_resize, r"test/dog/1.png has 7 x 5 pixels, .*cat/0.png 6 x 5; .* type data.size=5"),
    "16 bits": (_deep, r"train/cat/0.png has more than 8 bits a channel"),
    "a class without images": (_empty, rf"train/dog itself has no images .*; {LAYOUT}"),
    "a class that is not trained": (
        lambda root: (root / "train" / "cat").rename(root / "train" / "cats"),
        r"test/cat: .*train has no such class \(cats, dog\)",
    ),
    "train missing": (lambda root: (root / "train").rename(root / "learn"), r"pets has .*/test and no .*pets/train"),
    "images without class": (
        lambda root: _write(root, "train/3.png"),
        rf"train/3.png is in no class; {LAYOUT}; images of unknown class",
    ),
    "nothing": (lambda root: root.rename(root.with_name("moved")), rf"pets: there is no such folder; {LAYOUT}"),
    "one class": (
        lambda root: (root / "train" / "dog").rename(root / "dog"),
        rf"train has 1 class folders, and 2 are the least; {LAYOUT}",
    ),
    "a split without classes": (
        lambda root: [(root / "test").rename(root / "tests"), (root / "test").mkdir()],
        r"test has no class folders: delete it, or put some there",
    ),
    "one folder too many": (
        lambda root: [(root / name).rename(root / "archive" / name) for name in _inside(root)],
        rf"archive itself has no images .*; {LAYOUT}",
    ),
}


def _inside(root):
    names = [each.name for each in root.iterdir()]
    (root / "archive").mkdir()
    return names


@pytest.mark.parametrize("what", BROKEN)
def test_a_folder_that_is_wrong_is_named_and_nothing_is_trained(job, root, what):
    damage, message = BROKEN[what]
    damage(root)
    cfg, directory = job("data=image_folder", f"data.root={root}", "logger=none")
    with pytest.raises(ValueError, match=message):
        train(cfg, directory)
    assert not directory.exists()


@pytest.mark.parametrize("option", ["data.test=0.2", "data.validation=0.2"])
def test_a_fraction_beside_a_folder_is_refused(folder, root, option):
    (root / "test").rename(root / option.removeprefix("data.").partition("=")[0])
    with pytest.raises(ValueError, match=rf"{option}, but there is .*: type data\.\w+=0"):
        _ = folder(option).splits


def test_a_split_without_examples_is_refused(folder, root):
    with pytest.raises(ValueError, match="data.test=0.01 of 8 training examples leaves a split without"):
        _ = folder(f"data.root={root / 'train'}", "data.test=0.01").splits


def test_a_network_that_gives_maps_is_refused(job, pets):
    with pytest.raises(ValueError, match="gives maps, and the data have one class for each example: type model=resnet"):
        train(*job("data=image_folder", f"data.root={pets}", "model=unet", "logger=none"))
