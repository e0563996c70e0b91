"""Stacked hourglass networks (Newell et al. 2016, arXiv:1603.06937; book section 11.5.3, fig 11.12)."""

from collections.abc import Sequence
from typing import Annotated, Literal

import torch.nn.functional as F
from annotated_types import MultipleOf
from pydantic import PositiveInt
from torch import Tensor, nn

from refnets.models.image import image_channels
from refnets.models.initialize import Init, initialize
from refnets.models.resnet import PreactivationBlock, conv, projection


class Hourglass(nn.Module):
    """Down and up again, `depth` times, by 2 each: what a skip connection makes of a map is added to what comes up."""

    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        self.skip, self.down, self.up = (residual(width, width) for _ in range(3))
        self.inner = Hourglass(width, depth - 1) if depth > 1 else residual(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """(n, features, height, width) -> the same shape."""
        small = self.down(F.max_pool2d(x, 2, ceil_mode=True))  # (n, features, height / 2, width / 2), rounded up
        small = self.up(self.inner(small))
        return self.skip(x) + F.interpolate(small, x.shape[-2:], mode="nearest")


class StackedHourglass(nn.Module):
    """Images (n, channels, height, width) of any size -> outputs (n, num_outputs, height, width).

    A `stem`, then `stacks` hourglasses of `width` channels, each in a residual branch of the whole. The stem is one 3x3
    convolution, or as in the paper 7x7 and pooling: then all work is done on maps of a quarter of the image's size, and
    the output is enlarged. Differs from the paper: only the last hourglass has an output, none between them is trained.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        num_outputs: int,
        *,
        stem: Literal["3x3", "7x7"],
        stacks: PositiveInt,
        width: Annotated[PositiveInt, MultipleOf(4)],
        depth: PositiveInt,
        init: Init,
    ) -> None:
        super().__init__()
        fan_in = image_channels("hourglass", input_shape)
        if stem == "3x3":
            layers: list[nn.Module] = [conv(fan_in, width, 3)]
        else:
            layers = [conv(fan_in, width // 4, 7, 2), nn.BatchNorm2d(width // 4), nn.ReLU()]
            layers += [residual(width // 4, width // 2), nn.MaxPool2d(2, ceil_mode=True)]
            layers += [residual(width // 2, width // 2), residual(width // 2, width)]
        self.stem = nn.Sequential(*layers)
        self.stacks = nn.ModuleList(stack(width, depth) for _ in range(stacks))
        self.head = nn.Sequential(nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, num_outputs, 1))
        initialize(self, init)

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, height, width) -> (n, num_outputs, height, width)."""
        size = x.shape[-2:]
        x = self.stem(x)  # (n, features, height / 4, width / 4), or with a stem of 3x3 the size of the image
        for branch in self.stacks:
            x = x + branch(x)
        return F.interpolate(self.head(x), size, mode="bilinear")


def stack(width: int, depth: int) -> nn.Sequential:
    """An hourglass and the layers that follow it in the paper: (n, width, ., .) -> the same shape."""
    after = residual(width, width), conv(width, width, 1), nn.BatchNorm2d(width), nn.ReLU(), conv(width, width, 1)
    return nn.Sequential(Hourglass(width, depth), *after)


def residual(fan_in: int, fan_out: int) -> nn.Module:
    """The bottleneck of the paper, half as wide as what goes out: 1x1, 3x3, 1x1 convolutions and a shortcut."""
    middle = fan_out // 2
    branch = [conv(fan_in, middle, 1), conv(middle, middle, 3), conv(middle, fan_out, 1)]
    return PreactivationBlock(branch, projection(branch, normalized=False))
