"""What the names of folders say of splits."""

import re
from collections import defaultdict
from itertools import takewhile
from os.path import isdir
from pathlib import Path

from refnets.data.files.named_files import image_files

# Each split, and what its folder may be called; also in capitals and with a year, as Test and val2017.
SPLITS = {"train": ("train", "training"), "validation": ("validation", "val", "valid"), "test": ("test", "testing")}


def split_of(folder: str) -> str | None:
    """The split whose name a folder has, or None."""
    name = re.sub("[0-9]{4}$", "", folder.lower())
    return next((split for split, names in SPLITS.items() if name in names), None)


def has_images(folder: Path, pattern: str = "*") -> bool:
    """Whether there are any in it; with "**/*" also in a folder inside of it. One that nobody may read has none."""
    return any(image_files([each], defaultdict(list)) for each in folder.glob(pattern))


def filled(root: Path, name: str, *patterns: str) -> tuple[Path, ...]:
    """The folders that the patterns mean for the split called `name`."""
    return tuple(root / pattern.replace("{split}", name) for pattern in patterns)


def above(root: Path, pattern: str) -> Path:
    """The folder in which those are that have the names of splits."""
    return root.joinpath(*takewhile(lambda part: "{split}" not in part, Path(pattern).parts))


def stand_ins(root: Path, pattern: str) -> list[str]:
    """What may be put for "{split}", such that there is a folder; no hidden one."""
    before, after = next(part for part in Path(pattern).parts if "{split}" in part).split("{split}", 1)
    folders = (each.name for each in sorted(above(root, pattern).glob("[!.]*")) if isdir(each))
    shape = re.compile(f"{re.escape(before)}(.+){re.escape(after)}")
    names = [match[1] for match in map(shape.fullmatch, folders) if match and not match[0].startswith("__")]
    return [name for name in names if isdir(*filled(root, name, pattern))]
