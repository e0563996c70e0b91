"""Which folders hold the images and the labels of each split."""

import re
from collections import defaultdict
from collections.abc import Callable
from itertools import takewhile
from os.path import isdir
from pathlib import Path
from typing import TypeVar

from refnets.data.named_files import Skipped, UnlabelledError, files_in, image_files

Pair = tuple[Path, Path]  # the folder of images and that of labels
Read = TypeVar("Read")

# Each split, and what its folder may be called; also in capitals and with a year, as Test and val2017.
SPLITS = {"train": ("train", "training"), "validation": ("validation", "val", "valid"), "test": ("test", "testing")}


def split_of(folder: str) -> str | None:
    """The split whose name a folder has, or None."""
    name = re.sub("[0-9]{4}$", "", folder.lower())
    return next((split for split, names in SPLITS.items() if name in names), None)


def paired_folders(root: Path, images: str, labels: str, option: str, skipped: Skipped) -> dict[str, Pair]:
    """The folders with the images and the labels of each split that has both.

    They are `root`/`images` and `root`/`labels`, with the name of the split for "{split}"; without "{split}" all are of
    the training split. Raises ValueError, in the name of data.`option`, when there is nothing to train on.
    """
    if not root.is_dir():
        raise ValueError(f"data.root={root}: there is no such folder")
    if "{split}" not in images:
        return {"train": _of_training(root, images, labels, option)}
    if "{split}" not in labels:
        raise ValueError(f"data.{option}={labels}: should have {{split}} too, as data.images={images} has")
    named = {name: _filled(root, name, images, labels) for name in _stand_ins(root, images)}
    found: dict[str, Pair] = {}
    for name, pair in named.items():
        split = split_of(name)
        if split and not pair[1].is_dir():
            skipped[f"image without a folder {pair[1]}"] += map(str, image_files(files_in(pair[0]), skipped))
        elif split in found:
            raise ValueError(f"{found[split][0]} and {pair[0]} are both the {split} split: rename one of them")
        elif split:
            found[split] = pair
    if "train" not in found:
        _refuse_layout(root, images, labels, option)
    _note_others(root, images, labels, named, found, skipped)
    return {split: found[split] for split in SPLITS if split in found}


def read_splits(read: Callable[[Path, Path], Read], folders: dict[str, Pair], skipped: Skipped) -> dict[str, Read]:
    """What `read` makes of images and labels of each split. One of which nobody has labelled an image is left out.

    Raises what `read` raises; UnlabelledError only of the training split.
    """
    splits = {}
    for split, pair in folders.items():
        try:
            splits[split] = read(*pair)
        except UnlabelledError:
            if split == "train":
                raise
            skipped[f"{split} split without labelled images, left out"].append(str(pair[0]))
    return splits


def _note_others(
    root: Path, images: str, labels: str, named: dict[str, Pair], found: dict[str, Pair], skipped: Skipped
) -> None:
    """What lies beside the splits: labels without images, images of no split, and images in none of the folders."""
    alone = [
        _filled(root, name, labels)[0] for name in _stand_ins(root, labels) if split_of(name) and name not in named
    ]
    for folder in alone:
        skipped["folder of labels without one of images, left out"].append(str(folder))
    label_folders = [*alone, *(folder for _, folder in found.values())]
    for name, (folder, _) in named.items():
        around_labels = any(each.is_relative_to(folder) for each in label_folders)
        if not (split_of(name) or around_labels) and _has_images(folder, "**/*"):
            skipped["folder that is no split, left out"].append(str(folder))
    for image in image_files(filter(Path.is_file, _above(root, images).glob("*")), defaultdict(list)):
        skipped["image beside the folders of the splits, left out"].append(str(image))


