"""Two inputs: the regions in which the same hidden units are on (fig 3.8)."""

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from torch import Tensor

from refnets.figures import style
from refnets.models.coefficients import from_coefficients
from refnets.operations.regions import regions
from refnets.verdict import Number

PALE = ListedColormap(["#f3f3f3", "#a9d0e0", "#f3cdb4", "#b2d8c0", "#d6c2e0", "#e3d59c", "#f2b8b5", "#d0d0d0"])


def draw(*, theta: list[list[float]], phi: list[float], x: tuple[float, float]) -> tuple[Figure, dict[str, Number]]:
    """Both inputs between x[0] and x[1]. a: the units that are on in each region. b: the output."""
    network = from_coefficients(theta, [phi])
    side = torch.linspace(*x, 501, dtype=torch.float64)
    grid = torch.cartesian_prod(side, side)  # (n, 2)
    with torch.no_grad():
        found, region = (network.layers[:-2](grid) > 0).unique(dim=0, return_inverse=True)  # (regions, units), (n,)
        y = network(grid)
    maps = [values.view(len(side), -1).T.numpy() for values in (region, y)]  # (x2, x1) each
    picture = Figure(figsize=(6.3, 3.1))
    axes = picture.subplots(1, 2)
    _shade(axes[0], side, maps[0], cmap=PALE, vmin=0, vmax=7)
    for number, on in enumerate(found):
        _name(axes[0], grid[region == number].mean(0), on)  # regions are convex: the mean lies inside
    most = y.abs().max().item()
    shade = _shade(axes[1], side, maps[1], cmap="RdBu_r", vmin=-most, vmax=most)
    axes[1].contour(side, side, maps[1], levels=range(-20, 21), colors=style.INK, linewidths=0.5, linestyles="solid")
    picture.colorbar(shade, ax=axes[1], ticks=[-10, 0, 10], label="output y", shrink=0.8)
    for letter, ax, name in zip("ab", axes, ("units that are on", "output, with its level lines"), strict=True):
        ax.set(aspect="equal", xlabel="input $x_1$", ylabel="input $x_2$", xticks=x, yticks=x)
        style.title(ax, letter, name)
    return picture, {
        "regions_found": Number(len(found)),
        "regions_possible": Number(regions(2, len(theta), depth=1)),
    }


def _shade(ax: Axes, side: Tensor, values: np.ndarray, **look: object) -> QuadMesh:
    return ax.pcolormesh(side.numpy(), side.numpy(), values, rasterized=True, **look)


def _name(ax: Axes, center: Tensor, on: Tensor) -> None:
    names = [str(unit) for unit, is_on in enumerate(on.tolist(), start=1) if is_on]
    ax.text(*center.tolist(), " ".join(names) or "none", ha="center", va="center", fontsize=8)
