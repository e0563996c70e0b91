"""U-Net (Ronneberger et al. 2015, arXiv:1505.04597, fig 1; book section 11.5.3, fig 11.10)."""

from collections.abc import Sequence
from typing import Annotated

import torch
from annotated_types import Ge, Lt
from pydantic import PositiveInt
from torch import Tensor, nn

from refnets.models.image import image_channels
from refnets.models.initialize import Init, initialize


class UNet(nn.Module):
    """Images (n, channels, height, width) -> outputs (n, num_outputs, height, width): one vector per pixel.

    Down: `depth` times two 3x3 convolutions and pooling that halves the image; two more convolutions at the bottom. Up:
    `depth` times a 2x2 up-convolution, the map from the way down beside it, and two more convolutions. The top has
    `width` channels, and every halving of the image doubles them. With dropout, values of the bottom are zeroed in
    training. With `mirror`, outputs in eval mode are the mean of those of the image and of its mirror image, left to
    right, for twice the work (the paper averages over seven turned versions, section 4).

    With `padding` images of any size have outputs of that size. Without it, as in the paper, every convolution loses
    the border: the output shows the middle of the image. The paper asks for images that can be halved without remainder
    (572 gives 388, see `used`); of others the middle is taken.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        num_outputs: int,
        *,
        width: PositiveInt,
        depth: PositiveInt,
        padding: bool,
        batch_norm: bool,
        dropout: Annotated[float, Ge(0), Lt(1)],
        mirror: bool = False,  # runs from before this option have none
        init: Init,
    ) -> None:
        super().__init__()
        self.padding, self.mirror, self.step = padding, mirror, 2**depth
        self.border = 4 * (self.step - 1)  # pixels that the convolutions on the way down lose, and again those up
        at_bottom = self.border // self.step + 5  # rows there: 4 are lost, and more than the border must be left
        smallest = 1 if padding else self.border + self.step * at_bottom
        features = image_channels("unet", input_shape, smallest)
        self.pool = nn.MaxPool2d(2, ceil_mode=True)
        self.down, self.up, self.merge = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        for level in range(depth):
            self.down.append(nn.Sequential(*convolutions(features, width * 2**level, padding, batch_norm)))
            features = width * 2**level
        self.bottom = nn.Sequential(*convolutions(features, 2 * features, padding, batch_norm), nn.Dropout(dropout))
        for level in reversed(range(depth)):
            features = width * 2**level
            self.up.append(nn.ConvTranspose2d(2 * features, features, 2, stride=2))
            self.merge.append(nn.Sequential(*convolutions(2 * features, features, padding, batch_norm)))
        self.head = nn.Conv2d(features, num_outputs, 1)
        initialize(self, init)

    def used(self, side: int) -> int:
        """How many of `side` pixels, without padding: the most that are even before every pooling."""
        return side - (side - self.border) % self.step

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, height, width) -> (n, num_outputs, height, width), or without padding the middle of it."""
        if not self.padding:
            x = middle(x, *map(self.used, x.shape[-2:]))
        if self.mirror and not self.training:
            straight, mirrored = self._maps(torch.cat([x, x.flip(-1)])).chunk(2)
            return (straight + mirrored.flip(-1)) / 2
        return self._maps(x)

    def _maps(self, x: Tensor) -> Tensor:
        skips = []
        for stage in self.down:
            x = stage(x)  # (n, width * 2**level, height / 2**level, width / 2**level); 568, 280, 136, 64 in the paper
            skips.append(x)
            x = self.pool(x)
        x = self.bottom(x)  # 28
        for up, merge in zip(self.up, self.merge, strict=True):
            x = merge(beside(skips.pop(), up(x)))  # 56, 104, 200, 392, and 52, 100, 196, 388 after the convolutions
        return self.head(x)


def convolutions(fan_in: int, fan_out: int, padding: bool, batch_norm: bool) -> list[nn.Module]:
    """Two 3x3 convolutions and what follows each: (n, fan_in, height, width) -> (n, fan_out, height, width)."""
    layers: list[nn.Module] = []
    for features in (fan_in, fan_out):
        layers.append(nn.Conv2d(features, fan_out, 3, padding=int(padding), bias=not batch_norm))
        layers += [nn.BatchNorm2d(fan_out), nn.ReLU()] if batch_norm else [nn.ReLU()]
    return layers


def beside(skip: Tensor, x: Tensor) -> Tensor:
    """The channels of both, each cropped to the smaller size: without padding the skip, else x where a size was odd."""
    size = [min(sides) for sides in zip(skip.shape[-2:], x.shape[-2:], strict=True)]
    return torch.cat([middle(skip, *size), middle(x, *size)], 1)


def middle(x: Tensor, height: int, width: int) -> Tensor:
    """What is around the centre: (n, channels, ., .) -> (n, channels, height, width)."""
    top, left = (x.shape[-2] - height) // 2, (x.shape[-1] - width) // 2
    return x[..., top : top + height, left : left + width]
