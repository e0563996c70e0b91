"""The one-dimensional function of book chapter 8, with noise."""

from dataclasses import dataclass
from functools import cached_property

import torch
from pydantic import NonNegativeFloat, NonNegativeInt, PositiveInt
from torch import Tensor

from refnets.data.batches import Split
from refnets.data.data import Data
from refnets.data.target import Values
from refnets.memory import refuse_larger


@dataclass(kw_only=True)
class ToyRegression(Data):
    """y = exp(sin(2 pi x)) + normal noise (notebook 8_2); x on [0, 1], shape (n, 1), one in each of n equal bins."""

    num_train: PositiveInt
    num_test: PositiveInt
    noise: NonNegativeFloat  # standard deviation
    seed: NonNegativeInt
    batch_size: PositiveInt | None

    input_shape = (1,)
    target = Values(1)

    @cached_property
    def splits(self) -> dict[str, Split]:
        """Train and test, drawn alike."""
        number = self.num_train + self.num_test
        refuse_larger(f"data.num_train + data.num_test = {number}: the examples", 8 * number)
        generator = torch.Generator().manual_seed(self.seed)
        return {"train": self._draw(self.num_train, generator), "test": self._draw(self.num_test, generator)}

    def _draw(self, n: int, generator: torch.Generator) -> Split:
        x = (torch.arange(n) + torch.rand(n, generator=generator)) / n  # (n,)
        y = function(x) + self.noise * torch.randn(n, generator=generator)
        return Split(x[:, None], y)


def function(x: Tensor) -> Tensor:
    """exp(sin(2 pi x)), what there would be without noise: of notebook 8_3 and of book chapters 8 and 9."""
    return (2 * torch.pi * x).sin().exp()
