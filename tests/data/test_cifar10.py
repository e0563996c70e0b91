import hashlib
import pickle
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import torch
from torchvision.datasets import CIFAR10 as OFFICIAL

from refnets.config.build import build
from refnets.data.batches import channel_statistics
from refnets.data.cifar10 import load
from refnets.runs import Run
from refnets.train import train

DOWNLOADED = Path(__file__).parents[2] / "data"
NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_, **__):
        raise URLError("no network")

    monkeypatch.setattr("torchvision.datasets.utils.urllib.request.urlopen", refuse)
    load.cache_clear()


@pytest.fixture
def downloads(tmp_path, monkeypatch):
    """A folder with files as the official ones, of 40 images each: every class four times."""
    folder = tmp_path / "data"
    (folder / OFFICIAL.base_folder).mkdir(parents=True)
    rng = np.random.default_rng(0)

    def write(name, content):
        written = pickle.dumps(content)
        (folder / OFFICIAL.base_folder / name).write_bytes(written)
        return [name, hashlib.md5(written).hexdigest()]

    def batch(name):
        return write(name, {"data": rng.integers(256, size=(40, 3072), dtype=np.uint8), "labels": [*range(10)] * 4})

    monkeypatch.setattr(OFFICIAL, "train_list", [batch(f"data_batch_{number}") for number in range(1, 6)])
    monkeypatch.setattr(OFFICIAL, "test_list", [batch("test_batch")])
    meta = write("batches.meta", {"label_names": NAMES})
    monkeypatch.setattr(OFFICIAL, "meta", {"filename": meta[0], "key": "label_names", "md5": meta[1]})
    return folder


@pytest.fixture
def cifar10(job, downloads):
    return lambda *overrides: build("data", job("data=cifar10", f"data.downloads={downloads}", *overrides)[0].data)


def test_images_are_bytes_and_classes_numbers(cifar10, downloads):
    splits = cifar10().splits
    assert list(splits) == ["train", "test"]
    assert splits["train"].x.shape == (200, 3, 32, 32)
    assert splits["test"].x.dtype == torch.uint8
    stored = pickle.loads((downloads / OFFICIAL.base_folder / "test_batch").read_bytes())
    assert np.array_equal(splits["test"].x.flatten(1).numpy(), stored["data"])  # red, green, blue; row by row
    assert splits["test"].y.tolist() == stored["labels"]


def test_the_first_images_of_each_class_are_a_smaller_set(cifar10):
    few, all_ = cifar10("data.train_per_class=3", "data.test_per_class=1").splits, cifar10().splits
    assert torch.equal(few["train"].x, all_["train"].x[:30])
    assert torch.equal(few["test"].y, torch.arange(10))


def test_more_images_of_a_class_than_there_are_are_refused(cifar10):
    with pytest.raises(ValueError, match="data.train_per_class=21: there are only 20 of a class"):
        _ = cifar10("data.train_per_class=21").splits


def test_validation_images_are_taken_from_training(cifar10):
    whole, parts = cifar10().splits, cifar10("data.validation=0.1").splits
    assert list(parts) == ["train", "validation", "test"]
    both = torch.cat([parts["train"].x, parts["validation"].x])
    assert len(parts["validation"].x) == 20
    assert torch.equal(both.unique(dim=0), whole["train"].x.unique(dim=0))


def test_without_files_and_network_it_says_what_to_put_where(job, tmp_path):
    cfg, directory = job("data=cifar10", f"data.downloads={tmp_path / 'none'}")
    with pytest.raises(OSError, match="missing or damaged: data_batch_1") as caught:
        train(cfg, directory)
    for word in (f"{tmp_path / 'none'}", "cifar-10-python.tar.gz", "170 MB", "186 MB", "type data.downloads=FOLDER"):
        assert word in str(caught.value)
    assert not directory.exists()


@pytest.mark.parametrize("name", ["data_batch_3", "test_batch", "batches.meta"])
@pytest.mark.parametrize("damage", [Path.unlink, lambda file: file.write_bytes(file.read_bytes()[:-1])])
def test_a_file_that_is_missing_or_damaged_is_named(cifar10, downloads, name, damage):
    damage(downloads / OFFICIAL.base_folder / name)
    with pytest.raises(OSError, match=f"missing or damaged: {name};"):
        _ = cifar10().splits


def test_a_damaged_archive_is_not_unpacked(job, tmp_path):
    (tmp_path / OFFICIAL.filename).write_bytes(b"half of it")
    with pytest.raises(OSError, match="downloading failed .*cifar-10-python.tar.gz is damaged: delete it"):
        _ = build("data", job("data=cifar10", f"data.downloads={tmp_path}")[0].data).splits
    assert not (tmp_path / OFFICIAL.base_folder).exists()


def test_where_the_files_are_changes_no_run(job):
    assert job("data=cifar10", "data.downloads=/elsewhere")[1] == job("data=cifar10", "data.downloads=data")[1]
    assert job("data=cifar10", "data.cutout=16")[1].name[-8:] != job("data=cifar10")[1].name[-8:]


def test_a_trained_network_takes_bytes(job, downloads):
    cfg, directory = job("data=cifar10", f"data.downloads={downloads}", "steps=4", "eval_every=2", "logger=none")
    row = train(cfg, directory).result["final"]
    x, y = Run(directory).data().splits["test"]
    error = 100 * (Run(directory).model()(x).argmax(1) != y).double().mean().item()
    assert row["test_error"] == pytest.approx(error)


def test_a_trained_network_can_be_opened_without_the_images(job, downloads):
    run = train(*job("data=cifar10", f"data.downloads={downloads}", "steps=1", "logger=none"))
    x = run.data().splits["test"].x
    outputs = run.model()(x)
    load.cache_clear()
    downloads.rename(downloads.with_name("elsewhere"))
    assert torch.equal(Run(run.path).model()(x), outputs)


@pytest.fixture
def last_loss(job, downloads):
    recipe = "data=cifar10", f"data.downloads={downloads}", "steps=6", "logger=none", "data.batch_size=50"
    return lambda *overrides: train(*job(*recipe, *overrides)).history["train_loss"][-1]


def test_training_is_on_changed_images(last_loss):
    assert last_loss("eval_every=6") != last_loss("eval_every=6", "data.padding=0", "data.flip=false")


def test_the_changes_do_not_depend_on_how_training_is_cut(last_loss):
    assert last_loss("eval_every=6") == last_loss("eval_every=2")


@pytest.mark.skipif(
    not (DOWNLOADED / OFFICIAL.base_folder / "batches.meta").exists(),
    reason="needs CIFAR-10, 170 MB, in data; the other tests make small files in its format",
)
def test_the_official_files_have_the_known_statistics(job):
    splits = build("data", job("data=cifar10", f"data.downloads={DOWNLOADED}")[0].data).splits
    mean, std = channel_statistics(splits["train"].x)
    assert (mean / 255).tolist() == pytest.approx([0.4914, 0.4822, 0.4465], abs=5e-5)
    assert (std / 255).tolist() == pytest.approx([0.2470, 0.2435, 0.2616], abs=5e-5)
    assert splits["train"].y.bincount().tolist() == [5000] * 10
    assert splits["test"].y.bincount().tolist() == [1000] * 10


def test_what_is_hidden_has_the_mean_color_of_the_training_images(cifar10):
    data = cifar10("data.padding=0", "data.flip=false", "data.cutout=64")  # all of each image
    x, _ = data.augment(*data.splits["train"], torch.Generator().manual_seed(0))
    mean = data.splits["train"].x.double().mean((0, 2, 3))[:, None, None]
    assert (x - mean).abs().max() <= 0.5
