"""The training loss along random directions from trained networks (Li et al. 2018, arXiv:1712.09913, section 4)."""

import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor, nn
from torch.func import functional_call

from refnets.data.batches import Split
from refnets.figures import style
from refnets.runs import Run
from refnets.verdict import Number

COLORS = {"plain": style.TRAIN, "residual": style.TEST}


def draw(runs: dict[str, list[Run]], *, directions: int, steps: int) -> tuple[Figure, dict[str, Number]]:
    """A panel each for the `plain` and the `residual` runs, with the loss between -1 and 1 along `directions`."""
    along = torch.linspace(-1, 1, steps + 1)
    picture, axes = style.panels(2)
    losses = {}
    for letter, ax, name in zip("ab", axes, COLORS, strict=True):
        losses[name] = np.stack([losses_along(run, along, directions) for run in runs[name]])
        _draw_losses(ax, along, losses[name], COLORS[name])
        style.title(ax, letter, name)
    axes[0].set_ylabel("train loss (nats)")
    return picture, measure(losses["plain"], losses["residual"])


def losses_along(run: Run, along: Tensor, directions: int) -> np.ndarray:
    """The training loss at these multiples of random directions of the seeds 0, 1, ...: (directions, multiples)."""
    model, split = run.model(), run.data().splits["train"]
    rows = [random_direction(model, seed) for seed in range(directions)]
    return np.array([[_loss(model, each, step, split) for step in along.tolist()] for each in rows])


def random_direction(model: nn.Module, seed: int) -> dict[str, Tensor]:
    """A filter-normalized direction: for each unit normal random weights of the norm that the unit's own have.

    Biases and batch normalization are left as they are (section 4 of the paper, and its code).
    """
    generator, direction = torch.Generator().manual_seed(seed), {}
    for name, weight in model.named_parameters():
        if weight.dim() > 1:
            noise = torch.randn(weight.shape, generator=generator)
            direction[name] = noise * (weight.detach().norm(dim=1) / noise.norm(dim=1))[:, None]
    return direction


@torch.no_grad()
def _loss(model: nn.Module, direction: dict[str, Tensor], step: float, split: Split) -> float:
    moved = {name: model.get_parameter(name) + step * each for name, each in direction.items()}
    return F.cross_entropy(functional_call(model, moved, split.x), split.y).item()


def measure(plain: np.ndarray, residual: np.ndarray) -> dict[str, Number]:
    """Numbers of losses (n, directions, steps + 1): one per run, or one for every two runs of the same seed."""
    down = {"plain": curved_down(plain), "residual": curved_down(residual)}  # (n,) each
    return {f"share_curved_down_{name}": Number(share, "%") for name, share in down.items()} | {
        "share_curved_down_plain_minus_residual": Number(down["plain"] - down["residual"], "%"),
        "rise_at_1_plain_over_residual": Number(_rise(plain, 1) / _rise(residual, 1)),
        "rise_at_0.5_plain_over_residual": Number(_rise(plain, 0.5) / _rise(residual, 0.5)),
    }


def curved_down(losses: np.ndarray) -> np.ndarray:
    """The share in percent of negative second differences, of (n, directions, steps + 1): (n,)."""
    return 100 * (np.diff(losses, 2) < 0).mean((1, 2))


def _rise(losses: np.ndarray, distance: float) -> np.ndarray:
    """By how much the loss is higher at `distance`, on both sides: the geometric mean over directions, (n,)."""
    middle = losses.shape[-1] // 2
    away = round(distance * middle)
    rises = losses[..., [middle - away, middle + away]] - losses[..., [middle]]  # (n, directions, 2)
    return np.exp(np.log(rises).mean((1, 2)))


def _draw_losses(ax: Axes, along: Tensor, losses: np.ndarray, color: str) -> None:
    ax.plot(along, losses.reshape(-1, len(along)).T, color=color, linewidth=0.5, alpha=0.5)
    ax.plot(along, losses[0, 0], color=color)
    ax.set(xlim=(-1, 1), xticks=[-1, 0, 1], ylim=(0, 10), yticks=[0, 5, 10], xlabel="distance")
