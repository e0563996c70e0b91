"""Densely connected networks (Huang et al. 2017, arXiv:1608.06993; book section 11.5.2, fig 11.9)."""

from collections.abc import Sequence
from typing import Annotated, Literal

import torch
from annotated_types import Gt, Le, MinLen
from pydantic import PositiveInt
from torch import Tensor, nn

from refnets.models.image import image_channels
from refnets.models.initialize import Init, initialize
from refnets.models.resnet import conv


class DenseLayer(nn.Module):
    """Adds `growth` new channels to those that come in, which stay as they are (book fig 11.9)."""

    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        squeeze = nn.BatchNorm2d(features), nn.ReLU(), conv(features, 4 * growth, 1)
        self.branch = nn.Sequential(*squeeze, nn.BatchNorm2d(4 * growth), nn.ReLU(), conv(4 * growth, growth, 3))

    def forward(self, x: Tensor) -> Tensor:
        """(n, features, height, width) -> (n, features + growth, height, width), the input first."""
        return torch.cat([x, self.branch(x)], dim=1)


class DenseNet(nn.Module):
    """DenseNet-BC: images (n, channels, height, width) -> outputs (n, num_outputs).

    `blocks` of so many dense layers; between two of them a 1x1 convolution keeps the fraction `compression` of the
    channels, and pooling halves the image. The `stem` is one 3x3 convolution (CIFAR) or 7x7 and pooling (ImageNet).
    `stages`, applied one after another, give feature maps of `channels` that are smaller than the image by `strides`.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        num_outputs: int,
        *,
        stem: Literal["3x3", "7x7"],
        blocks: Annotated[list[PositiveInt], MinLen(1)],
        growth: PositiveInt,
        compression: Annotated[float, Gt(0), Le(1)],
        init: Init,
    ) -> None:
        super().__init__()
        stride, features = (1 if stem == "3x3" else 4), 2 * growth
        fan_in = image_channels("densenet", input_shape, smallest=stride * 2 ** (len(blocks) - 1))
        self.stages, self.channels, self.strides = nn.Sequential(), [], []
        if stem == "3x3":
            layers: list[nn.Module] = [conv(fan_in, features, 3)]
        else:
            self._append([conv(fan_in, features, 7, 2), nn.BatchNorm2d(features), nn.ReLU()], features, 2)
            layers = [nn.MaxPool2d(3, stride=2, padding=1)]
        for number, depth in enumerate(blocks):
            if number:
                if not (kept := int(compression * features)):
                    raise ValueError(f"model.compression={compression} leaves none of {features} channels")
                layers, features = transition(features, kept), kept
            layers += [DenseLayer(features + growth * layer, growth) for layer in range(depth)]
            features += growth * depth
            self._append(layers, features, stride * 2**number)
        last = nn.BatchNorm2d(features), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
        self.head = nn.Sequential(*last, nn.Linear(features, num_outputs))
        initialize(self, init)

    def _append(self, layers: list[nn.Module], channels: int, stride: int) -> None:
        self.stages.append(nn.Sequential(*layers))
        self.channels.append(channels)
        self.strides.append(stride)

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, height, width) -> (n, num_outputs)."""
        return self.head(self.stages(x))


def transition(features: int, kept: int) -> list[nn.Module]:
    """Between two blocks: (n, features, height, width) -> (n, kept, height / 2, width / 2)."""
    return [nn.BatchNorm2d(features), nn.ReLU(), conv(features, kept, 1), nn.AvgPool2d(2)]
