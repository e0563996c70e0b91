"""A drawn computational graph: values on the way forward, derivatives on the way back."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from refnets.figures import style

FORWARD, BACKWARD, FACTOR = style.TEST, style.TRAIN, "#6b6b6b"
Point = tuple[float, float]


def node(ax: Axes, at: Point, name: str, forward: ArrayLike, backward: ArrayLike = (), above: bool = True) -> None:
    """A circle called `name`; above or below it its value, and the derivative of the loss with respect to it."""
    ax.plot(*at, "o", markersize=19, markerfacecolor="white", markeredgecolor=style.INK, markeredgewidth=0.8)
    ax.text(*at, f"${name}$", ha="center", va="center_baseline")
    side, align = (1, "bottom") if above else (-1, "top")
    for distance, numbers, color in ((0.33, forward, FORWARD), (0.58, backward, BACKWARD)):
        y = at[1] + side * distance
        ax.text(at[0], y, written(numbers), color=color, fontsize=9, ha="center", va=align)


def link(ax: Axes, start: Point, end: Point, name: str = "", factor: float | None = None) -> None:
    """A line; above it the name of what it computes, below it the factor that it contributes on the way back."""
    ax.plot(*zip(start, end, strict=True), color=style.INK, linewidth=0.8, zorder=0)
    x, y = np.mean([start, end], 0)
    ax.text(x, y + 0.07, name, ha="center", va="bottom", fontsize=8)
    if factor is not None:
        ax.text(x, y - 0.1, written(factor, 2), ha="center", va="top", fontsize=8, color=FACTOR)


def written(numbers: ArrayLike, decimals: int = 3) -> str:
    """One number, or several with commas between them and a decimal less; without trailing zeros."""
    decimals -= np.ndim(numbers)
    rounded = np.round(np.atleast_1d(numbers), decimals) + 0.0  # so that -0 becomes 0
    return ", ".join(f"{each:g}" for each in rounded).replace("-", "−")
