"""What trained classifiers say of the test data."""

import torch
from torch import Tensor

from refnets.runs import Run


def logits_of(runs: list[Run]) -> tuple[Tensor, Tensor]:
    """What each network puts out for the test data they have in common, (runs, n, K), and the true classes, (n,)."""
    x, y = runs[0].data().splits["test"]
    with torch.no_grad():
        return torch.stack([run.model()(x) for run in runs]), y


def error(classes: Tensor, y: Tensor) -> Tensor:
    """The percentage of predicted classes (..., n) that are not y, (...)."""
    return 100 * (classes != y).double().mean(-1)
