"""Data drawn from a distribution whose parameters are known curves of the input, to see a loss find them again."""

from dataclasses import dataclass
from functools import cached_property
from string import ascii_uppercase
from typing import Any

import torch
from pydantic import NonNegativeInt, PositiveInt
from torch import Tensor

from refnets.data.batches import Split
from refnets.data.data import Data
from refnets.data.target import Classes, Ordering, Values
from refnets.memory import refuse_larger


@dataclass(kw_only=True)
class Generated(Data):
    """x uniform on [0, 1], shape (n, 1); y drawn from `likelihood`, one of the losses, given its outputs at x.

    Output j is the curve offset + amplitude sin(2 pi frequency x + phase), of the four numbers in curves[j].
    """

    likelihood: Any
    curves: list[tuple[float, float, float, float]]
    num_samples: PositiveInt  # in each split
    seed: NonNegativeInt
    batch_size: PositiveInt | None

    input_shape = (1,)

    def __post_init__(self) -> None:
        if not hasattr(self.likelihood, "sample"):
            name = type(self.likelihood).__name__
            raise ValueError(f"data.likelihood: from {name} nothing is drawn; type loss@data.likelihood=gaussian")
        needed = getattr(self.likelihood, "outputs", len(self.curves))
        if len(self.curves) != needed:
            raise ValueError(f"data.curves has {len(self.curves)} curves, the likelihood has {needed} outputs")

    @property
    def target(self) -> Values | Ordering | Classes:
        """What `likelihood` draws."""
        y = self.splits["train"].y
        if y.is_floating_point():
            return Values(1 if y.dim() == 1 else y.shape[-1])
        return Classes(tuple(ascii_uppercase[: len(self.curves)])) if y.dim() == 1 else Ordering(y.shape[-1])

    @cached_property
    def splits(self) -> dict[str, Split]:
        """Train and test, drawn alike."""
        refuse_larger(f"data.num_samples={self.num_samples}: the examples", 2 * 8 * self.num_samples)
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(self.seed)  # and not those of GPUs, which nobody would set back
            return {name: self._draw() for name in ("train", "test")}

    def outputs(self, x: Tensor) -> Tensor:
        """The true outputs at x: (n, 1) -> (n, P)."""
        offset, amplitude, frequency, phase = torch.tensor(self.curves, dtype=x.dtype).T  # (P,) each
        return offset + amplitude * (2 * torch.pi * frequency * x + phase).sin()

    def nll(self, split: Split) -> float:
        """The mean of -log p(y) under the true distribution, in nats: no network does better on new data."""
        return self.likelihood(self.outputs(split.x), split.y).item()

    def _draw(self) -> Split:
        x = torch.rand(self.num_samples, 1)
        return Split(x, self.likelihood.sample(self.outputs(x)))
