"""A penalty that is added to a loss of many minima (fig 9.1)."""

from collections.abc import Callable

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor
from torch.optim import Optimizer

from refnets.data.points import Points
from refnets.figures import style
from refnets.figures.surface import GABOR_WINDOW, draw_path, draw_surface
from refnets.operations.descent import SquaredError, descend, gabor
from refnets.operations.stationary_points import stationary_points
from refnets.verdict import Number


def draw(
    *,
    data: Points,
    optimizer: Callable[..., Optimizer],
    start: tuple[float, float],
    steps: int,
    prior: tuple[float, float],
    strength: float,
    starts: int,
    iterations: int,
) -> tuple[Figure, dict[str, Number]]:
    """The loss, the penalty strength * |phi - prior|^2 and their sum, the minima of both, and a descent on each."""
    loss = SquaredError(gabor, data)
    center = torch.tensor(prior, dtype=torch.float64)

    def penalty(phi: Tensor) -> Tensor:
        return strength * (phi - center).square().sum(-1)

    def penalized(phi: Tensor) -> Tensor:
        return loss(phi) + penalty(phi)

    picture, axes = style.panels(3)
    first = torch.tensor(start, dtype=torch.float64)
    ends, minima = [], []
    for ax, surface in zip(axes[::2], (loss, penalized), strict=True):
        path = descend(surface, first, optimizer, steps)  # (steps + 1, 2)
        ends.append(path[-1])
        minima.append(stationary_points(surface, GABOR_WINDOW, starts, iterations)[0])  # (minima, 2)
        _descent(ax, surface, path, minima[-1])
    draw_surface(axes[1], penalty, *GABOR_WINDOW)
    for letter, ax, name in zip("abc", axes, ("loss", "penalty", "their sum"), strict=True):
        style.title(ax, letter, name)
    lowest = [points[surface(points).argmin()] for points, surface in zip(minima, (loss, penalized), strict=True)]
    return picture, {
        "loss_at_the_end_without": Number(loss(ends[0])),
        "loss_at_the_end_with": Number(loss(ends[1])),
        "phi0_at_the_end_with": Number(ends[1][0]),
        "phi1_at_the_end_with": Number(ends[1][1]),
        "minima_without": Number(len(minima[0])),
        "minima_with": Number(len(minima[1])),
        "global_minimum_moved_by": Number((lowest[1] - lowest[0]).norm()),
    }


def _descent(ax: Axes, surface: Callable[[Tensor], Tensor], path: Tensor, minima: Tensor) -> None:
    draw_surface(ax, surface, *GABOR_WINDOW)
    best = surface(minima).argmin()
    ax.plot(*minima.T, "o", color=style.TRAIN, markersize=4)
    ax.plot(*minima[best], "o", color=style.TRAIN, markersize=9, markerfacecolor="none", markeredgewidth=1.5)
    draw_path(ax, path, style.INK, size=1.5)
