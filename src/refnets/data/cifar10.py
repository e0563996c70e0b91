"""CIFAR-10: photographs of 32 x 32 pixels in ten classes (Krizhevsky 2009, Learning multiple layers of features)."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import torch
from pydantic import PositiveInt
from torchvision import datasets
from torchvision.datasets.utils import check_integrity

from refnets.data.batches import Split, first_per_class, hold_out
from refnets.data.images import Images
from refnets.data.target import Classes


@dataclass(kw_only=True)
class CIFAR10(Images):
    """The official 50,000 training and 10,000 test images, kept in the folder `downloads`.

    They are downloaded when they are not there. Of each class the first `train_per_class` training images and the first
    `test_per_class` test images are used; None is all. See `Images` for the other arguments.
    """

    downloads: str
    train_per_class: PositiveInt | None
    test_per_class: PositiveInt | None

    input_shape = 3, 32, 32
    target = Classes(("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"))

    @cached_property
    def splits(self) -> dict[str, Split]:
        """Train, validation (if any is held out) and test. Raises OSError when there are no images to be had."""
        train, test = load(self.downloads)
        splits = {"train": first_per_class(train, self.train_per_class, "data.train_per_class")}
        if self.validation:
            splits["train"], splits["validation"] = hold_out(splits["train"], self.validation, self.seed)
        return splits | {"test": first_per_class(test, self.test_per_class, "data.test_per_class")}


@lru_cache(maxsize=1)  # the runs of a sweep share the images
def load(folder: str) -> tuple[Split, Split]:
    """All training and all test images as bytes, (n, 3, 32, 32), downloaded if need be. Raises OSError."""
    try:
        return _read(folder)
    except RuntimeError:  # torchvision's: a file is not there, or has another checksum
        _download(folder)
        return _read(folder)


def _read(folder: str) -> tuple[Split, Split]:
    train, test = (datasets.CIFAR10(folder, train=train) for train in (True, False))
    return _split(train), _split(test)


def _split(images: datasets.CIFAR10) -> Split:
    x = torch.from_numpy(images.data).permute(0, 3, 1, 2).contiguous()  # (n, 3, 32, 32)
    return Split(x, torch.tensor(images.targets))


def _download(folder: str) -> None:
    official = datasets.CIFAR10
    try:
        official(folder, download=True)
    except (OSError, RuntimeError) as error:  # no network, or a file that is not the official one
        unpacked = Path(folder, official.base_folder)
        files = [*official.train_list, *official.test_list, (official.meta["filename"], official.meta["md5"])]
        wrong = [name for name, md5 in files if not check_integrity(unpacked / name, md5)]
        raise OSError(
            f"data.downloads={folder}: in {unpacked} these files of CIFAR-10 are missing or damaged:"
            f" {', '.join(wrong)}; and downloading failed ({error}). Put {official.url}"
            f" (170 MB, unpacked 186 MB) into {folder}, or type data.downloads=FOLDER where it is"
        ) from error
