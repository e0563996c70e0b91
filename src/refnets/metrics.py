"""What is measured besides the loss. Every metric compares what the loss predicts with the targets."""

import torch
from torch import Tensor
from torchmetrics import Metric


class ErrorRate(Metric):
    """Percentage of examples whose most probable class is not the target: (n,) each."""

    def __init__(self) -> None:
        super().__init__()
        self.add_state("wrong", torch.tensor(0), dist_reduce_fx="sum")
        self.add_state("total", torch.tensor(0), dist_reduce_fx="sum")

    def update(self, predicted: Tensor, y: Tensor) -> None:
        """Counts the errors of one batch."""
        self.wrong += (predicted != y).sum()
        self.total += y.numel()

    def compute(self) -> Tensor:
        """Error rate in percent, a double: of 1,000 examples 383 are 38.3 %, not 38.3000031 %."""
        return 100 * self.wrong.double() / self.total


class Unexplained(Metric):
    """Percentage of the squares of hidden values that a reconstruction (n, P) misses. Targets `Hidden`, (n, 2, P)."""

    def __init__(self) -> None:
        super().__init__()
        self.add_state("missed", torch.tensor(0.0, dtype=torch.float64), dist_reduce_fx="sum")
        self.add_state("total", torch.tensor(0.0, dtype=torch.float64), dist_reduce_fx="sum")

    def update(self, predicted: Tensor, y: Tensor) -> None:
        """Adds up the squares of one batch."""
        values, hidden = y.unbind(1)  # (n, P) each
        self.missed += (hidden * (predicted - values).square()).sum()
        self.total += (hidden * values.square()).sum()

    def compute(self) -> Tensor:
        """In percent: 0 is a perfect reconstruction, 100 what predicting zeros gives."""
        return 100 * self.missed / self.total


class Unpaired(ErrorRate):
    """Percentage of views whose most similar one in the batch is of another example.

    Directions (n, D), targets (n,).
    """

    def update(self, direction: Tensor, y: Tensor) -> None:
        """Counts the views of one batch."""
        similarity = (direction @ direction.T).fill_diagonal_(-torch.inf)  # (n, n)
        super().update(y[similarity.argmax(1)], y)
