"""Your own images with masks: a folder of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

import torch
from annotated_types import Ge, Lt, MinLen
from pydantic import PositiveInt
from torch import Tensor

from refnets.data.batches import Batch, Split
from refnets.data.files.fitting import load
from refnets.data.files.mask_files import Coding, Pair, load_masks, of_one_palette, to_classes, value_of
from refnets.data.files.mask_pairs import masks_of
from refnets.data.files.mask_values import HALVES, are_halves, read_masks
from refnets.data.files.split_files import Labelled, hold_out_last, in_lists
from refnets.data.files.split_folders import paired_folders, read_splits
from refnets.data.geometry import random_crops
from refnets.data.scenes import Scenes
from refnets.data.target import IGNORED, Masks


@dataclass(kw_only=True)
class MaskFolder(Scenes):
    """Images in `root`/`images` and masks in `root`/`masks`, where "{split}" stands for train, validation (val), test.

    A mask has the name of its image, and of its sub-folder if it is in one. What only the names of images end in is
    `image_suffix`, or one of several, and what only those of masks end in `mask_suffix`; other files are left out.
    Its pixels have the numbers of `classes`, or their `values`; those of the value `ignore`, or of several, do not
    count. Values are integers, of palette images the indices (of GIFs, where they mean nothing, the greys), or all of
    them colors as "#ff8000". Masks of two classes may have 0 and 255 instead of 0 and 1. With `threshold` they may
    have any values: from it on they are of the second.

    Images become RGB; they are fitted into `size` (height, width), or without it must all have one. A training step has
    of each image a part of the size `crop`, somewhere in it. Without "{split}" `lists` says which list in
    `root`/ImageSets/Segmentation, as Pascal VOC has them, is of which split, if any. Where a split has neither folder
    nor list, it is the last `test` or `validation` of the training images in the order of their names or of their list;
    another than the training split is left out if it has no mask, or none with a pixel that counts. See `Scenes` for
    the other arguments. All images are in memory, 4 bytes a pixel.
    """

    root: str
    images: str
    masks: str
    image_suffix: str | list[str] | None = None  # runs from before this option have none
    mask_suffix: str
    lists: dict[str, str] | None = None  # runs from before this option have none
    classes: Annotated[list[str], MinLen(2)]
    values: list[int | str] | None
    ignore: int | str | list[int | str] | None
    threshold: PositiveInt | None = None  # runs from before this option have none
    size: tuple[PositiveInt, PositiveInt] | None
    crop: tuple[PositiveInt, PositiveInt] | None = None  # runs from before this option have none
    test: Annotated[float, Ge(0), Lt(1)]

    def __post_init__(self) -> None:
        super().__post_init__()
        names, values = self.classes, self.stored_values
        if len(set(names)) < len(names) or len(names) > IGNORED:
            raise ValueError(f"data.classes={names}: should be up to {IGNORED} different names")
        if self.values is not None and len(self.values) != len(names):
            raise ValueError(f"data.values has {len(self.values)} values for the {len(names)} names in data.classes")
        if len({type(value) for value in values}) > 1:
            raise ValueError("data.values and data.ignore: should all be integers, or all colors as '#ff8000'")
        if twice := [value for value in values if values.count(value) > 1]:
            raise ValueError(f"{twice[0]} is the value of two classes, or of one and data.ignore: see data.values")
        if self.threshold and len(names) > 2:
            raise ValueError(f"data.threshold={self.threshold}: makes two classes, and data.classes has {len(names)}")
        if self.threshold and (self.values or self.ignored):
            raise ValueError(f"data.threshold={self.threshold}: type data.values=null data.ignore=null, too")

    @property
    def ignored(self) -> list[int | str]:
        """The values in files that do not count."""
        if self.ignore is None:
            return []
        return self.ignore if isinstance(self.ignore, list) else [self.ignore]

    @property
    def stored_values(self) -> list[int | str]:
        """The value of each class in files, and of what is ignored, if anything is."""
        values = list(range(len(self.classes))) if self.values is None else self.values
        return [*values, *self.ignored]

    @property
    def target(self) -> Masks:
        """The classes."""
        return Masks(tuple(self.classes))

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(3, height, width)."""
        return (3, *self.size) if self.size else tuple(self.splits["train"].x.shape[1:])

    @cached_property
    def pairs(self) -> dict[str, Sequence[Pair]]:
        """The images of each split with their masks."""
        if "{split}" in self.images and self.lists:
            raise ValueError(f"data.lists={self.lists}: is for folders without {{split}}; type data.lists=null")
        folders = paired_folders(Path(self.root), self.images, self.masks, "masks", self.skipped_files)
        pairs = read_splits(self._pairs, folders, self.skipped_files)
        if self.lists:
            pairs = in_lists(pairs["train"], Path(self.root, "ImageSets/Segmentation"), self.lists, self.skipped_files)
        masked = {split: [(image, mask) for image, mask in each.values() if mask] for split, each in pairs.items()}
        return hold_out_last(masked, test=self.test, validation=self.validation)

    @cached_property
    def splits(self) -> dict[str, Split]:
        """Train, and validation and test if there are any. Raises ValueError naming the file that is no good."""
        coding = self._coding(tuple(mask for split in self.pairs.values() for _, mask in split))
        masks = ((mask for _, mask in split) for split in self.pairs.values())
        firsts = (next(read_masks(each, coding.colored)) for each in masks)
        for mask in of_one_palette(firsts, coding):  # before minutes are spent reading all images
            to_classes(mask, coding)
        first = self.pairs["train"][0][0]
        splits = {name: self._split(tuple(split), first, coding) for name, split in self.pairs.items()}
        if self.crop and any(part > side for part, side in zip(self.crop, splits["train"].x.shape[2:], strict=True)):
            raise ValueError(f"data.crop={list(self.crop)}: the images are {list(splits['train'].x.shape[2:])}")
        return self._marked(splits)

    def _pairs(self, images: Path, masks: Path) -> Labelled:
        suffixes = self.image_suffix if isinstance(self.image_suffix, list) else [self.image_suffix or ""]
        return masks_of(images, masks, suffixes, self.mask_suffix, self.skipped_files)

    def augment(self, x: Tensor, y: Tensor, generator: torch.Generator) -> Batch:
        """See `Scenes`; what is outside of the crop is outside of the image."""
        return super().augment(*(random_crops(x, y, self.crop, generator) if self.crop else (x, y)), generator)

    def _marked(self, splits: dict[str, Split]) -> dict[str, Split]:
        """Train, and the others that have a pixel that counts: the masks of a secret test mark nothing."""
        for name in [name for name, split in splits.items() if name != "train" and (split.y == IGNORED).all()]:
            self.skip(f"{name} split of which no pixel counts, left out", [self.pairs[name][0][1].parent])
            del splits[name]
        return splits

    def _coding(self, masks: Sequence[Path]) -> Coding:
        """What the values mean. It takes all masks to know that 255 is not, say, the border between objects."""
        values = tuple(value_of(value) for value in self.stored_values)
        classes = (*range(len(self.classes)), *[IGNORED] * len(self.ignored))
        colored, given = isinstance(self.stored_values[0], str), bool(self.values or self.threshold)
        coding = Coding(values, classes, colored, self.threshold, indices=given)
        if not self.threshold and values == (0, 1) and self.values is None and are_halves(masks):
            self.skip("mask of values 0 and 255, read as 0 and 1", masks)
            return coding._replace(values=HALVES)
        return coding

    def _split(self, pairs: Sequence[Pair], first: Path, coding: Coding) -> Split:
        size = self.size and tuple(self.size)
        images = load(tuple(image for image, _ in pairs), first, size)
        turned = [file for (file, _), way in zip(pairs, images.orientations, strict=True) if way != 1]
        self.skip("image stored turned or mirrored; turned upright, its mask as the mask's own file says", turned)
        masks, jpegs = load_masks(pairs, tuple(images.sizes), size, coding)
        self.skip("mask stored as JPEG, its values rounded to 0 and 255", jpegs)
        return Split(images.x, masks)
