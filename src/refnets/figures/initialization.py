"""How the variance of activations and of gradients changes from layer to layer (fig 7.7)."""

from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from refnets.figures import style
from refnets.operations.random_networks import propagate
from refnets.verdict import Number


def draw(
    *, variances: list[float], depth: int, width: int, networks: int, seed: int, published: dict[str, Any]
) -> tuple[Figure, dict[str, Number]]:
    """log10 of both variances along `depth` ReLU layers of `width` units, for each variance of the weights.

    Curves are means over `networks` random networks, dashed lines what theory says (book eqs 7.31 and 7.33): both
    change by the factor width * variance / 2 from one layer to the next.
    """
    picture, axes = style.panels(2)
    layer, numbers, printed = np.arange(1, depth + 1), {}, []
    propagated = propagate(torch.relu, variances, depth, width, networks, seed, squares)
    curves = zip(variances, style.SERIES, *map(log_variance, propagated), strict=False)
    for variance, color, forward, backward in curves:
        slope = np.log10(width * variance / 2)
        for ax, name, logs, start in ((axes[0], "forward", forward, 0), (axes[1], "backward", backward, depth - 1)):
            style.band(ax, layer, logs, color)
            sign = 1 if name == "forward" else -1
            theory = logs.mean(0)[start] + sign * slope * (layer - layer[start])
            ax.plot(layer, theory, color=color, linestyle=(0, (2, 2)), linewidth=1)
            curve, named = published[name][f"{variance:g}"], (name, variance) == ("backward", max(variances))
            style.published(ax, curve["layer"], curve["value"], "published" if named else "")
            slopes = [sign * np.polyfit(layer, each, 1)[0] for each in logs]
            numbers[f"{name}_slope_at_variance_{variance:g}"] = Number(slopes, "decades per layer")
            numbers[f"{name}_range_at_variance_{variance:g}"] = Number(np.ptp(logs.mean(0)), "decades")
            printed.append((slope, sign * np.polyfit(curve["layer"], curve["value"], 1)[0]))
        for ax, logs in zip(axes, (forward, backward), strict=True):
            style.label_end(ax, depth, logs.mean(0)[-1], f"{variance:g}", color)
    for letter, ax, what in zip("ab", axes, ("activations", "gradients"), strict=True):
        ax.set(xlim=(1, depth), xlabel="layer", ylabel=r"$\log_{10}$ variance", xticks=[1, depth // 2, depth])
        style.title(ax, letter, what)
    theory, drawn = np.array(printed).T
    return picture, numbers | {
        "published_slopes_from_theory": Number(np.abs(drawn - theory).max(), "decades per layer"),
        "published_slopes_from_half_of_theory": Number(np.abs(drawn - theory / 2).max(), "decades per layer"),
    }


def squares(output: Tensor) -> Tensor:
    """The sum of squared outputs: least squares with targets 0."""
    return (output**2).sum()


def log_variance(values: np.ndarray) -> np.ndarray:
    """log10 of the variance over the units, which are the last axis."""
    return np.log10(values.var(-1, ddof=1))
