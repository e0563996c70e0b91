import hashlib
import json
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.datasets import MNIST as OFFICIAL

from refnets.config.build import build
from refnets.data import mnist as source
from refnets.data.batches import channel_statistics
from refnets.inputs import images
from refnets.predict import predict
from refnets.train import train

DAMAGES = {
    "missing": Path.unlink,
    "shortened": lambda file: file.write_bytes(file.read_bytes()[:-1]),
    "empty": lambda file: file.write_bytes(b""),
    "another": lambda file: file.write_text("<html>not found</html>"),
}
DOWNLOADED = Path(__file__).parents[2] / "data"


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_, **__):
        raise URLError("no network")

    monkeypatch.setattr("torchvision.datasets.utils.urllib.request.urlopen", refuse)
    source.load.cache_clear()


@pytest.fixture
def downloads(tmp_path, monkeypatch):
    """A folder with files as the official ones: 40 training and 20 test images."""
    folder = tmp_path / "data" / "MNIST" / "raw"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)

    def write(name, kind, array):
        sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
        content = bytes([0, 0, 8, kind]) + sizes + array.tobytes()  # 8: bytes
        (folder / name).write_bytes(content)
        monkeypatch.setitem(source.FILES, name, hashlib.md5(content).hexdigest())

    for split, n in (("train", 40), ("t10k", 20)):
        write(f"{split}-images-idx3-ubyte", 3, rng.integers(256, size=(n, 28, 28), dtype=np.uint8))
        write(f"{split}-labels-idx1-ubyte", 1, np.arange(n, dtype=np.uint8) % 10)
    return tmp_path / "data"


@pytest.fixture
def mnist(job, downloads):
    return lambda *overrides: build("data", job("data=mnist", f"data.downloads={downloads}", *overrides)[0].data)


def test_images_are_bytes_and_classes_numbers(mnist, downloads):
    splits = mnist().splits
    stored = (downloads / "MNIST" / "raw" / "t10k-images-idx3-ubyte").read_bytes()
    assert splits["train"].x.shape == (40, 1, 28, 28)
    assert splits["test"].x.numpy().tobytes() == stored[16:]
    assert splits["test"].y.tolist() == [*range(10)] * 2


def test_the_first_images_of_each_class_are_a_smaller_set(mnist):
    few, all_ = mnist("data.train_per_class=3").splits, mnist().splits
    assert torch.equal(few["train"].x, all_["train"].x[:30])


@pytest.mark.parametrize("name", source.FILES)
@pytest.mark.parametrize("damage", DAMAGES, ids=DAMAGES)
def test_a_file_that_is_missing_or_damaged_is_named(mnist, downloads, name, damage):
    DAMAGES[damage](downloads / "MNIST" / "raw" / name)
    with pytest.raises(OSError, match=f"missing or damaged: {name}; and downloading failed"):
        _ = mnist().splits


def test_only_what_is_damaged_is_downloaded(mnist, downloads, monkeypatch):
    file, asked = downloads / "MNIST" / "raw" / "t10k-labels-idx1-ubyte", []
    content = file.read_bytes()
    file.write_bytes(b"")

    def download(url, folder, md5):
        asked.append((url, md5))
        file.write_bytes(content)

    monkeypatch.setattr(source, "download_and_extract_archive", download)
    assert len(mnist().splits["test"].x) == 20
    assert asked == [(f"{OFFICIAL.mirrors[0]}t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c")]


def test_without_files_and_network_it_says_what_to_put_where(job, tmp_path):
    cfg, directory = job("data=mnist", f"data.downloads={tmp_path / 'none'}")
    with pytest.raises(OSError, match="missing or damaged: train-images-idx3-ubyte") as caught:
        train(cfg, directory)
    for word in (str(tmp_path / "none" / "MNIST" / "raw"), "55 MB", OFFICIAL.mirrors[0], "type data.downloads=FOLDER"):
        assert word in str(caught.value)
    assert not directory.exists()


def test_a_network_is_trained_on_them(job, downloads):
    recipe = "experiment=mnist_cnn2d", f"data.downloads={downloads}", "steps=2", "eval_every=1", "logger=none"
    assert train(*job(*recipe)).result["parameters"] == 21_840


def test_a_network_for_grey_images_is_given_grey_ones(job, downloads, tmp_path):
    recipe = "experiment=mnist_cnn2d", f"data.downloads={downloads}", "steps=1", "eval_every=1", "logger=none"
    run = train(*job(*recipe))
    Image.new("RGB", (40, 30), (200, 0, 0)).save(tmp_path / "a.png")
    done, refused, _ = predict(run, images([tmp_path / "a.png"]), tmp_path / "out")
    assert (done, refused) == (1, [])
    said = json.loads((tmp_path / "out" / "predictions.json").read_text())[str(tmp_path / "a.png")][0]
    grey = torch.full((1, 1, 28, 28), 60, dtype=torch.uint8)  # 0.299 of the red, ITU-R BT.601
    probabilities = run.loss().distribution(run.model()(grey)).probs[0]
    assert [said[name] for name in map(str, range(10))] == pytest.approx(probabilities.tolist(), abs=1e-6)


@pytest.mark.skipif(
    not (DOWNLOADED / "MNIST/raw/t10k-labels-idx1-ubyte").exists(),
    reason="needs MNIST, 12 MB, in data; the other tests make small files",
)
def test_the_official_files_have_the_known_statistics(job):
    splits = build("data", job("data=mnist", f"data.downloads={DOWNLOADED}")[0].data).splits
    mean, std = channel_statistics(splits["train"].x)
    assert (mean / 255).tolist() == pytest.approx([0.1307], abs=5e-5)
    assert (std / 255).tolist() == pytest.approx([0.3081], abs=5e-5)
    assert (len(splits["train"].x), len(splits["test"].x)) == (60_000, 10_000)
