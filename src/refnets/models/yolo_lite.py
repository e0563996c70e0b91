"""YOLO on a small network: a vector per grid cell (Redmon et al. 2016, arXiv:1506.02640; book section 10.5.2)."""

from collections.abc import Callable, Sequence
from typing import Annotated

import torch
import torch.nn.functional as F
from annotated_types import Len
from pydantic import PositiveInt
from torch import Tensor, nn

from refnets.models.darknet import layer
from refnets.models.image import image_channels, without_head
from refnets.models.initialize import Init, initialize


class YOLOLite(nn.Module):
    """Images (n, channels, height, width) of any size -> outputs (n, num_outputs, *grid), a vector per grid cell.

    `grid` is [rows, columns], or one number for both. The maps of the last two stages of the network that `backbone`
    makes, whose head is dropped, are scaled to the grid and come side by side: what is small is still seen in one of
    them (Redmon & Farhadi 2017, arXiv:1612.08242, section 2). Two 3x3 convolutions of `width` channels and one of 1x1
    predict the cells: `neck` and `head`. `init` is for both. `stages` have the names they have in the classifier:
    training can start from its weights.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        num_outputs: int,
        *,
        backbone: Callable[..., nn.Module],
        grid: PositiveInt | Annotated[list[PositiveInt], Len(2, 2)],
        width: PositiveInt,
        init: Init,
    ) -> None:
        super().__init__()
        image_channels("yolo_lite", input_shape)
        self.stages, self.channels, self.strides = without_head("backbone", backbone, input_shape, num_outputs)
        self.grid = (grid, grid) if isinstance(grid, int) else tuple(grid)
        self.neck = nn.Sequential(*layer(sum(self.channels[-2:]), width, 3), *layer(width, width, 3))
        self.head = nn.Conv2d(width, num_outputs, 1)
        initialize(self.neck, init)
        initialize(self.head, init)

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, height, width) -> (n, num_outputs, *grid)."""
        maps = []
        for stage in self.stages:
            x = stage(x)  # (n, channels, height / stride, width / stride) of this stage
            maps.append(x)
        x = torch.cat([scaled(each, self.grid) for each in maps[-2:]], 1)  # (n, channels of both, *grid)
        return self.head(self.neck(x))


def scaled(x: Tensor, grid: tuple[int, int]) -> Tensor:
    """(n, channels, ., .) -> (n, channels, *grid): the means over the cells, or interpolated where there are fewer."""
    x = F.adaptive_avg_pool2d(x, [min(pair) for pair in zip(x.shape[-2:], grid, strict=True)])
    return x if x.shape[-2:] == grid else F.interpolate(x, grid, mode="bilinear")
