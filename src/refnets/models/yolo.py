"""YOLO v1 (Redmon et al. 2016, arXiv:1506.02640, fig 3; book section 10.5.2, fig 10.18)."""

from collections.abc import Sequence
from typing import Annotated

from annotated_types import Ge, Lt
from pydantic import PositiveInt
from torch import Tensor, nn

from refnets.models.image import image_channels
from refnets.models.initialize import Init, initialize

# The 24 convolutions: (kernel size, channels / width). The image is halved before each stage: by the first convolution
# of the stages in HALVED, by pooling elsewhere.
STAGES = (
    ((7, 1),),
    ((3, 3),),
    ((1, 2), (3, 4), (1, 4), (3, 8)),
    (*((1, 4), (3, 8)) * 4, (1, 8), (3, 16)),
    (*((1, 8), (3, 16)) * 2, (3, 16)),
    ((3, 16), (3, 16), (3, 16)),
)
HALVED = 0, 5


class YOLO(nn.Module):
    """Images (n, channels, height, width) -> outputs (n, num_outputs, height / 64, width / 64), a vector per grid cell.

    24 convolutions without batch normalization (60,155,968 parameters with width 64), a linear layer of `hidden` units
    with dropout, and one that predicts all cells, each from the whole image. 448x448 images have a grid of 7x7; with 30
    outputs per cell and 4096 hidden units there are 271,703,550 parameters. Sides must be multiples of 64.
    `stages`, applied one after another, give feature maps of `channels` that are smaller than the image by `strides`:
    of 448 pixels a side 224, 112, 56, 28, 14 and 7.
    """

    strides = 2, 4, 8, 16, 32, 64

    def __init__(
        self,
        input_shape: Sequence[int],
        num_outputs: int,
        *,
        width: PositiveInt,
        hidden: PositiveInt,
        dropout: Annotated[float, Ge(0), Lt(1)],
        init: Init,
    ) -> None:
        super().__init__()
        features = image_channels("yolo", input_shape, multiple=64)
        self.stages, self.channels = nn.Sequential(), []
        for number, convolutions in enumerate(STAGES):
            layers: list[nn.Module] = [] if number in HALVED else [nn.MaxPool2d(2)]
            for place, (kernel_size, factor) in enumerate(convolutions):
                stride = 2 if number in HALVED and place == 0 else 1
                layers.append(nn.Conv2d(features, factor * width, kernel_size, stride, kernel_size // 2))
                layers.append(nn.LeakyReLU(0.1))
                features = factor * width
            self.stages.append(nn.Sequential(*layers))
            self.channels.append(features)
        self.grid = rows, columns = [side // 64 for side in input_shape[1:]]
        self.head = nn.Sequential(
            nn.Flatten(),
            nn.Linear(features * rows * columns, hidden),
            nn.LeakyReLU(0.1),
            nn.Dropout(dropout),
            nn.Linear(hidden, num_outputs * rows * columns),
            nn.Unflatten(1, (num_outputs, *self.grid)),
        )
        initialize(self, init)

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, height, width) -> (n, num_outputs, height / 64, width / 64)."""
        return self.head(self.stages(x))
