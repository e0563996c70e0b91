"""Fully connected network with residual connections (book section 11.2, fig 11.5 b, notebooks 11_2 and 11_3)."""

from collections.abc import Sequence
from math import prod

from pydantic import NonNegativeInt, PositiveInt
from torch import Tensor, nn

from refnets.models.initialize import Init, initialize


class ResidualMLP(nn.Module):
    """Inputs (n, *input_shape) -> outputs (n, num_outputs): a linear layer, `depth` residual blocks, a linear layer.

    Every block adds to its input what `branches` make of it: ReLU, then a linear layer, so that it can both add and
    subtract (fig 11.5 b). With `batch_norm` a branch begins by normalizing its input (fig 11.6 c). Without `residual`
    it is the plain network: the shortcuts are left out, which carry no parameters.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        num_outputs: int,
        *,
        width: PositiveInt,
        depth: NonNegativeInt,
        batch_norm: bool,
        residual: bool,
        init: Init,
    ) -> None:
        super().__init__()
        self.residual = residual
        self.stem = nn.Sequential(nn.Flatten(), nn.Linear(prod(input_shape), width))
        self.branches = nn.ModuleList()
        for _ in range(depth):
            normalize = [nn.BatchNorm1d(width)] if batch_norm else []
            self.branches.append(nn.Sequential(*normalize, nn.ReLU(), nn.Linear(width, width)))
        self.head = nn.Linear(width, num_outputs)
        initialize(self, init)

    def forward(self, x: Tensor) -> Tensor:
        """(n, *input_shape) -> (n, num_outputs)."""
        h = self.stem(x)  # (n, width)
        for branch in self.branches:
            h = h + branch(h) if self.residual else branch(h)
        return self.head(h)
