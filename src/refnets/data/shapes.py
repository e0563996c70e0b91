"""Discs, squares and triangles on noisy backgrounds, with exact masks and boxes."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import prod
from typing import Annotated, NamedTuple

import numpy as np
import torch
from annotated_types import Ge, Le
from pydantic import NonNegativeFloat, NonNegativeInt, PositiveInt
from scipy.ndimage import find_objects
from torch import Tensor

from refnets.data.batches import Split, hold_out
from refnets.data.scenes import Scenes
from refnets.data.target import Boxes, Masks
from refnets.memory import refuse_larger

KINDS = "disc", "square", "triangle"
SIDES = 1 / 6, 2 / 5  # of a shape, as fractions of the image's shorter side
GRADIENT = 30  # by how much the background changes at most from one side of the image to the other
CONTRAST = 64, 192  # between a shape and the middle of the background, in each channel, modulo 256


class Drawn(NamedTuple):
    """Images (n, 3, height, width), their masks (n, height, width) and boxes (n, most, 5)."""

    x: Tensor
    masks: Tensor
    boxes: Tensor


@dataclass(kw_only=True)
class Shapes(Scenes):
    """Up to `most` discs, squares and triangles in each image of `size` (height, width), drawn by `seed`.

    Each has a size, a place and a color of its own. A later one may cover a part of an earlier one, but never more
    than half. Background and shapes have normal noise of standard deviation `noise`, of 255. See `Scenes` for the other
    arguments; which images are held out for validation is drawn by `seed`, too.
    """

    size: tuple[Annotated[int, Ge(16)], Annotated[int, Ge(16)]]
    num_train: PositiveInt
    num_test: PositiveInt
    most: Annotated[int, Ge(1), Le(100)]
    noise: NonNegativeFloat
    seed: NonNegativeInt

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(3, height, width)."""
        return 3, *self.size

    @cached_property
    def splits(self) -> dict[str, Split]:
        """Train, validation (if any is held out) and test, drawn alike."""
        number = self.num_train + self.num_test
        refuse_larger(f"data.num_train + data.num_test = {number}: the images", 4 * number * prod(self.size))
        how = tuple(self.size), self.most, self.noise, self.seed
        train, test = (self.chosen(draw(n, *how, part)) for part, n in enumerate((self.num_train, self.num_test)))
        if not self.validation:
            return {"train": train, "test": test}
        train, validation = hold_out(train, self.validation, self.seed)
        return {"train": train, "validation": validation, "test": test}


class ShapesMasks(Shapes):
    """What each pixel shows: the background or a kind of shape."""

    target = Masks(("background", *KINDS))

    def chosen(self, drawn: Drawn) -> Split:
        """Images and masks."""
        return Split(drawn.x, drawn.masks)


class ShapesBoxes(Shapes):
    """A box around what is to be seen of each shape: it is tight around the shape's pixels in the mask."""

    target = Boxes(KINDS)

    def chosen(self, drawn: Drawn) -> Split:
        """Images and boxes."""
        return Split(drawn.x, drawn.boxes)


@lru_cache(maxsize=4)  # the runs of a sweep share the images
def draw(n: int, size: tuple[int, int], most: int, noise: float, seed: int, part: int) -> Drawn:
    """`n` images. Of another `part` all are others."""
    rng = np.random.default_rng((seed, part))
    x, masks = np.empty((n, *size, 3), np.uint8), np.empty((n, *size), np.uint8)
    boxes = np.zeros((n, most, 5), np.float32)
    boxes[..., 0] = -1
    for i in range(n):
        owners, kinds = _place(rng, size, most)
        middle = rng.uniform(0, 256, 3)
        colors = (middle + rng.uniform(*CONTRAST, (len(kinds), 3))) % 256
        image = _background(rng, size, middle)
        image[owners > 0] = colors[owners[owners > 0] - 1]
        image += noise * rng.standard_normal(image.shape, np.float32)
        x[i] = image.round().clip(0, 255)
        masks[i] = np.array([0, *kinds], np.uint8)[owners]
        boxes[i, : len(kinds)] = _boxes(owners, kinds)
    return Drawn(torch.from_numpy(x).permute(0, 3, 1, 2).contiguous(), torch.from_numpy(masks), torch.from_numpy(boxes))


@lru_cache
def outline(kind: str, side: int) -> np.ndarray:
    """Which pixels of a square of this side are in the shape: (side, side), some at each border."""
    y, x = np.mgrid[:side, :side] + 0.5 - side / 2  # the middles of the pixels, from the centre
    inside = {"disc": x**2 + y**2 <= side**2 / 4, "square": x < side, "triangle": np.abs(x) <= (y + side / 2 + 0.5) / 2}
    return inside[kind]


def _place(rng: np.random.Generator, size: tuple[int, int], most: int) -> tuple[np.ndarray, list[int]]:
    """Which shape, from 1, is seen at each pixel, (height, width), 0 for none; and the kind of each shape, from 1."""
    owners, kinds, areas = np.zeros(size, np.uint8), [], []
    least, largest = (round(fraction * min(size)) for fraction in SIDES)
    for _ in range(rng.integers(1, most + 1)):
        kind, side = rng.integers(len(KINDS)), rng.integers(least, largest + 1)
        top, left = (rng.integers(length - side + 1) for length in size)
        covered, inside = owners.copy(), outline(KINDS[kind], side)
        covered[top : top + side, left : left + side][inside] = len(kinds) + 1
        visible = np.bincount(covered.ravel(), minlength=len(kinds) + 2)[1:-1]
        if (2 * visible >= areas).all():
            owners = covered
            kinds.append(kind + 1)
            areas = [*areas, inside.sum()]
    return owners, kinds


def _background(rng: np.random.Generator, size: tuple[int, int], middle: np.ndarray) -> np.ndarray:
    """An even change of color across the image, (height, width, 3)."""
    down, right = (np.linspace(-0.5, 0.5, length, dtype=np.float32) for length in size)
    change = rng.uniform(-GRADIENT, GRADIENT, (2, 3)).astype(np.float32)
    return middle.astype(np.float32) + down[:, None, None] * change[0] + right[:, None] * change[1]


def _boxes(owners: np.ndarray, kinds: list[int]) -> np.ndarray:
    """Class and sides of the box around the pixels of each shape: (shapes, 5)."""
    height, width = owners.shape
    sides = [
        (kind - 1, columns.start / width, rows.start / height, columns.stop / width, rows.stop / height)
        for kind, (rows, columns) in zip(kinds, find_objects(owners), strict=True)
    ]
    return np.array(sides, np.float32)
