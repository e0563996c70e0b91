"""What data sets of labelled images have in common: they are bytes, changed at random for training, on their device."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

import torch
from annotated_types import Ge, Lt
from pydantic import NonNegativeInt, PositiveInt
from torch import Tensor

from refnets.data.batches import Batch, channel_statistics
from refnets.data.data import Data

if TYPE_CHECKING:
    from torchmetrics import Metric


@dataclass(kw_only=True)
class Images(Data):
    """Inputs are bytes of shape (channels, height, width), one class each.

    In every training step each image is cropped at random from itself with `padding` more pixels on every side, and
    with `flip` mirrored left to right half of the time (He et al. 2016, arXiv:1512.03385, section 4.2); then a square
    of side `cutout` around a random pixel is hidden (DeVries & Taylor 2017, arXiv:1708.04552). What is padded or hidden
    has the mean color of the training images: to the network, zero. `validation` is the fraction of the training
    images held out to choose among networks, by `seed`.
    """

    padding: NonNegativeInt
    flip: bool
    cutout: NonNegativeInt
    validation: Annotated[float, Ge(0), Lt(1)]
    seed: NonNegativeInt
    batch_size: PositiveInt | None

    as_bytes = True  # networks for them normalize their inputs themselves, see models/normalized.py

    @cached_property
    def color(self) -> Tensor:
        """The mean color of the training images, bytes of shape (channels, 1, 1)."""
        return channel_statistics(self.splits["train"].x)[0].round().byte()[:, None, None]

    def augment(self, x: Tensor, y: Tensor, generator: torch.Generator) -> Batch:
        """Other images of the same classes: (n, channels, height, width) -> the same shape."""
        if not (self.padding or self.flip or self.cutout):
            return x, y
        self.color = self.color.to(x.device)  # copied once: a step on a GPU must not wait for it
        return change(x, self.color, self.padding, self.flip, self.cutout, generator), y

    def metrics(self) -> dict[str, "Metric"]:
        """The error rate in percent."""
        from refnets.metrics import ErrorRate  # torchmetrics takes seconds to import

        return {"error": ErrorRate()}


def change(x: Tensor, color: Tensor, padding: int, flip: bool, cutout: int, generator: torch.Generator) -> Tensor:
    """Each of the images x, (n, channels, height, width), cropped, mirrored and partly hidden in a way of its own."""
    n, _, height, width = x.shape

    def draw(choices: int) -> Tensor:
        return torch.randint(choices, (n, 1), generator=generator, device=x.device)

    y_positions, x_positions = torch.arange(height, device=x.device), torch.arange(width, device=x.device)
    rows = y_positions + draw(2 * padding + 1) - padding  # (n, height): where each row is taken from
    columns = x_positions + draw(2 * padding + 1) - padding  # (n, width)
    if flip:
        columns = torch.where(draw(2) == 1, columns.flip(1), columns)
    inside = _within(rows, height)[:, :, None] & _within(columns, width)[:, None]  # (n, height, width)
    if cutout:
        y_hidden = _within(y_positions - draw(height) + cutout // 2, cutout)  # (n, height)
        x_hidden = _within(x_positions - draw(width) + cutout // 2, cutout)  # (n, width)
        inside &= ~(y_hidden[:, :, None] & x_hidden[:, None])
    source = rows.clamp(0, height - 1)[:, :, None] * width + columns.clamp(0, width - 1)[:, None]
    source = source.view(n, 1, -1).expand(-1, x.shape[1], -1)  # (n, channels, height * width)
    return torch.where(inside[:, None], x.flatten(2).gather(2, source).view_as(x), color)


def _within(positions: Tensor, size: int) -> Tensor:
    return (positions >= 0) & (positions < size)
