"""A line through twelve points: its loss and the descent to the minimum (figs 2.2 to 2.4)."""

from collections.abc import Callable
from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from torch import Tensor
from torch.optim import Optimizer

from refnets.data.points import Points
from refnets.figures import style
from refnets.figures.surface import LINE_WINDOW, draw_path, draw_published, draw_surface, grid
from refnets.operations.descent import SquaredError, closed_form, descend, line
from refnets.verdict import Number


def draw_lines(*, data: Points, lines: dict[str, tuple[float, float]]) -> tuple[Figure, dict[str, Number]]:
    """Lines (phi0, phi1), and the deviations that the loss squares and sums."""
    loss = SquaredError(line, data)
    picture, axes = style.panels(len(lines))
    numbers = {}
    for letter, color, ax, (name, phi) in zip("abc", style.SERIES, axes, lines.items(), strict=False):
        phi = torch.tensor(phi, dtype=torch.float64)
        ax.vlines(loss.x, loss.y, line(phi, loss.x), color=style.TRAIN, linestyle=(0, (2, 1)), linewidth=1)
        draw_line(ax, loss, phi, color)
        style.title(ax, letter, f"loss {loss(phi):.2f}")
        numbers[f"loss_of_{name}"] = Number(loss(phi))
    return picture, numbers


def draw_loss(*, data: Points, lines: dict[str, tuple[float, float]]) -> tuple[Figure, dict[str, Number]]:
    """The loss of all lines as a landscape and as a map, the `lines` (phi0, phi1) marked on it."""
    loss = SquaredError(line, data)
    best = closed_form(loss)
    picture = Figure(figsize=(6.3, 2.9))
    landscape, ax = picture.add_subplot(121, projection="3d"), picture.add_subplot(122)
    phi = grid(*LINE_WINDOW)
    look = {"cmap": style.SURFACE, "norm": PowerNorm(0.5), "edgecolor": style.INK, "linewidth": 0.15}
    landscape.plot_surface(*phi.unbind(-1), loss(phi).numpy(), rcount=24, ccount=24, **look)
    landscape.set(xticks=[0, 2], yticks=[-1, 1], zticks=[0, 60], xlabel=r"$\phi_0$", ylabel=r"$\phi_1$", zlabel="loss")
    landscape.view_init(elev=28, azim=-60)
    draw_surface(ax, loss, *LINE_WINDOW)
    for color, marked in zip(style.SERIES, lines.values(), strict=False):
        ax.plot(*marked, "o", color=color, markeredgecolor="white", markersize=7)
    ax.plot(*best, "+", color=style.INK, markersize=9)
    style.title(ax, "b")
    landscape.set_title(r"$\bf{a}$", loc="left")
    curvatures = torch.linalg.eigvalsh(torch.func.jacrev(torch.func.grad(loss))(best))
    numbers = {"phi0": best[0], "phi1": best[1], "loss": loss(best), "least_curvature": curvatures[0]}
    return picture, {name: Number(value) for name, value in numbers.items()}


def draw_descent(
    *,
    data: Points,
    optimizer: Callable[..., Optimizer],
    start: tuple[float, float],
    steps: int,
    shown: int,
    published: dict[str, Any],
) -> tuple[Figure, dict[str, Number]]:
    """Gradient descent: its path on the map, its first `shown` lines, and its loss above that of the closed form."""
    loss = SquaredError(line, data)
    best = closed_form(loss)
    path = descend(loss, torch.tensor(start, dtype=torch.float64), optimizer, steps)
    losses = loss(path)
    picture, axes = style.panels(3)
    draw_surface(axes[0], loss, *LINE_WINDOW)
    draw_published(axes[0], published["phi0"], published["phi1"])
    draw_path(axes[0], path, style.TRAIN)
    axes[0].plot(*best, "+", color=style.INK, markersize=9)
    for step, phi in enumerate(path[:shown]):
        draw_line(axes[1], loss, phi, style.TEST, alpha=(step + 1) / shown)
    axes[2].semilogy(losses - loss(best), color=style.TRAIN)
    axes[2].set(xlabel="step", ylabel="loss above the least", xlim=(0, steps), xticks=[0, steps])
    for letter, ax, text in zip("abc", axes, ("", f"first {shown} lines", ""), strict=True):
        style.title(ax, letter, text)
    return picture, {
        "distance_to_closed_form": Number((path[-1] - best).norm()),
        "steps_that_raise_the_loss": Number((losses.diff() > 1e-12).sum()),
    }


def draw_line(ax: Axes, loss: SquaredError, phi: Tensor, color: str, alpha: float = 1.0) -> None:
    """The examples and the line phi (2,)."""
    ends = torch.tensor([0.0, 2.0], dtype=torch.float64)
    ax.plot(ends, line(phi, ends), color=color, alpha=alpha)
    ax.plot(loss.x, loss.y, ".", color=style.INK, markersize=5)
    ax.set(xlim=(0, 2), ylim=(0, 2), xticks=[0, 1, 2], yticks=[0, 1, 2], xlabel="x", ylabel="y", aspect="equal")
