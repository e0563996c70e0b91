"""CIFAR-10: photographs of 32 x 32 pixels in ten classes (Krizhevsky 2009, Learning multiple layers of features)."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch
from torchvision import datasets
from torchvision.datasets.utils import check_integrity, download_and_extract_archive

from refnets.data.batches import Split
from refnets.data.official_images import OfficialImages
from refnets.data.target import Classes


@lru_cache(maxsize=1)  # the runs of a sweep share the images
def load(folder: str) -> tuple[Split, Split]:
    """All training and all test images as bytes, (n, 3, 32, 32), downloaded if need be. Raises OSError."""
    try:
        return _read(folder)
    except RuntimeError:  # torchvision's: a file is not there, or has another checksum
        _download(folder)
        return _read(folder)


@dataclass(kw_only=True)
class CIFAR10(OfficialImages):
    """50,000 training and 10,000 test images in color; see `OfficialImages` for the arguments."""

    input_shape = 3, 32, 32
    target = Classes(("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"))
    load = staticmethod(load)


def _read(folder: str) -> tuple[Split, Split]:
    train, test = (datasets.CIFAR10(folder, train=train) for train in (True, False))
    return _split(train), _split(test)


def _split(images: datasets.CIFAR10) -> Split:
    x = torch.from_numpy(images.data).permute(0, 3, 1, 2).contiguous()  # (n, 3, 32, 32)
    return Split(x, torch.tensor(images.targets))


def _download(folder: str) -> None:
    official = datasets.CIFAR10
    archive = Path(folder, official.filename)
    try:  # official(folder, download=True) does nothing when only batches.meta is missing
        download_and_extract_archive(official.url, folder, filename=official.filename, md5=official.tgz_md5)
    except (OSError, RuntimeError) as error:  # no network, or a file that is not the official one
        unpacked = Path(folder, official.base_folder)
        files = [*official.train_list, *official.test_list, (official.meta["filename"], official.meta["md5"])]
        wrong = [name for name, md5 in files if not check_integrity(unpacked / name, md5)]
        damaged = archive.exists() and not check_integrity(archive, official.tgz_md5)
        also = f" {archive} is damaged: delete it." if damaged else ""
        raise OSError(
            f"data.downloads={folder}: in {unpacked} these files of CIFAR-10 are missing or damaged:"
            f" {', '.join(wrong)}; and downloading failed ({error}).{also} Put {official.url}"
            f" (170 MB, unpacked 186 MB) into {folder}, or type data.downloads=FOLDER where it is"
        ) from error
