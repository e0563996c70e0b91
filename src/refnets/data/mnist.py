"""MNIST: handwritten digits of 28 x 28 pixels (LeCun et al. 1998, Proceedings of the IEEE 86, 2278)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from torchvision import datasets
from torchvision.datasets.mnist import read_image_file, read_label_file
from torchvision.datasets.utils import check_integrity, download_and_extract_archive

from refnets.data.batches import Split
from refnets.data.official_images import OfficialImages
from refnets.data.target import Classes

SOURCE = datasets.MNIST.mirrors[0]
# The official files as they are unpacked, with their MD5; torchvision knows that of the archives.
FILES = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


@lru_cache(maxsize=1)  # the runs of a sweep share the images
def load(folder: str) -> tuple[Split, Split]:
    """All training and all test images as bytes, (n, 1, 28, 28), downloaded if need be. Raises OSError."""
    if wrong := _wrong(folder):
        _download(folder, wrong)
    return _read(_unpacked(folder), "train"), _read(_unpacked(folder), "t10k")


@dataclass(kw_only=True)
class MNIST(OfficialImages):
    """60,000 training and 10,000 test images in grey; see `OfficialImages` for the arguments."""

    input_shape = 1, 28, 28
    target = Classes(tuple("0123456789"))
    load = staticmethod(load)


def _read(folder: Path, name: str) -> Split:
    images = read_image_file(folder / f"{name}-images-idx3-ubyte")
    return Split(images[:, None], read_label_file(folder / f"{name}-labels-idx1-ubyte"))  # (n, 1, 28, 28)


def _wrong(folder: str) -> list[str]:
    """The files that are missing or not the official ones."""
    return [name for name, md5 in FILES.items() if not check_integrity(_unpacked(folder) / name, md5)]


def _unpacked(folder: str) -> Path:
    return Path(folder, "MNIST", "raw")


def _download(folder: str, wrong: Sequence[str]) -> None:
    archives = {Path(archive).stem: (archive, md5) for archive, md5 in datasets.MNIST.resources}
    try:
        for name in wrong:
            archive, md5 = archives[name]
            download_and_extract_archive(SOURCE + archive, str(_unpacked(folder)), md5=md5)
    except (OSError, RuntimeError) as error:  # no network, or a file that is not the official one
        raise OSError(
            f"data.downloads={folder}: in {_unpacked(folder)} these files of MNIST are missing or damaged:"
            f" {', '.join(wrong)}; and downloading failed ({error}). Put them there (55 MB; as archives that end in"
            f" .gz, 12 MB, from {SOURCE}), or type data.downloads=FOLDER where they are"
        ) from error
