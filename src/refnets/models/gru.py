"""Bidirectional recurrent network of gated units (Cho et al. 2014, arXiv:1406.1078)."""

from collections.abc import Sequence

from pydantic import PositiveInt
from torch import Tensor, nn


class GRU(nn.Module):
    """Inputs (n, input_channels, positions) -> outputs (n, num_outputs): gated units, then one linear layer.

    `width` units read the signal from its first position to its last, as many others from its last to its first, and
    the linear layer sees what all of them say at every position.
    """

    def __init__(self, input_shape: Sequence[int], num_outputs: int, *, width: PositiveInt) -> None:
        super().__init__()
        if len(input_shape) != 2:
            shape = tuple(input_shape)
            raise ValueError(f"model=gru takes inputs of shape (channels, positions), the data has {shape}")
        channels, positions = input_shape
        self.units = nn.GRU(channels, width, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * width * positions, num_outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(n, input_channels, positions) -> (n, num_outputs)."""
        h, _ = self.units(x.transpose(1, 2))  # (n, positions, 2 width)
        return self.head(h.flatten(1))
