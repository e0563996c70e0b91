"""Small convolutional network for images (book notebook 10_5, after LeCun et al. 1998)."""

from collections.abc import Sequence
from typing import Annotated

from annotated_types import Ge, Lt, MinLen
from pydantic import PositiveInt
from torch import Tensor, nn

from refnets.models.image import image_channels
from refnets.models.initialize import Init, initialize


class CNN2d(nn.Module):
    """Images (n, channels, height, width) -> outputs (n, num_outputs).

    A stage for each of `channels`: a convolution without padding, pooling that halves the image, ReLU. Then one hidden
    linear layer of `width` units. With dropout, whole channels of the last convolution are zeroed in training.
    `stages`, applied one after another, give feature maps that are smaller than the image by `strides` and the borders:
    in notebook 10_5, of 28 x 28 pixels, 10 x 12 x 12 and 20 x 4 x 4.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        num_outputs: int,
        *,
        channels: Annotated[list[PositiveInt], MinLen(1)],
        kernel_size: PositiveInt,
        width: PositiveInt,
        dropout: Annotated[float, Ge(0), Lt(1)],
        init: Init,
    ) -> None:
        super().__init__()
        smallest = 1
        for _ in channels:
            smallest = 2 * smallest + kernel_size - 1
        fan_in, height, wide = image_channels("cnn2d", input_shape, smallest), *input_shape[1:]
        self.channels, self.strides = list(channels), [2 ** (stage + 1) for stage in range(len(channels))]
        self.stages = nn.Sequential()
        for fan_out in channels:
            drop = [nn.Dropout2d(dropout)] if dropout and len(self.stages) == len(channels) - 1 else []
            convolution = nn.Conv2d(fan_in, fan_out, kernel_size)
            self.stages.append(nn.Sequential(convolution, *drop, nn.MaxPool2d(2), nn.ReLU()))
            fan_in, height, wide = fan_out, (height - kernel_size + 1) // 2, (wide - kernel_size + 1) // 2
        hidden = nn.Linear(fan_in * height * wide, width)
        self.head = nn.Sequential(nn.Flatten(), hidden, nn.ReLU(), nn.Linear(width, num_outputs))
        initialize(self, init)

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, height, width) -> (n, num_outputs)."""
        return self.head(self.stages(x))
