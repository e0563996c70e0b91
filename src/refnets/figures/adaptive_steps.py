"""Steps of one size in every direction: normalized gradients and Adam (fig 6.9)."""

from collections.abc import Callable
from typing import Any

import torch
from matplotlib.figure import Figure
from torch import Tensor
from torch.optim import Optimizer

from refnets.figures import style
from refnets.figures.surface import draw_path, draw_surface
from refnets.operations.descent import descend
from refnets.verdict import Number


def draw(
    *,
    start: tuple[float, float],
    panels: dict[str, dict[str, Any]],
    printed: Callable[..., Optimizer],
    settled: int,
    published: dict[str, list[tuple[float, float]]],
) -> tuple[Figure, dict[str, Number]]:
    """A descent per panel with its `optimizer` and number of `steps`, over the dots of the book.

    `printed` is gradient descent with the rate that the book prints in panel a. The last steps are of `settled` steps.
    """
    first = torch.tensor(start, dtype=torch.float64)
    picture = Figure(figsize=(6.3, 5.6))
    axes = picture.subplots(2, 2).flatten()
    numbers = {}
    for letter, ax, (name, panel) in zip("abcd", axes, panels.items(), strict=True):
        path = descend(ravine, first, panel["optimizer"], panel["steps"])
        draw_surface(ax, ravine, (-1.0, 1.0), (-1.0, 1.0))
        draw_path(ax, path, style.TRAIN)
        look = {"color": style.ON_SURFACE, "markersize": 4, "markerfacecolor": "none", "zorder": 3}
        ax.plot(*zip(*published[name], strict=True), "o", **look)
        style.title(ax, letter, panel["title"])
        numbers[f"{name}_from_published"] = Number(apart(path, published[name]))
    for name in ("normalized_gradients", "adam"):
        path = descend(ravine, first, panels[name]["optimizer"], settled)
        numbers[f"last_step_of_{name}"] = Number((path[-1] - path[-2]).norm())
    slow = descend(ravine, first, printed, panels["gradient_descent"]["steps"])
    numbers["gradient_descent_at_the_printed_rate"] = Number(apart(slow, published["gradient_descent"]))
    return picture, numbers


def ravine(phi: Tensor) -> Tensor:
    """The loss of notebook 6_5, fast to change along phi1, slow along phi0, least at (0.7, 0): (..., 2) -> (...)."""
    return 1 - (-2 * phi[..., 1] ** 2 - (phi[..., 0] - 0.7) ** 2 / 8).exp()


def apart(path: Tensor, dots: list[tuple[float, float]]) -> float:
    """The largest distance between a path (steps + 1, 2) and published dots, of which some may be left out."""
    every = (len(path) - 1) // (len(dots) - 1)
    return (path[::every] - torch.tensor(dots, dtype=torch.float64)).norm(dim=-1).max().item()
