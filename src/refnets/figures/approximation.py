"""Shallow networks that approximate a given function the better, the more hidden units they have (fig 3.5)."""

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch.func import grad, vmap

from refnets.data.toy_regression import function
from refnets.figures import style
from refnets.models.coefficients import from_coefficients
from refnets.models.mlp import MLP
from refnets.verdict import Number

X = torch.linspace(0, 1, 20001, dtype=torch.float64)  # fine enough for the largest errors of a few hundred units


def draw(*, drawn: list[int], units: list[int]) -> tuple[Figure, dict[str, Number]]:
    """Networks of `drawn` hidden units over the function they approximate, and the errors of those of `units`."""
    picture = Figure(figsize=(6.3, 4.4))
    axes = picture.subplots(2, 2).flatten()
    for letter, ax, number in zip("abc", axes, drawn, strict=False):
        _network(ax, number)
        style.title(ax, letter, f"{number} hidden units")
    style.label(axes[0], 0.36, 2.3, "exp(sin 2πx)", style.PUBLISHED, align="left", fontsize=9)
    errors, limit = np.array([error(each) for each in units]), bound()
    _errors(axes[3], units, errors, limit)
    numbers = {f"error_with_{each}_units": Number(error(each)) for each in drawn}
    order = np.polyfit(np.log(units), np.log(errors), 1)[0]
    return picture, numbers | {
        "order": Number(order),
        f"error_over_bound_with_{units[-1]}_units": Number(errors[-1] * units[-1] ** 2 / limit),
    }


def interpolate(units: int) -> MLP:
    """The network with joints at 0, 1 / units, 2 / units, ... that equals `function` there and at 1.

    Each hidden unit is one slope: ReLU(x - joint) times the change of the slope at the joint (book section 3.2).
    """
    at = torch.linspace(0, 1, units + 1, dtype=torch.float64)
    slopes = function(at).diff() * units
    changes = slopes.diff(prepend=torch.zeros(1))
    first = [[-joint, 1.0] for joint in at[:-1].tolist()]
    return from_coefficients(first, [[function(at[0]).item(), *changes.tolist()]])


def error(units: int) -> float:
    """The largest difference between the network and the function on [0, 1]."""
    with torch.no_grad():
        return (interpolate(units)(X[:, None])[:, 0] - function(X)).abs().max().item()


def bound() -> float:
    """The bound of the error of linear interpolation, max |f''| / (8 units^2), times units^2."""
    return vmap(grad(grad(function)))(X).abs().max().item() / 8


def _network(ax: Axes, units: int) -> None:
    network, at = interpolate(units), torch.linspace(0, 1, units + 1, dtype=torch.float64)
    ax.plot(X, function(X), color=style.PUBLISHED, linewidth=3)
    with torch.no_grad():
        ax.plot(X, network(X[:, None]), color=style.TEST)
        ax.plot(at, network(at[:, None]), "o", color=style.TEST, markersize=3)
    ax.set(xlim=(0, 1), ylim=(0, 3), xticks=[0, 1], yticks=[0, 3], xlabel="input x", ylabel="y")


def _errors(ax: Axes, units: list[int], errors: np.ndarray, limit: float) -> None:
    ax.plot(units, limit / np.square(units), color=style.INK, linewidth=1, linestyle=(0, (2, 2)))
    ax.plot(units, errors, "o", color=style.TEST, markersize=4)
    style.label(ax, units[2], limit / units[2] ** 2, "   bound of theory", style.INK, align="left", fontsize=9)
    ax.set(xscale="log", yscale="log", xlabel="hidden units", ylabel="largest error")
    ax.set(xticks=[units[0], units[-1]], xticklabels=[units[0], units[-1]], yticks=[1e-4, 1e-2, 1])
    ax.minorticks_off()
    style.title(ax, "d")
