"""The recipe of book section 5.2: a distribution whose parameters the network predicts, its -log likelihood as loss."""

from abc import ABC, abstractmethod

from torch import Tensor, nn
from torch.distributions import Distribution
from torch.distributions.constraints import Constraint

from refnets.data.target import Values, WrongTargetError


class Likelihood(nn.Module, ABC):
    """A distribution of one value y given the P numbers a network predicts: outputs (..., P), targets (...).

    The P outputs are free real numbers; a distribution that needs a positive parameter gets the exponential of one.
    """

    outputs: int  # P
    support: Constraint  # the values that y can take

    @abstractmethod
    def distribution(self, output: Tensor) -> Distribution:
        """(..., P) -> a distribution of batch shape (...)."""

    @abstractmethod
    def predict(self, output: Tensor) -> Tensor:
        """The point estimate of book eq 5.5: the most probable value, (...)."""

    def canonical(self, output: Tensor) -> Tensor:
        """The outputs (..., P) in a form that is the same for all outputs of the same distribution."""
        return output

    def nll(self, output: Tensor, y: Tensor) -> Tensor:
        """-log p(y) with all constants, in nats, (...)."""
        return -self.distribution(output).log_prob(y)

    def forward(self, output: Tensor, y: Tensor) -> Tensor:
        """The mean over the examples of -log p(y), in nats (book eq 5.4, divided by their number)."""
        return self.nll(output, y).mean()

    def sample(self, output: Tensor) -> Tensor:
        """One value drawn for each predicted distribution, (...)."""
        return self.distribution(output).sample()

    def num_outputs(self, target: object) -> int:
        """P. Raises ValueError when the targets are not single values."""
        if target != Values(1):
            raise WrongTargetError(f"{type(self).__name__} is for one number per example, the data has {target}")
        return self.outputs

    def check(self, y: Tensor) -> None:
        """Raises ValueError with the first target outside the support."""
        if not (inside := self.support.check(y)).all():
            raise ValueError(f"{type(self).__name__} is for targets in {self.support}, the data has {y[~inside][0]}")


def positive(output: Tensor) -> Tensor:
    """exp(output), bounded so that (y - mean) ** 2 times or over its square is finite in single precision."""
    return output.clamp(-30, 30).exp()
