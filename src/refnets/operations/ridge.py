"""The toy model of book chapters 8 and 9 and its fits in closed form (book fig 8.4 and section 9.1).

f[x] = beta + sum over j of omega_j ReLU[x - (j - 1) / H]: the joints of the H hidden units are fixed, so the model is
linear in its parameters (beta, omega_1, ..., omega_H). All is in double precision; leading dimensions are a batch.
"""

import torch
from torch import Tensor
from torch.distributions import MultivariateNormal


def features(x: Tensor, units: int) -> Tensor:
    """1 and the activations of the hidden units: (...) -> (..., units + 1)."""
    joints = torch.arange(units, dtype=torch.float64) / units
    return torch.cat([torch.ones_like(x)[..., None], (x[..., None] - joints).relu()], -1)


def least_squares(a: Tensor, y: Tensor) -> Tensor:
    """The parameters of least sum of squares (a p - y)^2: (n, d) and (n, k) -> (d, k)."""
    return torch.linalg.lstsq(a, y).solution


def ridge(x: Tensor, y: Tensor, units: int, penalty: float) -> Tensor:
    """Parameters of the least sum of squares + penalty * sum of omega_j^2: (..., n) and (..., n) -> (..., units + 1).

    The bias is not penalized (book section 9.1.2; notebook 9_3).
    """
    a = features(x, units)  # (..., n, units + 1)
    weights = torch.ones(units + 1, dtype=torch.float64)
    weights[0] = 0
    return torch.linalg.solve(a.mT @ a + penalty * weights.diag(), (a.mT @ y[..., None]).squeeze(-1))


def posterior(x: Tensor, y: Tensor, units: int, noise: float, prior: float) -> MultivariateNormal:
    """The distribution of the parameters after n examples with noise of standard deviation `noise` (notebook 9_4).

    Before, each of them is normal with mean zero and variance `prior`.
    """
    a = features(x, units)  # (n, units + 1)
    precision = a.mT @ a / noise**2 + torch.eye(units + 1, dtype=torch.float64) / prior
    mean = torch.linalg.solve(precision, a.mT @ y / noise**2)
    return MultivariateNormal(mean, precision_matrix=precision)


def bend(parameters: Tensor) -> Tensor:
    """How much the slope changes along [0, 1] in all, up and down: (..., units + 1) -> (...)."""
    return parameters[..., 2:].abs().sum(-1)  # omega_1 is the slope at the left end
