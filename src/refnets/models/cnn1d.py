"""Convolutional network for one-dimensional signals (book section 10.2.7, fig 10.7)."""

from collections.abc import Sequence
from typing import Annotated

from annotated_types import Ge, Le
from pydantic import NonNegativeInt, PositiveInt
from torch import Tensor, nn

from refnets.models.activation import ACTIVATIONS, Activation
from refnets.models.initialize import Init, initialize


class CNN1d(nn.Module):
    """Inputs (n, input_channels, positions) -> outputs (n, num_outputs): `depth` convolutions, then one linear layer.

    `kernel_size` is that of every convolution, or a list with one size per layer. Of p positions each makes
    floor((p + 2 padding - kernel_size) / stride) + 1; without padding ("valid") the book's 40 become 19, 9 and 4.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        num_outputs: int,
        *,
        channels: PositiveInt,
        depth: Annotated[int, Ge(1), Le(10_000)],
        kernel_size: PositiveInt | list[PositiveInt],
        stride: PositiveInt,
        padding: NonNegativeInt,
        activation: Activation,
        init: Init,
    ) -> None:
        super().__init__()
        fan_in, positions = _signal(input_shape)
        self.stages = nn.Sequential()
        sizes = [kernel_size] * depth if isinstance(kernel_size, int) else list(kernel_size)
        if len(sizes) != depth:
            raise ValueError(f"model.kernel_size={kernel_size} gives {len(sizes)} sizes for model.depth={depth} layers")
        for size in sizes:
            positions = (positions + 2 * padding - size) // stride + 1
            if positions < 1:
                raise ValueError(
                    f"model.depth={depth}: convolution {len(self.stages) + 1} of kernel_size={size} has no"
                    f" position left of the data's {input_shape[1]}; lower model.depth, kernel_size or stride"
                )
            convolution = nn.Conv1d(fan_in, channels, size, stride, padding)
            self.stages.append(nn.Sequential(convolution, ACTIVATIONS[activation]()))
            fan_in = channels
        self.head = nn.Linear(channels * positions, num_outputs)
        initialize(self, init)

    def forward(self, x: Tensor) -> Tensor:
        """(n, input_channels, positions) -> (n, num_outputs)."""
        return self.head(self.stages(x).flatten(1))


def _signal(input_shape: Sequence[int]) -> tuple[int, int]:
    if len(input_shape) != 2:
        raise ValueError(f"model=cnn1d takes inputs of shape (channels, positions), the data has {tuple(input_shape)}")
    return input_shape[0], input_shape[1]
