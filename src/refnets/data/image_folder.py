"""Your own images: a folder for each class."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

import torch
from annotated_types import Ge, Lt
from pydantic import PositiveInt

from refnets.data.batches import Split, held_out
from refnets.data.files.fitting import load
from refnets.data.files.named_files import EXTENSIONS, files_in, image_files
from refnets.data.files.split_names import SPLITS, split_of
from refnets.data.images import Images
from refnets.data.skipping import Skipping
from refnets.data.target import Classes


@dataclass(kw_only=True)
class ImageFolder(Images, Skipping):
    """Images in `root`/train/CLASS/, `root`/validation/CLASS/ and `root`/test/CLASS/, or all in `root`/CLASS/.

    Without a folder for it, the fraction `test` of the training images is the test split. Images become RGB; with
    `size` they are scaled and cropped around their centre to squares of so many pixels, without it they must all have
    one size. Left out and counted are files that are no images, images in folders inside of a class folder, and folders
    beside the splits. See `Images` for the other arguments. All of them are in memory, 3 bytes a pixel.
    """

    root: str
    size: PositiveInt | None
    test: Annotated[float, Ge(0), Lt(1)]

    @cached_property
    def folders(self) -> dict[str, Path]:
        """Where each split is."""
        root = Path(self.root)
        if not root.is_dir():
            raise ValueError(f"data.root={root}: there is no such folder; {_layout(root)}")
        here, found = _folders(root), {}
        for folder in here:
            split = split_of(folder.name)
            if split in found:
                raise ValueError(f"{found[split]} and {folder} are both the {split} split: rename one of them")
            if split:
                found[split] = folder
        if found and "train" not in found:
            raise ValueError(f"data.root={root} has {next(iter(found.values()))} and no {root / 'train'}")
        if found:
            self.skip("folder that is no split, left out", [each for each in here if each not in found.values()])
        return found or {"train": root}

    @cached_property
    def classes(self) -> dict[str, dict[str, list[Path]]]:
        """The class folders of each split, sorted, with their images."""
        return {split: self._classes(folder) for split, folder in self.folders.items()}

    @cached_property
    def target(self) -> Classes:
        """The classes: the names of the folders with training images, sorted."""
        names = tuple(self.classes["train"])
        if len(names) < 2:
            folder, layout = self.folders["train"], _layout(Path(self.root))
            raise ValueError(f"{folder} has {len(names)} class folders, and 2 are the least; {layout}")
        return Classes(names)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(3, height, width)."""
        return tuple(self.splits["train"].x.shape[1:])

    @cached_property
    def splits(self) -> dict[str, Split]:
        """Train, and validation and test if there are any. Raises ValueError naming the file that is no good."""
        for name, fraction in (("validation", self.validation), ("test", self.test)):
            if fraction and name in self.folders:
                raise ValueError(f"data.{name}={fraction}, but there is {self.folders[name]}: type data.{name}=0")
        files = {split: self._numbered(split) for split in self.folders}
        first, _ = files["train"][0]
        for name, fraction in (("test", self.test), ("validation", self.validation)):
            if fraction:
                train = files["train"]
                parts = held_out(len(train), fraction, self.seed, name)
                files["train"], files[name] = ([train[each] for each in part] for part in parts)
        return {name: self._split(files[name], first) for name in SPLITS if name in files}

    def _split(self, files: list[tuple[Path, int]], first: Path) -> Split:
        size = (self.size, self.size) if self.size else None
        images = load(tuple(file for file, _ in files), first, size, crop=True)
        return Split(images.x, torch.tensor([number for _, number in files]))

    def _numbered(self, split: str) -> list[tuple[Path, int]]:
        """All images of a split with the number of their class."""
        names, classes = self.target.names, self.classes[split]
        if unknown := sorted(set(classes) - set(names)):
            wrong, train = self.folders[split] / unknown[0], self.folders["train"]
            raise ValueError(f"{wrong}: {train} has no such class ({', '.join(names)})")
        if not classes:
            raise ValueError(f"{self.folders[split]} has no class folders: delete it, or put some there")
        return [(file, names.index(name)) for name, files in classes.items() for file in files]

    def _classes(self, folder: Path) -> dict[str, list[Path]]:
        layout = _layout(Path(self.root))
        files = (file for file in sorted(folder.iterdir()) if file.is_file() and not file.name.startswith("."))
        if stray := next((file for file in files if file.suffix.lower() in EXTENSIONS), None):
            raise ValueError(f"{stray} is in no class; {layout}; images of unknown class are to be somewhere else")
        classes = {each.name: self._images_in(each) for each in _folders(folder)}
        if empty := [name for name, files in classes.items() if not files]:
            raise ValueError(f"{folder / empty[0]} itself has no images ({' '.join(EXTENSIONS)}); {layout}")
        return classes

    def _images_in(self, folder: Path) -> list[Path]:
        """The images of a class, sorted. Of folders inside nobody knows whether they are a part of it."""
        files = sorted(files_in(folder))
        inside = image_files((file for file in files if file.parent != folder), self.skipped_files)
        self.skip("image in a folder inside of a class folder, left out", inside)
        return image_files((file for file in files if file.parent == folder), self.skipped_files)


def _folders(folder: Path) -> list[Path]:
    """Those in it, sorted, but hidden ones and what macOS puts into archives."""
    found = (each for each in folder.iterdir() if each.is_dir() and each.name != "__MACOSX")
    return sorted(each for each in found if not each.name.startswith("."))


def _layout(root: Path) -> str:
    return f"expected are {root}/train/CLASS/IMAGE and {root}/test/CLASS/IMAGE, or {root}/CLASS/IMAGE and data.test=0.2"
