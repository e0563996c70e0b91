"""VGG (Simonyan & Zisserman 2015, arXiv:1409.1556; book section 10.5.1, fig 10.17)."""

from collections.abc import Sequence
from typing import Annotated, Literal

from annotated_types import Ge, Lt
from pydantic import PositiveInt
from torch import Tensor, nn

from refnets.models.image import image_channels
from refnets.models.initialize import Init, initialize

WIDTHS = 64, 128, 256, 512, 512
CONVOLUTIONS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}


class VGG(nn.Module):
    """Images (n, channels, height, width) -> outputs (n, num_outputs): `depth` layers with weights, as in torchvision.

    Five stages of 3x3 convolutions with pooling in between, then two hidden linear layers of `width` units with
    dropout. `stages`, applied one after another, give feature maps of `channels` that are smaller than the image by
    `strides`.
    """

    channels, strides = WIDTHS, (1, 2, 4, 8, 16)

    def __init__(
        self,
        input_shape: Sequence[int],
        num_outputs: int,
        *,
        depth: Literal[11, 13, 16, 19],
        batch_norm: bool,
        width: PositiveInt,
        dropout: Annotated[float, Ge(0), Lt(1)],
        init: Init,
    ) -> None:
        super().__init__()
        features = image_channels("vgg", input_shape, smallest=32)
        self.stages = nn.Sequential()
        for fan_out, convolutions in zip(WIDTHS, CONVOLUTIONS[depth], strict=True):
            layers: list[nn.Module] = [nn.MaxPool2d(2)] if self.stages else []
            for _ in range(convolutions):
                layers.append(nn.Conv2d(features, fan_out, 3, padding=1))
                layers += [nn.BatchNorm2d(fan_out), nn.ReLU()] if batch_norm else [nn.ReLU()]
                features = fan_out
            self.stages.append(nn.Sequential(*layers))
        hidden = nn.Linear(49 * features, width), nn.ReLU(), nn.Dropout(dropout)
        hidden += nn.Linear(width, width), nn.ReLU(), nn.Dropout(dropout)
        pooled = nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(7), nn.Flatten()  # 7x7 already for images of 224x224
        self.head = nn.Sequential(*pooled, *hidden, nn.Linear(width, num_outputs))
        initialize(self, init)

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, height, width) -> (n, num_outputs)."""
        return self.head(self.stages(x))
