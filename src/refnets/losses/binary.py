"""Two classes (book section 5.4, table 5.11 row 8)."""

from torch import Tensor
from torch.distributions import Bernoulli as BernoulliDistribution
from torch.distributions import constraints

from refnets.losses.likelihood import Likelihood


class Bernoulli(Likelihood):
    """lambda^y (1 - lambda)^(1 - y) with lambda = sigmoid(output); y may be a probability (soft targets)."""

    outputs = 1
    support = constraints.unit_interval

    def distribution(self, output: Tensor) -> BernoulliDistribution:
        """(..., 1) -> Bernoulli distributions."""
        return BernoulliDistribution(logits=output[..., 0], validate_args=False)

    def predict(self, output: Tensor) -> Tensor:
        """1 where lambda > 0.5, else 0."""
        return (output[..., 0] > 0).to(output.dtype)
