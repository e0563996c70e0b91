"""What is measured besides the loss."""

import torch
from torch import Tensor
from torchmetrics import Metric


class ErrorRate(Metric):
    """Percentage of examples whose most probable class is not the target. Logits (n, K, ...), targets (n, ...)."""

    def __init__(self) -> None:
        super().__init__()
        self.add_state("wrong", torch.tensor(0), dist_reduce_fx="sum")
        self.add_state("total", torch.tensor(0), dist_reduce_fx="sum")

    def update(self, logits: Tensor, y: Tensor) -> None:
        """Counts the errors of one batch."""
        self.wrong += (logits.argmax(1) != y).sum()
        self.total += y.numel()

    def compute(self) -> Tensor:
        """Error rate in percent, a double: of 1,000 examples 383 are 38.3 %, not 38.3000031 %."""
        return 100 * self.wrong.double() / self.total
