"""Which files are of which split where no folder says it: those of its list, or the last ones of the training split."""

import re
from collections.abc import Iterator, Sequence
from os.path import splitext
from pathlib import Path
from typing import TypeVar

from refnets.data.files.named_files import Skipped
from refnets.data.files.split_names import SPLITS
from refnets.faults import nearest

Item = TypeVar("Item")
Labelled = dict[str, tuple[Path, Path | None]]  # the name of an image, the image and its label file if it has one


def in_lists(pairs: Labelled, folder: Path, lists: dict[str, str], skipped: Skipped) -> dict[str, Labelled]:
    """The images of each split in `lists`: those in the list of that name in `folder`, in the order of its lines.

    Raises ValueError when there is no such split or list, and what `in_files` raises.
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
    return in_files(pairs, {split: folder / f"{name}.txt" for split, name in lists.items()}, skipped)


def in_files(pairs: Labelled, files: dict[str, Path], skipped: Skipped) -> dict[str, Labelled]:
    """The images of each split: those that its list names. Without one for training these are all that are left.

    A list of other images than training images is left out when none of them has labels. Raises ValueError when there
    is no such image, nothing to train on, or an image in two splits.
    """
    listed = {split: _names_in(file, pairs) for split, file in files.items()}
    _refuse_twice(listed, files)
    taken = {name for names in listed.values() for name in names}
    left = [name for name in pairs if name not in taken]
    if "train" in files:
        skipped["image in none of the lists, left out"] += [str(pairs[name][0]) for name in left if pairs[name][1]]
    splits = {split: {name: pairs[name] for name in names} for split, names in ({"train": left} | listed).items()}
    for split in [split for split, images in splits.items() if not any(label for _, label in images.values())]:
        if split == "train":
            others = "all images with labels are in the lists of other splits: there are none to train on"
            raise ValueError(f"{files[split]} lists no image that has labels" if split in files else others)
        skipped["list of images of which none has a label, left out"].append(str(files[split]))
        del splits[split]
    return splits


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
    """The splits in their order; a fraction that is not 0 makes the last training examples a split of that name.

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


def _names_in(file: Path, pairs: Labelled) -> list[str]:
    """The images that a list names, one in each line, maybe with the ending of a file, and numbers as VOC's 1 and -1.

    Folders before the name are passed over, but for the last one where images lie in several.
    """
    names, nested = [], any("/" in name for name in pairs)
    for line in filter(None, lines(file)):
        paths = list(inside(Path(), line))
        ways = (each for path in (nested and paths[:-1]) or paths for each in _spellings(path.as_posix()))
        if not (name := next((each for each in ways if each in pairs), None)):
            raise ValueError(f"{file} lists {line}, and there is no such image: delete the line, or take another list")
        names.append(name)
    return names


def inside(root: Path, name: str) -> Iterator[Path]:
    """Where a file may be in `root` that is named from elsewhere: ../pets/a/1.jpg as pets/a/1.jpg, a/1.jpg or 1.jpg."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    yield from (root.joinpath(*parts[first:]) for first in range(len(parts)))


def _spellings(line: str) -> Iterator[str]:
    """What the name in it may be: all of it, or without the ending of a file, or without the numbers at its end."""
    while True:
        yield from (line, splitext(line)[0])
        words = line.rsplit(None, 1)
        if len(words) < 2 or not re.fullmatch(r"-?\d+", words[1]):
            return
        line = words[0]


def _refuse_twice(listed: dict[str, list[str]], files: dict[str, Path]) -> None:
    split_of: dict[str, str] = {}
    for split, names in listed.items():
        for name in names:
            if name in split_of:
                first, second = files[split_of[name]], files[split]
                raise ValueError(f"{name} is listed twice, in {first} and in {second}: delete one, or take other lists")
            split_of[name] = split
