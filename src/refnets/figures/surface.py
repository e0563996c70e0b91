"""The loss of two parameters as a map, and descents on it."""

from collections.abc import Callable, Sequence

import torch
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from torch import Tensor

from refnets.figures import style

LINE_WINDOW = ((0.0, 2.0), (-1.0, 1.0))  # phi0 and phi1 of a line, as far as the book shows them
GABOR_WINDOW = ((-10.0, 10.0), (2.5, 22.5))  # those of the Gabor model


def draw_surface(ax: Axes, loss: Callable[[Tensor], Tensor], x: Sequence[float], y: Sequence[float]) -> None:
    """`loss`, (..., 2) -> (...), between x[0] and x[1], y[0] and y[1]: low is bright."""
    phi = grid(x, y)
    values = loss(phi).numpy()
    ax.contourf(*phi.unbind(-1), values, 36, cmap=style.SURFACE, norm=PowerNorm(0.5))
    ax.contour(*phi.unbind(-1), values, 18, colors=style.INK, linewidths=0.3, alpha=0.35)
    ax.set(xlim=x, ylim=y, xticks=x, yticks=y, xlabel=r"$\phi_0$", ylabel=r"$\phi_1$")
    ax.xaxis.labelpad = ax.yaxis.labelpad = -8  # between the two ticks
    for spine in ax.spines.values():
        spine.set_visible(True)


def grid(x: Sequence[float], y: Sequence[float], points: int = 161) -> Tensor:
    """A grid of points, (points, points, 2): row by row from (x[0], y[0])."""
    axes = [torch.linspace(*ends, points, dtype=torch.float64) for ends in (x, y)]
    return torch.stack(torch.meshgrid(*axes, indexing="xy"), -1)  # (points, points, 2)


def draw_path(ax: Axes, path: Tensor, color: str, size: float = 2.5) -> None:
    """A descent of shape (steps + 1, 2): a dot per step, a ring where it starts."""
    ax.plot(*path.T, "-o", color=color, markersize=size, linewidth=1, markeredgewidth=0)
    ax.plot(*path[0], "o", color=color, markersize=6, markerfacecolor="white", markeredgewidth=1.5)


def draw_published(ax: Axes, x: Sequence[float], y: Sequence[float]) -> None:
    """A published descent, thin and grey."""
    ax.plot(x, y, color=style.ON_SURFACE, linewidth=0.8, zorder=1.5)
