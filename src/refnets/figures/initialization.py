"""How the variance of activations and of gradients changes from layer to layer (fig 7.7)."""

from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from refnets.figures import style
from refnets.runs import Run
from refnets.verdict import Number


def draw(
    runs: dict[str, list[Run]],
    *,
    variances: list[float],
    depth: int,
    width: int,
    networks: int,
    seed: int,
    published: dict[str, Any],
) -> tuple[Figure, dict[str, Number]]:
    """log10 of both variances along `depth` ReLU layers of `width` units, for each variance of the weights.

    Curves are means over `networks` random networks, dashed lines what theory says (book eqs 7.31 and 7.34): both
    change by the factor width * variance / 2 from one layer to the next.
    """
    picture, axes = style.panels(2)
    layer, numbers = np.arange(1, depth + 1), {}
    for variance, color in zip(variances, style.SERIES, strict=False):
        forward, backward = propagate(variance, depth, width, networks, seed)
        slope = np.log10(width * variance / 2)
        for ax, name, logs, start in ((axes[0], "forward", forward, 0), (axes[1], "backward", backward, depth - 1)):
            style.band(ax, layer, logs, color)
            sign = 1 if name == "forward" else -1
            theory = logs.mean(0)[start] + sign * slope * (layer - layer[start])
            ax.plot(layer, theory, color=color, linestyle=(0, (2, 2)), linewidth=1)
            curve = published[name][f"{variance:g}"]
            style.published(
                ax,
                curve["layer"],
                curve["value"],
                "published" if (name, variance) == ("backward", max(variances)) else "",
            )
            slopes = [sign * np.polyfit(layer, each, 1)[0] for each in logs]
            numbers[f"{name}_slope_at_variance_{variance:g}"] = Number("decades per layer", slopes)
        for ax, logs in zip(axes, (forward, backward), strict=True):
            style.label_end(ax, depth, logs.mean(0)[-1], f"{variance:g}", color)
    for letter, ax, what in zip("ab", axes, ("activations", "gradients"), strict=True):
        ax.set(xlim=(1, depth), xlabel="layer", ylabel=r"$\log_{10}$ variance", xticks=[1, depth // 2, depth])
        style.title(ax, letter, what)
    return picture, numbers


def propagate(variance: float, depth: int, width: int, networks: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """log10 of the variance over the units of the pre-activations and of dl/d(pre-activation), each (networks, depth).

    Inputs are standard normal, the loss is the sum of the squares of the outputs (targets 0). In double precision:
    these numbers leave the range of single precision.
    """
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    activation, layers = normal(networks, 1, width), []
    for _ in range(depth):
        weights = variance**0.5 * normal(networks, width, width)
        layers.append((activation @ weights).requires_grad_())  # (networks, 1, width)
        activation = layers[-1].relu()
    gradients = torch.autograd.grad((activation**2).sum(), layers)
    return tuple(
        np.stack([each.detach().var(-1).log10().squeeze(1).numpy() for each in values], 1)
        for values in (layers, gradients)
    )
