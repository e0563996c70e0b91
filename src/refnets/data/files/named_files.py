"""Images and their label files, in a folder and its sub-folders, by their names."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

# Those of torchvision.datasets.folder, whose import takes seconds, and GIF.
EXTENSIONS = ".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp", ".gif"
Skipped = dict[str, list[str]]  # a reason -> the names of the files


class UnlabelledError(ValueError):
    """There are no images, or no labels for them: nothing to train on, though a test split may be so."""


def images_in(folder: Path, skipped: Skipped, *, beside: str = "", apart: Path | None = None) -> dict[str, Path]:
    """The images in `folder` by their names without ending: "1", in a sub-folder "aachen/1".

    Those in `apart`, a folder inside of it, do not count, and files that end in `beside` are labels. Raises
    UnlabelledError when there are no images, ValueError for two of one name.
    """
    images = _by_name(folder, image_files(files_in(folder, apart), skipped, beside))
    if not images:
        linked = next((file for file in files_in(folder, apart) if file.is_dir()), None)
        hint = f"; {linked} is a link, and only links to files are followed: put the folder itself there"
        raise UnlabelledError(f"{folder} has no images ({' '.join(EXTENSIONS)}){hint if linked else ''}")
    return images


def labels_in(folder: Path, ending: str) -> dict[str, Path]:
    """The files in `folder` that end in `ending`, .xml or .XML, by their names without it, as those of `images_in`.

    A classes.txt, which names the classes, is left out. Raises ValueError when two have one name.
    """
    files = (each for each in files_in(folder) if not each.name.startswith(".") and each.name != "classes.txt")
    return _by_name(folder, (each for each in files if each.suffix.lower() == ending))


def with_labels(
    images: Path, labels: Path, ending: str, kind: str, skipped: Skipped
) -> tuple[dict[str, Path], dict[str, Path]]:
    """The images in one folder, and the files in the other that end in `ending`; see `images_in` and `labels_in`.

    Raises UnlabelledError when there are no images or no such files, ValueError when none is of an image.
    """
    found = images_in(images, skipped, beside=ending if labels.is_relative_to(images) else "")
    files = labels_in(labels, ending)
    if not found.keys() & files.keys():
        said = (
            f"{labels} has no {kind} file for any image in {images}, as {next(iter(found))}{ending}: rename them, or"
            " take the folder away"
        )
        raise ValueError(said) if files else UnlabelledError(said)
    return found, files


def image_files(files: Iterable[Path], skipped: Skipped, beside: str = "") -> list[Path]:
    """The images among the files. Hidden ones, and labels, which end in `beside`, are not counted as skipped."""
    images = []
    for file in files:
        if file.name.startswith(".") or (beside and file.suffix.lower() == beside):
            continue
        if not file.is_file():
            skipped["folder or broken link among the images, passed over"].append(str(file))
        elif file.suffix.lower() not in EXTENSIONS:
            skipped["file that is no image by its name"].append(str(file))
        else:
            images.append(file)
    return images


def files_in(folder: Path, apart: Path | None = None) -> Iterator[Path]:
    """The files in `folder` and its sub-folders, 2 before 10.

    Not looked into are `apart`, hidden folders, what is like __MACOSX, and links to folders, which may lead around in
    a circle or to anywhere: these are among the files.
    """
    left = sorted(folder.iterdir(), key=natural, reverse=True)
    while left:
        each = left.pop()
        if each == apart:
            continue
        if not each.is_dir() or each.is_symlink():
            yield each
        elif not each.name.startswith((".", "__")):
            left += sorted(each.iterdir(), key=natural, reverse=True)


def natural(file: Path) -> tuple[list[str | int], str]:
    """What to sort names by: their numbers count as numbers, and 1 comes after 01."""
    return [int(part) if odd % 2 else part for odd, part in enumerate(re.split(r"([0-9]+)", file.name))], file.name


def _by_name(folder: Path, files: Iterable[Path]) -> dict[str, Path]:
    named: dict[str, Path] = {}
    for file in files:
        name = file.relative_to(folder).with_suffix("").as_posix()
        if name in named:
            raise ValueError(
                f"{named[name]} and {file} differ only in their ending: rename or delete one; or if one is the mask of"
                " the other, put the masks into a folder of their own"
            )
        named[name] = file
    return named
