"""Sizes, durations, amounts: values that are not negative (table 5.11 row 4)."""

from torch import Tensor
from torch.distributions import Exponential as ExponentialDistribution
from torch.distributions import Gamma as GammaDistribution
from torch.distributions import constraints

from refnets.losses.likelihood import Likelihood, positive


class Exponential(Likelihood):
    """rate exp(-rate y); output: log rate."""

    outputs = 1
    support = constraints.nonnegative

    def distribution(self, output: Tensor) -> ExponentialDistribution:
        """(..., 1) -> exponential distributions."""
        return ExponentialDistribution(positive(output[..., 0]), validate_args=False)

    def predict(self, output: Tensor) -> Tensor:
        """The mean 1 / rate: the mode is 0 whatever the rate, and says nothing."""
        return 1 / positive(output[..., 0])


class Gamma(Likelihood):
    """rate^shape y^(shape - 1) exp(-rate y) / Gamma(shape); outputs: log shape, log rate; shape 1: exponential."""

    outputs = 2
    support = constraints.positive  # at y = 0 the density is 0 or infinite unless the shape is exactly 1

    def distribution(self, output: Tensor) -> GammaDistribution:
        """(..., 2) -> gamma distributions."""
        shape, rate = positive(output).unbind(-1)
        return GammaDistribution(shape, rate, validate_args=False)

    def nll(self, output: Tensor, y: Tensor) -> Tensor:
        """-log p(y), (...); in double precision, where the differences of large lgammas do not cancel."""
        return super().nll(output.double(), y.double()).to(output.dtype)

    def predict(self, output: Tensor) -> Tensor:
        """The mode (shape - 1) / rate, or 0 for shapes below 1."""
        shape, rate = positive(output).unbind(-1)
        return (shape - 1).clamp(min=0) / rate
