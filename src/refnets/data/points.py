"""A few examples written out in the YAML."""

from dataclasses import dataclass
from functools import cached_property

import torch
from pydantic import PositiveInt

from refnets.data.batches import Split
from refnets.data.data import Data
from refnets.data.target import Values


@dataclass(kw_only=True)
class Points(Data):
    """Inputs x[i], shape (n, 1), and their targets y[i], shape (n,); all are for training."""

    x: list[float]
    y: list[float]
    batch_size: PositiveInt | None

    input_shape = (1,)
    target = Values(1)

    @cached_property
    def splits(self) -> dict[str, Split]:
        """Train. Raises ValueError when the lists are not equally long."""
        if not self.x or len(self.x) != len(self.y):
            raise ValueError(f"data.x has {len(self.x)} numbers, data.y {len(self.y)}")
        x, y = torch.tensor([self.x, self.y], dtype=torch.float32)
        return {"train": Split(x[:, None], y)}
