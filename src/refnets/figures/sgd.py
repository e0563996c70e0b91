"""Stochastic gradient descent on the Gabor model's loss (fig 6.5)."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor
from torch.optim import SGD, Optimizer

from refnets.data.points import Points
from refnets.figures import style
from refnets.figures.surface import GABOR_WINDOW, draw_path, draw_published, draw_surface
from refnets.operations.descent import SquaredError, descend, epochs, gabor
from refnets.verdict import Number

LEAST = 2.0  # between the loss of the global minimum, 0.65, and that of the next one, 3.36


def draw(
    *,
    data: Points,
    optimizer: Callable[..., Optimizer],
    starts: list[tuple[float, float]],
    rate: float,
    rates: list[float],
    batch_size: int,
    steps: int,
    descents: int,
    groups: int,
    published: dict[str, Any],
) -> tuple[Figure, dict[str, Number]]:
    """Gradient descent from each start; stochastic descents from the second one; and how many come through.

    `optimizer` is that of panel a. Those of the stochastic descents with learning rate `rate` that come through to the
    global minimum are orange. The loss is a sum, so the gradient descents to compare with have a rate that is smaller
    by the share of a batch: their steps are as long as stochastic ones are on average. The shares are of `descents`,
    the standard deviations over their `groups`.
    """
    loss = SquaredError(gabor, data)
    first = torch.tensor(starts, dtype=torch.float64)  # (n, 2)
    trapped, anywhere = first[1].expand(descents, 2), uniform(descents)
    stochastic = partial(_stochastic, loss, batch_size=batch_size, steps=steps)
    share = partial(_share, loss, optimizer, groups)
    full, one = descend(loss, first, optimizer, 300), stochastic(trapped, rate)
    as_long = partial(SGD, lr=rate * batch_size / len(loss.x))
    share_of_full = share(descend(loss, anywhere, as_long, steps)[-1])
    picture, axes = style.panels(3)
    for ax, kind in zip(axes, ("gradient_descent", "sgd"), strict=False):
        draw_surface(ax, loss, *GABOR_WINDOW)
        for path in published[kind]:
            draw_published(ax, *zip(*path, strict=True))
    _draw_full(axes[0], full)
    _draw_stochastic(axes[1], one[:, :40], comes_through(loss, one[-1], optimizer))
    shares = [np.stack([share(stochastic(phi, each)[-1]) for each in rates], 1) for phi in (trapped, anywhere)]
    share_of_sgd = shares[1][:, rates.index(rate)]
    _draw_shares(axes[2], np.array(rates), *shares, share_of_full.mean())
    for letter, ax, text in zip("abc", axes, ("gradient descent", "SGD from 2", "SGD"), strict=True):
        style.title(ax, letter, text)
    return picture, {
        "gradient_descent_from_2_ends_at_loss": Number(loss(full[-1, 1])),
        "gradient_descent_from_1_and_3_ends_at_loss": Number(loss(full[-1, [0, 2]]).max()),
        "sgd_from_2_comes_through": Number(share(one[-1]), "%"),
        "gradient_descent_from_anywhere_comes_through": Number(share_of_full, "%"),
        "sgd_from_anywhere_comes_through": Number(share_of_sgd, "%"),
        "gain_of_sgd_from_anywhere": Number(share_of_sgd - share_of_full, "%"),
    }


def comes_through(loss: SquaredError, phi: Tensor, optimizer: Callable[..., Optimizer]) -> Tensor:
    """Whether gradient descent from each phi (n, 2) goes to the global minimum: (n,)."""
    return loss(descend(loss, phi, optimizer, 150)[-1]) < LEAST


def _share(loss: SquaredError, optimizer: Callable[..., Optimizer], groups: int, phi: Tensor) -> np.ndarray:
    """How many of the phi (n, 2) come through, in percent of each group: (groups,)."""
    through = comes_through(loss, phi, optimizer)
    return 100 * through.double().reshape(groups, -1).mean(1).numpy()


def _stochastic(loss: SquaredError, phi: Tensor, rate: float, *, batch_size: int, steps: int) -> Tensor:
    """Stochastic descents with this learning rate from each phi (n, 2): (steps + 1, n, 2)."""
    batches = epochs(len(loss.x), batch_size, steps, len(phi), seed=0)
    return descend(loss, phi, partial(SGD, lr=rate), steps, batches)


def uniform(descents: int) -> Tensor:
    """Starts anywhere in the window, (descents, 2)."""
    low, high = torch.tensor(GABOR_WINDOW, dtype=torch.float64).T
    return low + (high - low) * torch.rand(descents, 2, generator=torch.Generator().manual_seed(0))


def _draw_full(ax: Axes, paths: Tensor) -> None:
    for number, path in enumerate(paths.unbind(1), start=1):
        draw_path(ax, path, style.TRAIN, size=1.5)
        align, name = ("left", f"  {number}") if number == 2 else ("right", f"{number}  ")
        style.label(ax, *path[0].tolist(), name, style.INK, align=align, fontsize=9)


def _draw_stochastic(ax: Axes, paths: Tensor, through: Tensor) -> None:
    """Some descents (steps, n, 2), fewer of them than `through` (m,) tells of."""
    for path, good in zip(paths.unbind(1), through, strict=False):
        ax.plot(*path.T, color=style.TRAIN if good else style.INK, linewidth=0.5, alpha=0.9 if good else 0.4)


def _draw_shares(ax: Axes, rates: np.ndarray, trapped: np.ndarray, anywhere: np.ndarray, full: float) -> None:
    """The shares (groups, rates) that come through from start 2 and from anywhere; dashed: `full` gradient descent."""
    style.band(ax, rates, trapped, style.TRAIN)
    style.band(ax, rates, anywhere, style.TEST)
    style.label(ax, 0.35, 7, "from 2", style.TRAIN, align="left", fontsize=9)
    style.label(ax, 0.05, 28, "from anywhere", style.TEST, align="left", fontsize=9)
    ax.axhline(full, color=style.TEST, linestyle=(0, (3, 2)), linewidth=1)
    ax.set(xlabel="learning rate", ylabel="come through, %", ylim=(0, 40), xlim=(0, None), yticks=[0, 20, 40])
