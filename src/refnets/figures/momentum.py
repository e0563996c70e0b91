"""Stochastic descents with and without memory of earlier gradients (figs 6.7 and 6.8)."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor
from torch.optim import Optimizer

from refnets.data.points import Points
from refnets.figures import style
from refnets.figures.surface import GABOR_WINDOW, draw_path, draw_published, draw_surface
from refnets.operations.descent import SquaredError, descend, epochs, gabor
from refnets.verdict import Number


def draw(
    *,
    data: Points,
    optimizers: dict[str, Callable[..., Optimizer]],
    starts: list[tuple[float, float]],
    batch_size: int,
    steps: int,
    descents: int,
    published: dict[str, Any],
) -> tuple[Figure, dict[str, Number]]:
    """One descent from each start with each of two optimizers, and how sharply `descents` of them turn on average.

    Both optimizers get the same batches in the same order.
    """
    loss = SquaredError(gabor, data)
    first = torch.tensor(starts, dtype=torch.float64).repeat_interleave(descents, 0)  # (starts * descents, 2)
    batches = epochs(len(loss.x), batch_size, steps, len(first), seed=0)
    paths = [descend(loss, first, optimizer, steps, batches) for optimizer in optimizers.values()]
    picture, axes = style.panels(3)
    for letter, ax, name, path, color in zip("ab", axes, optimizers, paths, (style.INK, style.TRAIN), strict=False):
        draw_surface(ax, loss, *GABOR_WINDOW)
        for other in published.get(name, []):
            draw_published(ax, *zip(*other, strict=True))
        for each in path[:, ::descents].unbind(1):
            draw_path(ax, each, color, size=1.5)
        style.title(ax, letter, name)
        degrees = turns(path).numpy()
        counts, *_ = axes[2].hist(degrees, bins=np.arange(0, 150, 5), color=color, alpha=0.6)
        style.label(axes[2], degrees.mean(), counts.max(), name, color, align="center", fontsize=9)
        for other in published.get(name, []):
            axes[2].axvline(turns(torch.tensor(other)).item(), color=style.PUBLISHED, linewidth=1, zorder=0)
    axes[2].set(xlabel="mean turn, degrees", ylabel="descents", xlim=(0, 150), xticks=[0, 90])
    style.title(axes[2], "c")
    plain, other = paths
    numbers = {f"turn_{name}": Number(turns(path), "degrees") for name, path in zip(optimizers, paths, strict=True)}
    return picture, numbers | {
        "change_of_the_turn": Number(turns(other) - turns(plain), "degrees"),
        "change_of_path_per_distance": Number((detour(other) / detour(plain)).log10(), "decades"),
        "change_of_final_loss": Number(loss(other[-1]) - loss(plain[-1])),
        "descents_that_end_lower": Number(100 * (loss(other[-1]) < loss(plain[-1])).double().mean(), "%"),
    }


def turns(path: Tensor) -> Tensor:
    """The mean angle between successive steps of each path (steps + 1, ..., 2), in degrees: (...)."""
    moves = torch.nn.functional.normalize(path.diff(dim=0), dim=-1)  # (steps, ..., 2)
    return (moves[1:] * moves[:-1]).sum(-1).clamp(-1, 1).acos().rad2deg().mean(0)


def detour(path: Tensor) -> Tensor:
    """The length of each path (steps + 1, ..., 2) divided by the distance between its ends: (...)."""
    return path.diff(dim=0).norm(dim=-1).sum(0) / (path[-1] - path[0]).norm(dim=-1)
