"""How the gradient shrinks or grows from layer to layer, by activation function and scale of the weights."""

from collections.abc import Callable

import numpy as np
import torch
from matplotlib.figure import Figure
from scipy.stats import norm
from torch import Tensor

from refnets.figures import style
from refnets.models.activation import ACTIVATIONS, Activation
from refnets.operations.random_networks import propagate
from refnets.verdict import Number

LIMITS = (-45, 60)  # decades, the same in every panel


def draw(
    *, activations: list[Activation], variances: dict[str, float], depth: int, width: int, networks: int, seed: int
) -> tuple[Figure, dict[str, Number]]:
    """A panel per activation function, a curve per variance of the weights, dashed is `mean_field`.

    Each is the norm of dl/df relative to the last layer, over `networks` random networks; from left to right it is the
    backward pass.
    """
    picture = Figure(figsize=(6.3, 2.6))
    axes = picture.subplots(1, len(activations), sharey=True)
    layer, numbers = np.arange(1, depth + 1), {}
    for letter, ax, name in zip("abc", axes, activations, strict=False):
        activation = ACTIVATIONS[name]
        curves = gradient_norms(activation(), list(variances.values()), depth, width, networks, seed)
        for (scale, variance), logs, color in zip(variances.items(), curves, style.SERIES, strict=False):
            style.band(ax, layer, logs, color)
            theory = mean_field(activation(), width * variance, depth)
            ax.plot(layer, theory, color=color, linestyle=(0, (2, 2)), linewidth=1)
            style.label_end(ax, 1, logs[:, 0].mean(), scale, color)
            numbers[f"{activation.__name__}_{scale}"] = Number(10 ** (logs[:, 0] / (depth - 1)), "per layer")
        ax.set(xlim=(depth, 1), xticks=[depth, depth // 2, 1], xlabel="layer, backwards")
        style.title(ax, letter, activation.__name__)
    axes[0].set(ylim=LIMITS, yticks=[-40, 0, 40], ylabel=r"$\log_{10}$ relative gradient")
    return picture, numbers


def gradient_norms(
    activation: Callable[[Tensor], Tensor],
    variances: list[float],
    depth: int,
    width: int,
    networks: int,
    seed: int,
) -> np.ndarray:
    """log10 of the norm of dl/df relative to the last layer, shape (len(variances), networks, depth).

    The loss is linear in the outputs with random slopes, as if the targets were far away: the gradient that enters the
    network knows nothing of its weights.
    """
    slopes = torch.randn(width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    _, gradients = propagate(activation, variances, depth, width, networks, seed + 1, lambda h: (slopes @ h).sum())
    logs = np.log10(np.linalg.norm(gradients, axis=-1))
    return logs - logs[..., -1:]


def mean_field(activation: Callable[[Tensor], Tensor], gain: float, depth: int) -> np.ndarray:
    """log10 of the norm of dl/df_k relative to the last layer, in wide networks without biases; shape (depth,).

    With weights of variance gain / width, pre-activations are normal with a variance q that layer after layer becomes
    gain E[a(f)^2], and the squared norm of the gradient changes by gain E[a'(f)^2], so by at most gain max(a')^2
    (Poole et al. 2016; Schoenholz et al. 2017). For ReLU both factors are gain / 2 (book eqs 7.31 and 7.33).
    """
    z = torch.linspace(-8, 8, 4000, dtype=torch.float64)
    density = torch.from_numpy(norm.pdf(z)) * (z[1] - z[0])
    q, factors = gain, []
    for _ in range(depth - 1):
        f = (q**0.5 * z).requires_grad_()
        h = activation(f)
        (slope,) = torch.autograd.grad(h.sum(), f)
        factors.append(gain * (density @ slope**2).item())  # from layer k + 1 back to layer k
        q = gain * (density @ h.detach() ** 2).item()
    return np.append(np.cumsum(np.log10(factors[::-1]))[::-1] / 2, 0.0)
