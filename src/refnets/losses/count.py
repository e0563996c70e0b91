"""Event counts (table 5.11 row 10, fig 5.15)."""

from torch import Tensor
from torch.distributions import Poisson as PoissonDistribution
from torch.distributions import constraints

from refnets.losses.likelihood import Likelihood, positive


class Poisson(Likelihood):
    """rate^y exp(-rate) / y!; output: log rate. Counts more dispersed than their mean are not modelled."""

    outputs = 1
    support = constraints.nonnegative_integer

    def distribution(self, output: Tensor) -> PoissonDistribution:
        """(..., 1) -> Poisson distributions."""
        return PoissonDistribution(positive(output[..., 0]), validate_args=False)

    def nll(self, output: Tensor, y: Tensor) -> Tensor:
        """-log p(y), (...); from the log rate itself, which has a gradient also beyond the bounds of `positive`."""
        return positive(output[..., 0]) - y * output[..., 0] + (y + 1).lgamma()

    def predict(self, output: Tensor) -> Tensor:
        """The mode, floor(rate)."""
        return positive(output[..., 0]).floor()
