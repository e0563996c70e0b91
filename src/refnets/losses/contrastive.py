"""Views of one example are alike, others are not: contrastive self-supervised learning (book section 9.3.7)."""

import torch
import torch.nn.functional as F
from pydantic import PositiveFloat, PositiveInt
from torch import Tensor, nn

from refnets.data.target import Views, WrongTargetError


class NTXent(nn.Module):
    """Normalized temperature-scaled cross-entropy, also called InfoNCE (SimCLR, Chen et al. 2020, eq 1).

    Every view is to be classified: which of the other views in the batch is of the same example? The logits are the
    cosines of the angles between outputs (n, size), over the temperature. Targets `Views`, (n,), each number twice.
    """

    compares_examples = True

    def __init__(self, temperature: PositiveFloat, size: PositiveInt) -> None:
        super().__init__()
        self.temperature, self.size = temperature, size

    def num_outputs(self, target: object) -> int:
        """The size of the space in which views are compared. Raises ValueError when the targets are not views."""
        if not isinstance(target, Views):
            raise WrongTargetError(f"loss=contrastive needs pairs of views (data=pairs), the data has {target}")
        return self.size

    def check(self, y: Tensor) -> None:
        """Raises ValueError when an example has not exactly two views."""
        numbers, views = y.unique(return_counts=True)
        if (views != 2).any():
            number = numbers[views != 2][0]
            raise ValueError(f"loss=contrastive is for two views of every example, the data has others of {number}")

    def forward(self, output: Tensor, y: Tensor) -> Tensor:
        """Mean over the views, in nats; the more views there are to choose from, the larger it is."""
        direction = F.normalize(output)  # (n, size)
        logits = (direction @ direction.T / self.temperature).fill_diagonal_(-torch.inf)  # (n, n)
        same = (y[:, None] == y).fill_diagonal_(False)  # (n, n)
        return F.cross_entropy(logits, same.int().argmax(1))

    def predict(self, output: Tensor) -> Tensor:
        """The direction in which the view lies, (n, size)."""
        return F.normalize(output)
