"""Which folders hold the images and the labels of each split."""

from collections import defaultdict
from collections.abc import Callable
from os.path import isdir
from pathlib import Path
from typing import TypeVar

from refnets.data.files.layout import refuse_layout
from refnets.data.files.named_files import Skipped, UnlabelledError, files_in, image_files
from refnets.data.files.split_names import SPLITS, above, filled, has_images, split_of, stand_ins

Pair = tuple[Path, Path]  # the folder of images and that of labels
Read = TypeVar("Read")


def paired_folders(root: Path, images: str, labels: str, option: str, skipped: Skipped) -> dict[str, Pair]:
    """The folders with the images and the labels of each split that has both.

    They are `root`/`images` and `root`/`labels`, with the name of the split for "{split}"; without "{split}" all are of
    the training split. Raises ValueError, in the name of data.`option`, when there is nothing to train on.
    """
    if not root.is_dir():
        raise ValueError(
            f"data.root={root}: there is no such folder; the files in configs/data say what it should have"
        )
    if "{split}" not in images:
        return {"train": _of_training(root, images, labels, option)}
    if "{split}" not in labels:
        raise ValueError(f"data.{option}={labels}: should have {{split}} too, as data.images={images} has")
    named = {name: filled(root, name, images, labels) for name in stand_ins(root, images)}
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
        refuse_layout(root, images, labels, option)
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
    alone = [filled(root, name, labels)[0] for name in stand_ins(root, labels) if split_of(name) and name not in named]
    for folder in alone:
        skipped["folder of labels without one of images, left out"].append(str(folder))
    label_folders = [*alone, *(folder for _, folder in found.values())]
    for name, (folder, _) in named.items():
        around_labels = any(each.is_relative_to(folder) for each in label_folders)
        if not (split_of(name) or around_labels) and has_images(folder, "**/*"):
            skipped["folder that is no split, left out"].append(str(folder))
    for image in image_files(filter(Path.is_file, above(root, images).glob("*")), defaultdict(list)):
        skipped["image beside the folders of the splits, left out"].append(str(image))


def _of_training(root: Path, images: str, labels: str, option: str) -> Pair:
    """The two folders where `images` has no "{split}"; one in `labels` is the split that `images` names, if any."""
    name = next(filter(split_of, Path(images).parts), None)
    if "{split}" in labels and name is None:
        raise ValueError(f"data.{option}={labels}: should have no {{split}}, as data.images={images} has none")
    pair = filled(root, name or "", images, labels)
    if not all(folder.is_dir() for folder in pair):
        refuse_layout(root, images, labels, option)
    inside = [name for name in stand_ins(pair[0], "{split}") if split_of(name) and isdir(pair[1] / name)]
    if {split_of(name) for name in inside} - {"train"} and not (root / "ImageSets").is_dir():  # or lists say it
        raise ValueError(
            f"{pair[0]} has {' and '.join(inside)}, which would all be trained on: type"
            f" \"data.images='{Path(images, '{split}')}'\" \"data.{option}='{Path(labels, '{split}')}'\""
        )
    return pair
