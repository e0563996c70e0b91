"""Regression that outliers do not dominate (table 5.11 row 2)."""

from pydantic import PositiveFloat
from torch import Tensor
from torch.distributions import Laplace as LaplaceDistribution
from torch.distributions import StudentT as StudentTDistribution
from torch.distributions import constraints
from torch.nn.functional import softplus

from refnets.losses.likelihood import Likelihood, positive


class Laplace(Likelihood):
    """exp(-|y - mean| / scale) / (2 scale); outputs: mean, log scale. With a fixed scale it is the absolute error."""

    outputs = 2
    support = constraints.real

    def distribution(self, output: Tensor) -> LaplaceDistribution:
        """(..., 2) -> Laplace distributions."""
        return LaplaceDistribution(output[..., 0], positive(output[..., 1]), validate_args=False)

    def predict(self, output: Tensor) -> Tensor:
        """The mean, which is also mode and median."""
        return output[..., 0]


class StudentT(Likelihood):
    """Student's t; outputs: location, log scale, and the degrees of freedom nu = min_dof + softplus(output).

    nu = 1 is the Cauchy distribution, infinity the normal; above 2 the variance is finite.
    """

    outputs = 3
    support = constraints.real

    def __init__(self, min_dof: PositiveFloat) -> None:
        super().__init__()
        self.min_dof = min_dof

    def distribution(self, output: Tensor) -> StudentTDistribution:
        """(..., 3) -> t distributions."""
        dof = self.min_dof + softplus(output[..., 2])
        return StudentTDistribution(dof, output[..., 0], positive(output[..., 1]), validate_args=False)

    def nll(self, output: Tensor, y: Tensor) -> Tensor:
        """-log p(y), (...); in double precision, where the differences of large lgammas do not cancel."""
        return super().nll(output.double(), y.double()).to(output.dtype)

    def predict(self, output: Tensor) -> Tensor:
        """The location, which is the mode for every nu."""
        return output[..., 0]
