"""Residual networks for CIFAR (He et al. 2016, arXiv:1512.03385, section 4.2) and their plain counterparts."""

from collections.abc import Sequence

import torch.nn.functional as F
from pydantic import PositiveInt
from torch import Tensor, nn

from refnets.models.image import image_channels
from refnets.models.initialize import Init, initialize
from refnets.models.resnet import Block, PreactivationBlock, basic, conv

WIDTHS = 16, 32, 64


class CifarResNet(nn.Module):
    """Images (n, channels, height, width) -> outputs (n, num_outputs): 6 m + 2 = `depth` layers with weights.

    A 3x3 convolution, three stages of m blocks of two, and a linear layer on the mean of the last feature map. Without
    `residual` the shortcuts are left out, which carry no parameters. `stages`, applied one after another, give feature
    maps of `channels` that are smaller than the image by `strides`.
    """

    channels, strides = WIDTHS, (1, 2, 4)

    def __init__(
        self,
        input_shape: Sequence[int],
        num_outputs: int,
        *,
        depth: PositiveInt,
        residual: bool,
        preactivation: bool,
        init: Init,
    ) -> None:
        super().__init__()
        blocks, rest = divmod(depth - 2, 6)
        if blocks < 1 or rest:
            raise ValueError(f"model.depth={depth}: 6 m + 2 is allowed, such as 20, 32, 44, 56 or 110")
        features = WIDTHS[0]
        block, self.stages = PreactivationBlock if preactivation else Block, nn.Sequential()
        layers = [conv(image_channels("resnet_cifar", input_shape), features, 3), nn.BatchNorm2d(features), nn.ReLU()]
        for stage, width in enumerate(WIDTHS):
            for stride in [2 if stage else 1] + [1] * (blocks - 1):
                shortcut = nn.Identity() if stride == 1 else SubsampleAndPad(width - features)
                layers.append(block(basic(features, width, stride), shortcut if residual else None))
                features = width
            self.stages.append(nn.Sequential(*layers))
            layers = []
        if preactivation:
            self.stages[0][3].activate = nn.Identity()  # its input is activated already
        last = [nn.BatchNorm2d(features), nn.ReLU()] if preactivation else []
        self.head = nn.Sequential(*last, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(features, num_outputs))
        initialize(self, init)

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, height, width) -> (n, num_outputs)."""
        return self.head(self.stages(x))


class SubsampleAndPad(nn.Module):
    """Option A of the paper: every second pixel, and `extra` channels of zeros; no parameters.

    The paper leaves open where the zeros go: here half before and half after the others, as in widely used weights.
    """

    def __init__(self, extra: int) -> None:
        super().__init__()
        self.extra = extra

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, height, width) -> (n, c + extra, height / 2, width / 2), rounded up."""
        before = self.extra // 2
        return F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, before, self.extra - before))
