"""Networks with normal random weights, as notebooks 7_2 and 7_3 have them."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor


def notebook_network(depth: int, width: int, seed: int) -> tuple[list[Tensor], list[Tensor]]:
    """Standard normal weights and biases, drawn in notebook 7_2's order: first and last layer, then those between."""
    normal = np.random.RandomState(seed).normal
    first, last = normal(size=(width, 1)), normal(size=(1, width))
    first_bias, last_bias = normal(size=(width, 1)), normal(size=(1, 1))
    between = [(normal(size=(width, width)), normal(size=(width, 1))) for _ in range(depth - 1)]
    weights, biases = zip((first, first_bias), *between, (last, last_bias), strict=True)
    return [torch.from_numpy(weight) for weight in weights], [torch.from_numpy(bias) for bias in biases]


def propagate(
    activation: Callable[[Tensor], Tensor],
    variances: Sequence[float],
    depth: int,
    width: int,
    networks: int,
    seed: int,
    loss: Callable[[Tensor], Tensor],
) -> tuple[np.ndarray, np.ndarray]:
    """Pre-activations f and gradients dl/df of random networks, each (len(variances), networks, depth, width).

    Inputs are standard normal, biases zero; all variances scale the same normal weights. `loss` is of the last
    activations, shape (networks, width, len(variances)). In double precision: these numbers leave the range of single
    precision.
    """
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    deviations = torch.tensor(variances, dtype=torch.float64).sqrt()
    h, layers = normal(networks, width, 1), []
    for _ in range(depth):
        f = normal(networks, width, width) @ (deviations * h)  # (networks, width, variances)
        layers.append(f.requires_grad_())
        h = activation(f)
    gradients = torch.autograd.grad(loss(h), layers)
    return tuple(torch.stack(each).permute(3, 1, 0, 2).detach().numpy() for each in (layers, gradients))
