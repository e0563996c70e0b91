"""Regression with several right answers (table 5.11 row 3, fig 5.14; Bishop 1994, mixture density networks)."""

import torch
from pydantic import PositiveFloat, PositiveInt
from torch import Tensor
from torch.distributions import Categorical, MixtureSameFamily, Normal, constraints

from refnets.losses.likelihood import Likelihood, positive


class GaussianMixture(Likelihood):
    """A mixture of K normal distributions; outputs: K logits of the weights, K means, K log standard deviations.

    The likelihood has no upper bound when a component shrinks onto one example, so no deviation is below `min_sigma`.
    """

    support = constraints.real

    def __init__(self, components: PositiveInt, min_sigma: PositiveFloat) -> None:
        super().__init__()
        self.outputs, self.min_sigma = 3 * components, min_sigma

    def distribution(self, output: Tensor) -> MixtureSameFamily:
        """(..., 3K) -> mixtures."""
        logits, means, log_sigmas = output.chunk(3, dim=-1)  # (..., K) each
        components = Normal(means, self.min_sigma + positive(log_sigmas), validate_args=False)
        return MixtureSameFamily(Categorical(logits=logits, validate_args=False), components, validate_args=False)

    def predict(self, output: Tensor) -> Tensor:
        """The component mean of highest density: near the mode, where the mean of the mixture may be improbable."""
        means = output.chunk(3, dim=-1)[1]  # (..., K)
        density = self.distribution(output.unsqueeze(-2)).log_prob(means)  # (..., K)
        return means.gather(-1, density.argmax(-1, keepdim=True)).squeeze(-1)

    def canonical(self, output: Tensor) -> Tensor:
        """The components in the order of their means; logits that sum to 0."""
        logits, means, log_sigmas = output.chunk(3, dim=-1)  # (..., K) each
        order = means.argsort(-1)
        parts = logits - logits.mean(-1, keepdim=True), means, log_sigmas
        return torch.cat([part.gather(-1, order) for part in parts], -1)  # (..., 3K)