def _of_training(root: Path, images: str, labels: str, option: str) -> Pair:
    """The two folders where `images` has no "{split}"; one in `labels` is the split that `images` names, if any."""
    name = next(filter(split_of, Path(images).parts), None)
    if "{split}" in labels and name is None:
        raise ValueError(f"data.{option}={labels}: should have no {{split}}, as data.images={images} has none")
    pair = _filled(root, name or "", images, labels)
    if not all(folder.is_dir() for folder in pair):
        _refuse_layout(root, images, labels, option)
    inside = [name for name in _stand_ins(pair[0], "{split}") if split_of(name) and isdir(pair[1] / name)]
    if {split_of(name) for name in inside} - {"train"} and not (root / "ImageSets").is_dir():  # or lists say it
        raise ValueError(
            f"{pair[0]} has {' and '.join(inside)}, which would all be trained on: type"
            f" \"data.images='{Path(images, '{split}')}'\" \"data.{option}='{Path(labels, '{split}')}'\""
        )
    return pair


def _has_images(folder: Path, pattern: str = "*") -> bool:
    """Whether there are any in it; with "**/*" also in a folder inside of it. One that nobody may read has none."""
    return any(image_files([each], defaultdict(list)) for each in folder.glob(pattern))


def _filled(root: Path, name: str, *patterns: str) -> tuple[Path, ...]:
    return tuple(root / pattern.replace("{split}", name) for pattern in patterns)


def _above(root: Path, pattern: str) -> Path:
    """The folder in which those are that have the names of splits."""
    return root.joinpath(*takewhile(lambda part: "{split}" not in part, Path(pattern).parts))


def _stand_ins(root: Path, pattern: str) -> list[str]:
    """What may be put for "{split}", such that there is a folder; no hidden one."""
    before, after = next(part for part in Path(pattern).parts if "{split}" in part).split("{split}", 1)
    folders = (each.name for each in sorted(_above(root, pattern).glob("[!.]*")) if isdir(each))
    shape = re.compile(f"{re.escape(before)}(.+){re.escape(after)}")
    names = [match[1] for match in map(shape.fullmatch, folders) if match and not match[0].startswith("__")]
    return [name for name in names if isdir(*_filled(root, name, pattern))]


def _refuse_layout(root: Path, images: str, labels: str, option: str) -> None:
    depths = ("*", "*/*")
    single = sorted(each.parent for depth in depths for each in root.glob(f"{depth}/{option}") if _is_single(each))
    if len(single) > 1:
        raise ValueError(
            f"{single[0]} has one image and its {option}, and so have {len(single) - 1} folders beside it: put all"
            f" images into one folder, and into another for each the {option} as one file of the same name"
        )
    folders = sorted(str(each.relative_to(root)) for depth in depths for each in root.glob(depth) if each.is_dir())
    wanted = " and ".join(map(str, _filled(root, "train", images, labels)))
    there = ", ".join(folders[:12]) or "no folders"
    order = _order(root, option)
    raise ValueError(
        f"expected are the folders {wanted}; {root} has {there}. Type where they are: data.images=images"
        f" data.{option}={option} data.test=0.2 if all lie together, or with {{split}} for train, val and test"
        f" \"data.images='{order[0]}'\" \"data.{option}='{order[1]}'\""
    )


def _is_single(labels: Path) -> bool:
    """Whether beside the folder there is one of a single image, and they are no split."""
    images = image_files(files_in(labels.parent), defaultdict(list)) if not split_of(labels.parent.name) else []
    return len([each for each in images if each.parent != labels]) == 1


def _order(root: Path, option: str) -> tuple[str, str]:
    """The patterns that are likely for images and labels, by where the folders of splits are."""
    splits = [name for name in _stand_ins(root, "{split}") if split_of(name)]
    if not splits:
        return "images/{split}", f"{option}/{{split}}"
    if not any(_has_images(root / name) for name in splits):
        return "{split}/images", f"{{split}}/{option}"
    longer = [name for split in splits for name in _stand_ins(root, split + "{split}") if option == "masks"]
    return "{split}", "{split}" + "".join(longer[:1])
