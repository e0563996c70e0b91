"""What data sets of images with label files for their boxes have in common, however the files are written."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import torch
from annotated_types import Ge, Lt
from pydantic import PositiveInt

from refnets.data.batches import Split
from refnets.data.files.fitting import Size, fitted, load
from refnets.data.files.split_files import hold_out_last
from refnets.data.scenes import Scenes
from refnets.data.target import Boxes

CUT = 1e-3  # of the image: what reaches out by less is rounding
NO_SIDE = 1e-6  # of the image: a box that is narrower has no area


class Labels(NamedTuple):
    """What a label file says of an image: numbers of classes (k,), and boxes (k, 4): left, top, right, bottom.

    The sides are pixels when `size`, the width and height that the file gives for the image, is not None, or fractions
    of the upright image when it is.
    """

    image: Path
    file: Path
    classes: list[int]
    boxes: np.ndarray
    size: tuple[int, int] | None


@dataclass(kw_only=True)
class BoxFiles(Scenes):
    """Images in `root` with boxes around objects, `classes` or by default those that the files name.

    Images become RGB; they are fitted into `size` (height, width), or without it must all have one. Where nothing says
    which images are a split, it is the last `test` or `validation` of the training images in the order of their names.
    See `Scenes` for the other arguments. All images are in memory, 3 bytes a pixel.

    Boxes without area or outside of the image are left out, those partly outside are cut; both are counted. Images
    without objects are kept; a split without a label file is left out, but for the training split. A subclass has
    `names`, those of the classes, and `labelled`, the labels of each split.
    """

    root: str
    classes: list[str] | None
    size: tuple[PositiveInt, PositiveInt] | None
    test: Annotated[float, Ge(0), Lt(1)]

    @property
    def target(self) -> Boxes:
        """The classes."""
        return Boxes(tuple(self.names))

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(3, height, width)."""
        return (3, *self.size) if self.size else tuple(self.splits["train"].x.shape[1:])

    @cached_property
    def splits(self) -> dict[str, Split]:
        """Train, and validation and test if there are any. Raises ValueError naming the file that is no good."""
        labels = hold_out_last(self.labelled, test=self.test, validation=self.validation)
        splits = {name: self._split(split, labels["train"][0].image) for name, split in labels.items()}
        if (splits["train"].y[..., 0] < 0).all():
            raise ValueError(f"data.root={self.root}: the {len(labels['train'])} training images have no objects")
        return splits

    def _split(self, labels: Sequence[Labels], first: Path) -> Split:
        size = self.size and tuple(self.size)
        images = load(tuple(each.image for each in labels), first, size)
        rows = []
        for each, upright, orientation in zip(labels, images.sizes, images.orientations, strict=True):
            boxes = each.boxes if each.size is None else self._fractions(each, upright, orientation)
            if each.size is None and orientation != 1:
                self.skip("image stored turned or mirrored; turned upright, as its boxes are taken to be", [each.file])
            rows.append(self._cut(each, boxes, _share(upright, size)))
        return Split(images.x, torch.from_numpy(_padded(rows)))

    def _fractions(self, labels: Labels, upright: tuple[int, int], orientation: int) -> np.ndarray:
        """Boxes in pixels as fractions of the upright image.

        They are of the image as it is stored, unless the file gives the size that it has only when turned upright.
        """
        stored = upright[::-1] if orientation >= 5 else upright
        width, height = upright if labels.size == upright else stored
        if 0 in labels.size:
            self.skip("label file with a width or height of 0; the image's own were taken", [labels.file])
        elif labels.size not in (stored, upright):
            self.skip("label file with another width and height; boxes taken as pixels of the image", [labels.file])
        boxes = labels.boxes / [width, height, width, height]
        if orientation == 1 or (labels.size == upright and stored != upright):
            return boxes
        self.skip("image stored turned or mirrored; turned upright with its boxes", [labels.file])
        return turned(boxes, orientation)

    def _cut(self, labels: Labels, boxes: np.ndarray, share: np.ndarray) -> np.ndarray:
        """Class and sides of each box as fractions of the fitted image, the `share` of which is the image: (m, 5)."""
        boxes = boxes.astype(np.float32)
        cut = boxes.clip(0, 1)
        flat, outside = ((each[:, 2:] - each[:, :2] < NO_SIDE).any(1) for each in (boxes, cut))
        partly = (np.abs(cut - boxes) > CUT).any(1) & ~outside
        self.skip("box without area, left out", [labels.file] * flat.sum())
        self.skip("box outside of its image, left out", [labels.file] * (outside & ~flat).sum())
        self.skip("box partly outside of its image, cut", [labels.file] * partly.sum())
        rows = np.column_stack([np.array(labels.classes, np.float32), cut * share])
        return rows[~outside]


def turned(boxes: np.ndarray, orientation: int) -> np.ndarray:
    """Boxes (k, 4) of an image stored in this EXIF orientation, from 1 to 8, as those of the upright one; fractions."""
    x, y = boxes[:, [0, 2]], boxes[:, [1, 3]]  # (k, 2) each
    if orientation >= 5:
        x, y = y, x
    if orientation in (2, 3, 6, 7):
        x = 1 - x[:, ::-1]
    if orientation in (3, 4, 7, 8):
        y = 1 - y[:, ::-1]
    return np.stack([x, y], 2).reshape(-1, 4)


def _share(image: tuple[int, int], size: Size | None) -> np.ndarray:
    """Which part of width and height of the fitted image the image itself has: (4,), for the four sides."""
    if size is None:
        return np.ones(4, np.float32)
    width, height = fitted(*image, size)
    return np.array([width / size[1], height / size[0]] * 2, np.float32)


def _padded(rows: list[np.ndarray]) -> np.ndarray:
    """(n, most, 5)."""
    y = np.zeros((len(rows), max([1, *map(len, rows)]), 5), np.float32)
    y[..., 0] = -1
    for image, boxes in zip(y, rows, strict=True):
        image[: len(boxes)] = boxes
    return y
