"""Which folders hold the images and the labels of each split."""

import re
from collections import defaultdict
from pathlib import Path

from refnets.data.named_files import Skipped, files_in, image_files

# Each split, and what its folder may be called; also in capitals and with a year, as Test and val2017.
SPLITS = {"train": ("train", "training"), "validation": ("validation", "val", "valid"), "test": ("test", "testing")}


def split_of(folder: str) -> str | None:
    """The split whose name a folder has, or None."""
    name = re.sub("[0-9]{4}$", "", folder.lower())
    return next((split for split, names in SPLITS.items() if name in names), None)


def paired_folders(root: Path, images: str, labels: str, option: str, skipped: Skipped) -> dict[str, tuple[Path, Path]]:
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
    found: dict[str, tuple[Path, Path]] = {}
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
    labelled = {folder for _, folder in found.values()}
    for folder in (folder for name, (folder, _) in named.items() if not split_of(name) and folder not in labelled):
        others = image_files(files_in(folder), defaultdict(list))  # what else is in there is nobody's business
        skipped["image in a folder that is no split, left out"] += map(str, others)
    return {split: found[split] for split in SPLITS if split in found}


def _of_training(root: Path, images: str, labels: str, option: str) -> tuple[Path, Path]:
    """The folders where all is of the training split, of which "{split}" in `labels` is the name that `images` has."""
    name = next(filter(split_of, Path(images).parts), None)
    if "{split}" in labels and name is None:
        raise ValueError(f"data.{option}={labels}: should have no {{split}}, as data.images={images} has none")
    pair = _filled(root, name or "", images, labels)
    if not all(folder.is_dir() for folder in pair):
        _refuse_layout(root, images, labels, option)
    inside = [name for name in _stand_ins(pair[0], "{split}") if split_of(name)]
    if {split_of(name) for name in inside} - {"train"} and not (root / "ImageSets").is_dir():  # or lists say it
        raise ValueError(
            f"{pair[0]} has {' and '.join(inside)}, which would all be trained on: type"
            f" \"data.images='{Path(images, '{split}')}'\" \"data.{option}='{Path(labels, '{split}')}'\""
        )
    return pair


def _filled(root: Path, name: str, *patterns: str) -> tuple[Path, ...]:
    return tuple(root / pattern.replace("{split}", name) for pattern in patterns)


def _stand_ins(root: Path, pattern: str) -> list[str]:
    """What may be put for "{split}", such that there is a folder; no hidden one."""
    parts = Path(pattern).parts
    place = next(place for place, part in enumerate(parts) if "{split}" in part)
    before, after = parts[place].split("{split}", 1)
    folders = (each.name for each in sorted(root.joinpath(*parts[:place]).glob("*")) if each.is_dir())
    shape = re.compile(f"{re.escape(before)}([^._].*){re.escape(after)}")
    names = [match[1] for match in map(shape.fullmatch, folders) if match]
    return [name for name in names if _filled(root, name, pattern)[0].is_dir()]


def _refuse_layout(root: Path, images: str, labels: str, option: str) -> None:
    depths = ("*", "*/*")
    folders = sorted(str(each.relative_to(root)) for depth in depths for each in root.glob(depth) if each.is_dir())
    wanted = " and ".join(map(str, _filled(root, "train", images, labels)))
    there = ", ".join(folders[:12]) or "no folders"
    splits = [root / name for name in _stand_ins(root, "{split}") if split_of(name)]
    order = "{{split}}/{}" if splits else "{}/{{split}}"
    if any(image_files(split.iterdir(), defaultdict(list)) for split in splits):
        order = "{{split}}"  # images and labels lie side by side
    raise ValueError(
        f"expected are the folders {wanted}; {root} has {there}. Type where they are: data.images=images"
        f" data.{option}={option} data.test=0.2 if all lie together, or with {{split}} for train, val and test"
        f" \"data.images='{order.format('images')}'\" \"data.{option}='{order.format(option)}'\""
    )
