"""Darknet (Redmon & Farhadi 2018, arXiv:1804.02767, table 1): a residual network that is fast for its accuracy."""

from collections.abc import Sequence
from typing import Annotated, Literal

from annotated_types import MinLen
from pydantic import NonNegativeInt, PositiveInt
from torch import Tensor, nn

from refnets.models.image import image_channels
from refnets.models.initialize import Init, initialize
from refnets.models.resnet import conv


class Residual(nn.Module):
    """x + branch(x), where the branch halves the channels before its 3x3 convolution."""

    def __init__(self, features: int) -> None:
        super().__init__()
        half = max(1, features // 2)
        self.branch = nn.Sequential(*layer(features, half, 1), *layer(half, features, 3))

    def forward(self, x: Tensor) -> Tensor:
        """(n, features, height, width) -> the same shape."""
        return x + self.branch(x)


class Darknet(nn.Module):
    """Images (n, channels, height, width) -> outputs (n, num_outputs).

    A stage for each of `channels`: a 3x3 convolution that halves the image, then as many residual blocks as `blocks`
    says. With `stem_stride` 1 the first convolution keeps the size. `stages`, applied one after another, give feature
    maps that are smaller than the image by `strides`.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        num_outputs: int,
        *,
        channels: Annotated[list[PositiveInt], MinLen(1)],
        blocks: list[NonNegativeInt],
        stem_stride: Literal[1, 2],
        init: Init,
    ) -> None:
        super().__init__()
        features = image_channels("darknet", input_shape)
        if len(blocks) != len(channels):
            raise ValueError(
                f"model.blocks={blocks} gives {len(blocks)} stages, model.channels={channels} another number"
            )
        self.channels, self.strides = list(channels), [stem_stride * 2**stage for stage in range(len(channels))]
        self.stages = nn.Sequential()
        for fan_out, depth in zip(channels, blocks, strict=True):
            first = layer(features, fan_out, 3, 2 if self.stages else stem_stride)
            self.stages.append(nn.Sequential(*first, *(Residual(fan_out) for _ in range(depth))))
            features = fan_out
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(features, num_outputs))
        initialize(self, init)

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, height, width) -> (n, num_outputs)."""
        return self.head(self.stages(x))


def layer(fan_in: int, fan_out: int, kernel_size: int, stride: int = 1) -> list[nn.Module]:
    """A convolution, batch normalization and leaky ReLU."""
    return [conv(fan_in, fan_out, kernel_size, stride), nn.BatchNorm2d(fan_out), nn.LeakyReLU(0.1)]
