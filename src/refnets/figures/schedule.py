"""What a learning rate schedule is for: the end of a stochastic descent (book section 6.2.2)."""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from matplotlib.figure import Figure
from scipy.optimize import minimize
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from refnets.data.points import Points
from refnets.figures import style
from refnets.figures.surface import draw_surface
from refnets.operations.descent import SquaredError, descend, epochs, gabor
from refnets.verdict import Number


def draw(
    *,
    data: Points,
    optimizer: Callable[..., Optimizer],
    scheduler: Callable[..., LRScheduler],
    start: tuple[float, float],
    batch_size: int,
    steps: int,
    descents: int,
) -> tuple[Figure, dict[str, Number]]:
    """Many descents with a constant and with a falling rate: their loss above the least, and where they end."""
    loss = SquaredError(gabor, data)
    starts = torch.tensor(start, dtype=torch.float64).expand(descents, 2)
    batches = epochs(len(loss.x), batch_size, steps, descents, seed=0)
    run = partial(descend, loss, starts, optimizer, steps, batches)
    paths = {"constant": run(), "falling": run(scheduler=scheduler)}  # (steps + 1, descents, 2) each
    least = minimize(lambda phi: loss(torch.from_numpy(phi)).item(), start).fun
    epoch = len(loss.x) // batch_size  # steps
    excess = {name: loss(path[::epoch]) - least for name, path in paths.items()}  # (epochs + 1, descents) each
    picture, axes = style.panels(3)
    for (name, values), color in zip(excess.items(), (style.INK, style.TRAIN), strict=True):
        low, middle, high = np.quantile(values, (0.1, 0.5, 0.9), axis=1)
        axes[0].fill_between(range(len(middle)), low, high, color=color, alpha=0.2, linewidth=0)
        axes[0].semilogy(middle, color=color)
        style.label(axes[0], len(middle) - 1, high[-1], name, color, fontsize=9)
    axes[0].set(xlabel="epoch", ylabel="loss above the least", xlim=(0, steps // epoch), xticks=[0, steps // epoch])
    for ax, path, color in zip(axes[1:], paths.values(), (style.INK, style.TRAIN), strict=True):
        draw_surface(ax, loss, (-1.0, 1.0), (14.0, 18.0))
        ax.plot(*path[-1].T, ".", color=color, markersize=2)
    for letter, ax, text in zip("abc", axes, ("", "constant", "falling"), strict=True):
        style.title(ax, letter, text)
    end = {name: values[-1] for name, values in excess.items()}
    return picture, {
        "excess_loss_with_constant_rate": Number(end["constant"]),
        "excess_loss_with_falling_rate": Number(end["falling"]),
    }
