"""Residual networks for ImageNet (He et al. 2016, arXiv:1512.03385, table 1; 1603.05027; book figs 11.7 and 11.8)."""

from collections.abc import Sequence
from typing import Literal

import torch.nn.functional as F
from torch import Tensor, nn

from refnets.models.image import image_channels
from refnets.models.initialize import Init, initialize

WIDTHS = 64, 128, 256, 512  # of the 3x3 convolutions in the four stages
BLOCKS = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
    200: (3, 24, 36, 3),
}


class Block(nn.Module):
    """The original order: ReLU(shortcut(x) + branch(x)), where batch normalization follows every convolution.

    Without a shortcut it is a piece of a plain network: ReLU(branch(x)).
    """

    def __init__(self, convolutions: Sequence[nn.Conv2d], shortcut: nn.Module | None) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for convolution in convolutions:
            layers += [convolution, nn.BatchNorm2d(convolution.out_channels), nn.ReLU()]
        self.branch = nn.Sequential(*layers[:-1])
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels in, height, width) -> (n, channels out, height / stride, width / stride)."""
        return F.relu(self.branch(x) if self.shortcut is None else self.shortcut(x) + self.branch(x))


class PreactivationBlock(nn.Module):
    """Shortcut plus branch, where batch normalization and ReLU precede every convolution (arXiv:1603.05027, fig 11.7).

    A shortcut that changes the shape starts from the activated input, an identity from the input itself.
    """

    def __init__(self, convolutions: Sequence[nn.Conv2d], shortcut: nn.Module | None) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for convolution in convolutions:
            layers += [nn.BatchNorm2d(convolution.in_channels), nn.ReLU(), convolution]
        self.activate = nn.Sequential(*layers[:2])
        self.branch = nn.Sequential(*layers[2:])
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels in, height, width) -> (n, channels out, height / stride, width / stride)."""
        active = self.activate(x)
        if self.shortcut is None:
            return self.branch(active)
        return self.shortcut(x if isinstance(self.shortcut, nn.Identity) else active) + self.branch(active)


class ResNet(nn.Module):
    """Images (n, channels, height, width) -> outputs (n, num_outputs): `depth` layers with weights.

    A stem and four stages of blocks, of two convolutions up to depth 34, of bottlenecks from 50 on. The original order
    is torchvision's network, the other one the network of fig 11.8. `stages`, applied one after another, give feature
    maps of `channels` that are smaller than the image by `strides`.
    """

    strides = 2, 4, 8, 16, 32

    def __init__(
        self,
        input_shape: Sequence[int],
        num_outputs: int,
        *,
        depth: Literal[18, 34, 50, 101, 152, 200],
        preactivation: bool,
        init: Init,
    ) -> None:
        super().__init__()
        features = 64
        stem = conv(image_channels("resnet", input_shape), features, 7, 2), nn.BatchNorm2d(features), nn.ReLU()
        self.stages, self.channels = nn.Sequential(nn.Sequential(*stem)), [features]
        block, convolutions = PreactivationBlock if preactivation else Block, basic if depth < 50 else bottleneck
        for stage, (width, blocks) in enumerate(zip(WIDTHS, BLOCKS[depth], strict=True)):
            layers: list[nn.Module] = [] if stage else [nn.MaxPool2d(3, stride=2, padding=1)]
            for stride in [2 if stage else 1] + [1] * (blocks - 1):
                branch = convolutions(features, width, stride)
                layers.append(block(branch, projection(branch, normalized=not preactivation)))
                features = branch[-1].out_channels
            self.stages.append(nn.Sequential(*layers))
            self.channels.append(features)
        if preactivation:
            self.stages[1][1].activate = nn.Identity()  # the stem's output is activated already
        last = [nn.BatchNorm2d(features), nn.ReLU()] if preactivation else []
        self.head = nn.Sequential(*last, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(features, num_outputs))
        initialize(self, init)

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, height, width) -> (n, num_outputs)."""
        return self.head(self.stages(x))


def basic(fan_in: int, width: int, stride: int) -> list[nn.Conv2d]:
    """Two 3x3 convolutions."""
    return [conv(fan_in, width, 3, stride), conv(width, width, 3)]


def bottleneck(fan_in: int, width: int, stride: int) -> list[nn.Conv2d]:
    """The 3x3 convolution works on fewer channels than come in and go out."""
    return [conv(fan_in, width, 1), conv(width, width, 3, stride), conv(width, 4 * width, 1)]


def conv(fan_in: int, fan_out: int, kernel_size: int, stride: int = 1) -> nn.Conv2d:
    """Keeps the size of the image but for the stride. No bias: batch normalization would take it away."""
    return nn.Conv2d(fan_in, fan_out, kernel_size, stride, padding=kernel_size // 2, bias=False)


def projection(branch: Sequence[nn.Conv2d], *, normalized: bool) -> nn.Module:
    """The shortcut beside `branch`: an identity if that keeps the shape, else a 1x1 convolution (option B)."""
    fan_in, fan_out = branch[0].in_channels, branch[-1].out_channels
    stride = max(convolution.stride[0] for convolution in branch)
    if (fan_in, stride) == (fan_out, 1):
        return nn.Identity()
    shortcut = conv(fan_in, fan_out, 1, stride)
    return nn.Sequential(shortcut, nn.BatchNorm2d(fan_out)) if normalized else shortcut
