"""Angles: -pi and pi are the same direction (table 5.11 row 7, fig 5.13)."""

import math

import torch
from torch import Tensor
from torch.distributions import VonMises as VonMisesDistribution
from torch.distributions import constraints

from refnets.losses.likelihood import Likelihood, positive

EPS = 1e-12  # keeps the gradient of the angle finite where both its coordinates are 0


class VonMises(Likelihood):
    """exp(kappa cos(y - mean)) / (2 pi I0(kappa)); outputs: r cos(mean) and r sin(mean) with any r, and log kappa."""

    outputs = 3
    support = constraints.interval(-2 * math.pi, 2 * math.pi)  # radians from -pi or from 0; degrees are mostly beyond

    def distribution(self, output: Tensor) -> VonMisesDistribution:
        """(..., 3) -> von Mises distributions."""
        return VonMisesDistribution(self.predict(output), positive(output[..., 2]), validate_args=False)

    def nll(self, output: Tensor, y: Tensor) -> Tensor:
        """-log p(y), (...); by i0e(kappa) = exp(-kappa) I0(kappa), because I0 overflows from kappa = 88 on."""
        kappa = positive(output[..., 2])
        distance = 2 * ((y - self.predict(output)) / 2).sin() ** 2  # 1 - cos, which rounds to 0 for small angles
        return math.log(2 * math.pi) + torch.special.i0e(kappa).log() + kappa * distance

    def predict(self, output: Tensor) -> Tensor:
        """The mean direction, in (-pi, pi]."""
        return torch.atan2(output[..., 1], output[..., 0] + EPS)

    def canonical(self, output: Tensor) -> Tensor:
        """r = 1."""
        mean = self.predict(output)
        return torch.stack([mean.cos(), mean.sin(), output[..., 2]], -1)
