"""What data sets of images with masks or boxes have in common: how they are changed at random, and measured."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

import torch
from annotated_types import Ge, Le, Lt
from pydantic import PositiveFloat, PositiveInt
from torch import Tensor

from refnets.data import geometry
from refnets.data.batches import Batch, channel_statistics
from refnets.data.skipping import Skipping
from refnets.data.target import Masks

if TYPE_CHECKING:
    from torchmetrics import Metric


@dataclass(kw_only=True)
class Scenes(Skipping):
    """Inputs are bytes of shape (3, height, width), targets `Masks` or `Boxes`, which are moved with the image.

    In every training step each image is mirrored left to right half of the time with `flip`, top to bottom with
    `flip_vertical`; turned by up to `rotate` degrees either way; made larger by a factor between the two in `scale`;
    moved by up to the fraction `shift` of its width and height; its brightness and contrast are changed by factors from
    1 - `light` to 1 + `light`; and noise is added, of up to the fraction `grain` of white. What comes in from outside
    is the image mirrored, and `IGNORED` in its mask; with boxes it has the mean color of the training images, to the
    network zero, and boxes of which less than a quarter stays in the image are no objects. `validation` is the fraction
    of the training images that are a split of their own.
    """

    flip: bool
    flip_vertical: bool
    rotate: Annotated[float, Ge(0), Le(180)]
    scale: tuple[PositiveFloat, PositiveFloat]
    shift: Annotated[float, Ge(0), Le(1)]
    light: Annotated[float, Ge(0), Lt(1)]
    grain: Annotated[float, Ge(0), Lt(1)] = 0.0  # runs from before this option have none
    validation: Annotated[float, Ge(0), Lt(1)]
    batch_size: PositiveInt | None

    as_bytes = True  # networks for them normalize their inputs themselves, see models/normalized.py

    def __post_init__(self) -> None:
        if self.scale[0] > self.scale[1]:
            raise ValueError(f"data.scale={list(self.scale)}: the smaller factor should come first")

    @cached_property
    def color(self) -> Tensor:
        """The mean color of the training images, (channels, 1, 1)."""
        return channel_statistics(self.splits["train"].x)[0].float()[:, None, None]

    def augment(self, x: Tensor, y: Tensor, generator: torch.Generator) -> Batch:
        """Other images with their targets: (n, 3, height, width), bytes or floats from 0 to 255, and y as it was."""
        self.color = self.color.to(x.device)  # copied once: a step on a GPU must not wait for it
        are_masks = isinstance(self.target, Masks)
        flips = geometry.random_flips(len(x), self.flip, self.flip_vertical, generator)
        if self.rotate or self.shift or tuple(self.scale) != (1, 1):
            maps = geometry.random_maps(flips, x.shape[2:], self.rotate, self.scale, self.shift, generator)
            grid = geometry.sources(maps, x.shape[2:])
            if are_masks:
                x, y = geometry.warp_mirrored(x, grid), geometry.warp_masks(y, grid)
            else:  # a mirrored object would be one without a box
                x, y = geometry.warp(x, grid, self.color), geometry.warp_boxes(y, maps)
        elif self.flip or self.flip_vertical:  # these need no interpolation
            x = geometry.flip_exactly(x, flips)
            y = geometry.flip_exactly(y, flips) if are_masks else geometry.flip_boxes(y, flips)
        x = geometry.light(x, self.light, self.color, generator) if self.light else x
        return geometry.grain(x, self.grain, generator) if self.grain else x, y

    def metrics(self) -> dict[str, "Metric"]:
        """How well the masks or boxes agree, see dense_metrics.py."""
        from refnets.dense_metrics import AveragePrecision, Segmentation  # torchmetrics takes seconds to import

        if isinstance(self.target, Masks):
            return {"segmentation": Segmentation(self.target.names)}
        return {"detection": AveragePrecision(self.target.names)}
