"""Regression with normally distributed errors (book section 5.3, table 5.11 row 1)."""

from math import log
from typing import Literal

import torch
from pydantic import PositiveFloat
from torch import Tensor, nn
from torch.distributions import Normal, constraints

from refnets.losses.likelihood import Likelihood, positive


class Gaussian(Likelihood):
    """N(mean, variance); the network predicts the mean and, if the variance is `predicted`, its logarithm.

    variance  fixed      sigma ** 2: least squares, up to constants (book eq 5.11)
              learned    one number for all inputs, fitted with the network, starting at sigma ** 2: homoscedastic
              predicted  a function of the input, the second output: heteroscedastic (book eq 5.15)
    """

    support = constraints.real

    def __init__(self, variance: Literal["fixed", "learned", "predicted"], sigma: PositiveFloat = 1.0) -> None:
        super().__init__()
        self.outputs = 2 if variance == "predicted" else 1
        log_variance = torch.tensor(2 * log(sigma), dtype=torch.float64)
        self.log_variance = nn.Parameter(log_variance, requires_grad=variance == "learned")

    def distribution(self, output: Tensor) -> Normal:
        """(..., P) -> normal distributions."""
        log_variance = output[..., 1] if self.outputs == 2 else self.log_variance
        return Normal(output[..., 0], positive(log_variance / 2), validate_args=False)

    def predict(self, output: Tensor) -> Tensor:
        """The mean."""
        return output[..., 0]
