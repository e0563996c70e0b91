"""Shares between 0 and 1 (table 5.11 row 5)."""

import torch
from pydantic import PositiveFloat
from torch import Tensor
from torch.distributions import Beta as BetaDistribution
from torch.distributions import constraints

from refnets.losses.likelihood import Likelihood, positive


class Beta(Likelihood):
    """y^(alpha - 1) (1 - y)^(beta - 1) / B(alpha, beta); outputs: log alpha, log beta.

    At 0 and at 1 the density is 0 or infinite: targets are moved into [eps, 1 - eps].
    """

    outputs = 2
    support = constraints.unit_interval

    def __init__(self, eps: PositiveFloat) -> None:
        super().__init__()
        self.eps = eps

    def distribution(self, output: Tensor) -> BetaDistribution:
        """(..., 2) -> beta distributions."""
        alpha, beta = positive(output).unbind(-1)
        return BetaDistribution(alpha, beta, validate_args=False)

    def nll(self, output: Tensor, y: Tensor) -> Tensor:
        """-log p(y), (...); in double precision, where the differences of large lgammas do not cancel."""
        return super().nll(output.double(), y.double().clamp(self.eps, 1 - self.eps)).to(output.dtype)

    def predict(self, output: Tensor) -> Tensor:
        """The mode if there is one inside, alpha and beta both above 1; otherwise the mean."""
        alpha, beta = positive(output).unbind(-1)
        mode = (alpha - 1) / (alpha + beta - 2)
        return torch.where((alpha > 1) & (beta > 1), mode, alpha / (alpha + beta))
