"""Which files are of which split: those of its folder or its list, or the last ones of the training split."""

from collections.abc import Sequence
from os.path import splitext
from pathlib import Path
from typing import TypeVar

from refnets.data.named_files import Skipped, files_in, image_files
from refnets.faults import nearest

# Each split, and what its folder may be called.
SPLITS = {"train": ("train", "training"), "validation": ("validation", "val", "valid"), "test": ("test", "testing")}
Item = TypeVar("Item")
Labelled = dict[str, tuple[Path, Path | None]]  # the name of an image, the image and its label file if it has one


def paired_folders(root: Path, images: str, labels: str, option: str, skipped: Skipped) -> dict[str, tuple[Path, Path]]:
    """The folders with the images and the labels of each split that has both.

    They are `root`/`images` and `root`/`labels`, with the name of the split for "{split}"; without "{split}" all are of
    the training split. Raises ValueError, in the name of data.`option`, when there is nothing to train on.
    """
    if not root.is_dir():
        raise ValueError(f"data.root={root}: there is no such folder")
    if "{split}" in images and "{split}" not in labels:
        raise ValueError(f"data.{option}={labels}: should have {{split}} too, as data.images={images} has")
    found, named = {}, [(split, name) for split, names in SPLITS.items() for name in names]
    for split, name in named if "{split}" in images else named[:1]:
        pair = tuple(root / pattern.replace("{split}", name) for pattern in (images, labels))
        if not pair[0].is_dir():
            continue
        if not pair[1].is_dir():
            skipped[f"image without a folder {pair[1]}"] += map(str, image_files(files_in(pair[0]), skipped))
        elif split in found:
            raise ValueError(f"{found[split][0]} and {pair[0]} are both the {split} split: rename one of them")
        else:
            found[split] = pair
    if "train" not in found:
        _refuse_layout(root, images, labels, option)
    return found


def in_lists(pairs: Labelled, folder: Path, lists: dict[str, str], skipped: Skipped) -> dict[str, Labelled]:
    """The images of each split in `lists`: those in the list of that name in `folder`, in the order of its lines.

    Raises ValueError when there is no such split, list or image, nothing to train on, or an image in two splits.
    """
    if not folder.is_dir():
        raise ValueError(f"data.lists={lists}: there is no folder {folder}; type data.lists=null")
    here = sorted(file.stem for file in folder.glob("*.txt"))
    for split, name in lists.items():
        if split not in SPLITS:
            raise ValueError(f"data.lists has {split!r}{nearest(split, SPLITS)} (train, validation, test)")
        if name not in here:
            raise ValueError(f"data.lists has {name!r}{nearest(name, here)}; {folder} has {', '.join(here)}")
    if "train" not in lists:
        raise ValueError(f"{folder} has {', '.join(here)}: say which to train on, as data.lists={{train:trainval}}")
    listed = {split: _names_in(folder / f"{name}.txt", pairs) for split, name in lists.items()}
    _refuse_twice(listed)
    taken = {name for names in listed.values() for name in names}
    others = [str(image) for name, (image, label) in pairs.items() if label and name not in taken]
    skipped["image in none of the lists, left out"] += others
    return {split: {name: pairs[name] for name in names} for split, names in listed.items()}


def lines(file: Path) -> list[str]:
    """The lines of a text file, without spaces around them. Raises ValueError naming the file when it is no text."""
    if not file.is_file():
        raise ValueError(f"{file} is no file")  # but a pipe, a device or a link to nothing
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{file} is no text in UTF-8 ({error}): make it anew") from error
    return [line.strip() for line in text.splitlines()]


def hold_out_last(splits: dict[str, Sequence[Item]], *, test: float, validation: float) -> dict[str, Sequence[Item]]:
    """The splits, in order, and the last training examples as those of which there are such fractions.

    Neighbours in a stack of slices or in a film look alike, so a random choice would test on what was trained on.
    Raises ValueError when there is such a split already, or when one would be empty.
    """
    for name, fraction in (("test", test), ("validation", validation)):
        if not fraction:
            continue
        if name in splits:
            raise ValueError(f"data.{name}={fraction}, but there is a {name} split: type data.{name}=0")
        n = len(splits["train"])
        kept = n - round(fraction * n)
        if not 0 < kept < n:
            raise ValueError(f"data.{name}={fraction} of {n} training images leaves a split without images")
        splits = splits | {"train": splits["train"][:kept], name: splits["train"][kept:]}
    return {name: splits[name] for name in SPLITS if name in splits}


def _refuse_layout(root: Path, images: str, labels: str, option: str) -> None:
    depths = ("*", "*/*")
    folders = sorted(str(each.relative_to(root)) for depth in depths for each in root.glob(depth) if each.is_dir())
    wanted = " and ".join(str(root / pattern.replace("{split}", "train")) for pattern in (images, labels))
    there = ", ".join(folders[:12]) or "no folders"
    order = "{{split}}/{}" if any((root / name).is_dir() for name in SPLITS["train"]) else "{}/{{split}}"
    raise ValueError(
        f"expected are the folders {wanted}; {root} has {there}. Type where they are: data.images=images"
        f" data.{option}={option} data.test=0.2 if all lie together, or with {{split}} for train, val and test"
        f" \"data.images='{order.format('images')}'\" \"data.{option}='{order.format(option)}'\""
    )


def _names_in(file: Path, pairs: Labelled) -> list[str]:
    """The images in a list: of each line, which may have 1 or -1 after the name, or the ending of a file.

    Folders before the name are passed over where the images lie in none.
    """
    names, nested = [], any("/" in name for name in pairs)
    for line in filter(None, lines(file)):
        spellings = line, line.split()[0], splitext(line)[0], line if nested else Path(line).stem
        name = next((name for name in spellings if name in pairs), None)
        if name is None:
            raise ValueError(f"{file} lists {line}, and there is no such image")
        names.append(name)
    if not any(pairs[name][1] for name in names):
        raise ValueError(f"{file} lists no image that has labels")
    return names


def _refuse_twice(listed: dict[str, list[str]]) -> None:
    split_of: dict[str, str] = {}
    for split, names in listed.items():
        for name in names:
            if name in split_of:
                raise ValueError(f"{name} is listed twice, for {split_of[name]} and for {split}: see data.lists")
            split_of[name] = split
