"""Normal errors around a piecewise linear mean, of a standard deviation that is piecewise linear too (fig 5.5)."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import torch
from pydantic import NonNegativeInt, PositiveInt
from torch import Tensor

from refnets.data.batches import Split
from refnets.data.data import Data
from refnets.data.target import Values
from refnets.memory import refuse_larger


@dataclass(kw_only=True)
class PiecewiseLinear(Data):
    """x uniform from the first to the last joint, shape (n, 1); y drawn from N(mean(x), sigma(x)^2), shape (n,).

    Between its values at the joints `x`, in ascending order, each curve is a straight line.
    """

    x: list[float]
    mean: list[float]
    sigma: list[float]
    num_samples: PositiveInt  # in each split
    seed: NonNegativeInt
    batch_size: PositiveInt | None

    input_shape = (1,)
    target = Values(1)

    def __post_init__(self) -> None:
        if not len(self.x) == len(self.mean) == len(self.sigma) >= 2:
            raise ValueError(
                f"data.x has {len(self.x)} joints, data.mean {len(self.mean)} values and data.sigma {len(self.sigma)}:"
                " should be as many, and at least 2"
            )
        if any(right <= left for left, right in pairwise(self.x)):
            raise ValueError(f"data.x={self.x}: should ascend")
        if min(self.sigma) < 0:
            raise ValueError(f"data.sigma={self.sigma}: should have no negative value")

    @cached_property
    def splits(self) -> dict[str, Split]:
        """Train and test, drawn alike."""
        refuse_larger(f"data.num_samples={self.num_samples}: the examples", 2 * 8 * self.num_samples)
        generator = torch.Generator().manual_seed(self.seed)
        return {name: self._draw(generator) for name in ("train", "test")}

    def curves(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The true mean and standard deviation at x: (n, 1) -> (n,) each."""
        mean, sigma = (np.interp(x[:, 0], self.x, values) for values in (self.mean, self.sigma))
        return torch.tensor(mean, dtype=x.dtype), torch.tensor(sigma, dtype=x.dtype)

    def _draw(self, generator: torch.Generator) -> Split:
        x = self.x[0] + (self.x[-1] - self.x[0]) * torch.rand(self.num_samples, 1, generator=generator)
        mean, sigma = self.curves(x)
        return Split(x, mean + sigma * torch.randn(self.num_samples, generator=generator))
