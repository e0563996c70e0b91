"""Orderings of K items (table 5.11 row 11; Luce 1959, Plackett 1975)."""

import torch
from torch import Tensor, nn

from refnets.data.target import Ordering, WrongTargetError


class PlackettLuce(nn.Module):
    """The first item is drawn by softmax(scores), the next by softmax over those left, and so on.

    Outputs: K scores, (..., K). Targets: orderings (..., K): y[0] is the item that comes first, not the rank of item 0.
    """

    def num_outputs(self, target: object) -> int:
        """K. Raises ValueError when the targets are not orderings."""
        if not isinstance(target, Ordering):
            raise WrongTargetError(f"loss=plackett_luce needs targets that are orderings, the data has {target}")
        return target.items

    def nll(self, scores: Tensor, y: Tensor) -> Tensor:
        """Sum over places i of logsumexp(scores of the items at i and after) - score of the item at i, (...)."""
        ordered = scores.gather(-1, y)  # (..., K): score of the first item, of the second, ...
        left = ordered.flip(-1).logcumsumexp(-1).flip(-1)  # (..., K)
        return (left - ordered).sum(-1)

    def forward(self, scores: Tensor, y: Tensor) -> Tensor:
        """The mean over the examples of -log p(y), in nats."""
        return self.nll(scores, y).mean()

    def canonical(self, scores: Tensor) -> Tensor:
        """Scores that sum to 0: adding a constant to all of them changes nothing."""
        return scores - scores.mean(-1, keepdim=True)

    def predict(self, scores: Tensor) -> Tensor:
        """The most probable ordering: by descending score, (..., K)."""
        return scores.argsort(-1, descending=True)

    def sample(self, scores: Tensor) -> Tensor:
        """One ordering per vector of scores, (..., K): sorting scores with Gumbel noise draws in turn by softmax."""
        gumbel = -torch.empty_like(scores).exponential_().log()
        return self.predict(scores + gumbel)

    def check(self, y: Tensor) -> None:
        """Raises ValueError with the first target that is no ordering of 0 to K-1."""
        wrong = (y.sort(-1).values != torch.arange(y.shape[-1], device=y.device)).any(-1)
        if wrong.any():
            raise ValueError(f"loss=plackett_luce: {y[wrong][0].tolist()} is no ordering of 0 to {y.shape[-1] - 1}")
