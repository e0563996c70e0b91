"""Gradient descent that goes each time as far as the loss falls (fig 6.1)."""

from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.optimize import minimize_scalar
from torch import Tensor

from refnets.data.points import Points
from refnets.figures import style
from refnets.figures.surface import LINE_WINDOW, draw_path, draw_published, draw_surface
from refnets.operations.descent import SquaredError, closed_form, line
from refnets.verdict import Number


def draw(
    *,
    data: Points,
    start: tuple[float, float],
    steps: int,
    furthest: float,
    tolerance: float,
    published: dict[str, Any],
) -> tuple[Figure, dict[str, Number]]:
    """The path on the map of the loss, the loss along the first line searches, and the loss of each iterate."""
    loss = SquaredError(line, data)
    path, distances = search(loss, torch.tensor(start, dtype=torch.float64), steps, furthest, tolerance)
    losses, moves = loss(path), torch.nn.functional.normalize(path.diff(dim=0), dim=-1)
    picture, axes = style.panels(3)
    draw_surface(axes[0], loss, *LINE_WINDOW)
    draw_published(axes[0], published["phi0"], published["phi1"])
    draw_path(axes[0], path, style.TRAIN)
    _draw_profiles(axes[1], loss, path[:3], distances[:3], furthest)
    axes[2].semilogy(losses - loss(closed_form(loss)), "-o", color=style.TRAIN, markersize=3)
    axes[2].set(xlabel="step", ylabel="loss above the least", xlim=(0, steps), xticks=[0, steps])
    for letter, ax in zip("abc", axes, strict=True):
        style.title(ax, letter)
    return picture, {
        "distance_to_closed_form": Number((path[-1] - closed_form(loss)).norm()),
        "steps_that_raise_the_loss": Number((losses.diff() > 0).sum()),
        "angle_of_turns": Number((moves[1:] * moves[:-1]).sum(-1).acos().rad2deg(), "degrees"),
    }


def search(
    loss: SquaredError, start: Tensor, steps: int, furthest: float, tolerance: float
) -> tuple[Tensor, list[float]]:
    """The iterates (steps + 1, 2), and for each step the multiple of the gradient, up to `furthest`, that it went."""
    path, distances = [start], []
    for _ in range(steps):
        gradient = torch.func.grad(loss)(path[-1])
        found = minimize_scalar(
            lambda distance, phi=path[-1], gradient=gradient: loss(phi - distance * gradient).item(),
            bounds=(0, furthest),
            options={"xatol": tolerance},
        )
        distances.append(float(found.x))
        path.append(path[-1] - found.x * gradient)
    return torch.stack(path), distances


def _draw_profiles(ax: Axes, loss: SquaredError, path: Tensor, distances: list[float], furthest: float) -> None:
    """The loss along each line that is searched; a dot where the search stops."""
    along = torch.linspace(0, furthest, 100, dtype=torch.float64)
    for number, (phi, distance) in enumerate(zip(path, distances, strict=True), start=1):
        gradient = torch.func.grad(loss)(phi)
        color = style.SERIES[number - 1]
        ax.semilogy(along, loss(phi - along[:, None] * gradient), color=color)
        ax.plot(distance, loss(phi - distance * gradient), "o", color=color, markersize=5)
        style.label_end(ax, furthest, loss(phi - furthest * gradient).item(), f"{number}", color)
    ax.set(xlabel="times the gradient", ylabel="loss", xlim=(0, furthest), xticks=[0, furthest])
