"""Fully connected network (book chapters 3 and 4)."""

from collections.abc import Sequence
from math import prod
from typing import Annotated

from annotated_types import Ge, Le, Lt
from pydantic import PositiveInt
from torch import Tensor, nn

from refnets.models.activation import ACTIVATIONS, Activation
from refnets.models.initialize import Init, initialize


class MLP(nn.Module):
    """Inputs (n, *input_shape) -> outputs (n, num_outputs) through `depth` hidden layers (book eq 4.16).

    `width` is the number of units of every hidden layer, or a list with one number per layer; without hidden layers the
    network is linear in its inputs (book section 2.2). With dropout, every hidden unit is zeroed with probability
    `dropout` in training and the others are scaled by 1 / (1 - dropout).
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        num_outputs: int,
        *,
        width: PositiveInt | list[PositiveInt],
        depth: Annotated[int, Ge(0), Le(10_000)],
        activation: Activation,
        init: Init,
        dropout: Annotated[float, Ge(0), Lt(1)],
    ) -> None:
        super().__init__()
        widths = [width] * depth if isinstance(width, int) else list(width)
        if len(widths) != depth:
            raise ValueError(f"model.width={width} gives {len(widths)} widths for model.depth={depth} hidden layers")
        layers: list[nn.Module] = [nn.Flatten()]
        fans_in = [prod(input_shape), *widths]
        for fan_in, fan_out in zip(fans_in, widths, strict=False):
            layers += [nn.Linear(fan_in, fan_out), ACTIVATIONS[activation]()]
            layers += [nn.Dropout(dropout)] if dropout else []
        self.layers = nn.Sequential(*layers, nn.Linear(fans_in[-1], num_outputs))
        initialize(self, init)

    def forward(self, x: Tensor) -> Tensor:
        """(n, *input_shape) -> (n, num_outputs)."""
        return self.layers(x)
