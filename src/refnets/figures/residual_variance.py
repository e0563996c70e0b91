"""How the variance grows from residual block to residual block, and what stops it (book section 11.3, fig 11.6)."""

from functools import partial

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from refnets.data.mnist1d import MNIST1D
from refnets.figures import style
from refnets.models.residual_mlp import ResidualMLP
from refnets.verdict import Number


def draw(*, data: MNIST1D, width: int, depth: int, batch: int, networks: int) -> tuple[Figure, dict[str, Number]]:
    """Second moment and variance over `networks` untrained networks, each of them on its own batch of training data.

    Panel a without, panel b with batch normalization at the start of every branch.
    """
    x = data.splits["train"].x
    measured = partial(measure, x, width, depth, batch, networks)
    moments = {}  # (networks, depth + 1) each
    moments["plain"], moments["variance"] = measured()
    moments["scaled"], _ = measured(scale=0.5**0.5)
    moments["normalized"], moments["normalized_variance"] = measured(batch_norm=True)
    picture, (left, right) = style.panels(2)
    _draw(left, moments["plain"] / moments["plain"][:, :1], "second moment", style.TEST)
    _draw(left, moments["variance"] / moments["variance"][:, :1], "variance", style.TRAIN)
    _draw(left, moments["scaled"] / moments["scaled"][:, :1], r"times $1/\sqrt{2}$", style.SERIES[2])
    left.plot(2.0 ** np.arange(depth + 1), color=style.PUBLISHED, linewidth=0.8, zorder=0)
    left.set(yscale="log", ylabel="relative size", yticks=[1, 4, 16], yticklabels=[1, 4, 16])
    left.minorticks_off()
    _draw(right, moments["normalized"] - moments["normalized"][:, :1], "second moment", style.TEST)
    _draw(right, moments["normalized_variance"] - moments["normalized_variance"][:, :1], "variance", style.TRAIN)
    for added in (1, 1 - 1 / np.pi):
        right.plot(added * np.arange(depth + 1), color=style.PUBLISHED, linewidth=0.8, zorder=0)
    right.set(ylabel="added", ylim=(0, None))
    style.title(left, "a", "residual blocks")
    style.title(right, "b", "with batch normalization")
    for ax in (left, right):
        ax.set(xlabel="block", xlim=(0, depth), xticks=range(depth + 1))
    return picture, _numbers(moments, depth)


@torch.no_grad()
def measure(
    x: Tensor, width: int, depth: int, batch: int, networks: int, *, scale: float = 1, batch_norm: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Second moment and variance before the first and after every block, mean over units, (networks, depth + 1) each.

    Every sum of shortcut and branch is multiplied by `scale`. Network number i has the seed i.
    """
    rows = []
    for seed in range(networks):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            setting = {"width": width, "depth": depth, "batch_norm": batch_norm, "residual": True, "init": "he_uniform"}
            model = ResidualMLP(x.shape[1:], 10, **setting)
            h = model.stem(x[torch.randperm(len(x))[:batch]])  # (batch, width)
        hidden = [h]
        for branch in model.branches:
            hidden.append(scale * (hidden[-1] + branch(hidden[-1])))
        rows.append([[second_moment(each).item(), variance(each).item()] for each in hidden])
    return tuple(np.array(rows).transpose(2, 0, 1))


def second_moment(h: Tensor) -> Tensor:
    """The mean square of all values."""
    return h.square().mean()


def variance(h: Tensor) -> Tensor:
    """The variance over the batch (n, units), as notebook 11_3 measures it; mean over the units."""
    return h.var(0, correction=0).mean()


def _draw(ax: Axes, curves: np.ndarray, name: str, color: str) -> None:
    blocks = np.arange(curves.shape[1])
    style.band(ax, blocks, curves, color)
    style.label_end(ax, blocks[-1], curves.mean(0)[-1], name, color)


def _numbers(moments: dict[str, np.ndarray], depth: int) -> dict[str, Number]:
    def factor(name: str) -> np.ndarray:
        return (moments[name][:, -1] / moments[name][:, 0]) ** (1 / depth)

    added = np.diff(moments["normalized_variance"])  # (networks, depth)
    to_second_moment = np.diff(moments["normalized"])
    return {
        "factor_of_the_second_moment": Number(factor("plain"), "per block"),
        "factor_of_the_variance": Number(factor("variance"), "per block"),
        "factor_when_scaled": Number(factor("scaled"), "per block"),
        "added_with_batch_normalization": Number(added.mean(1), "per block"),
        "second_moment_added_with_batch_norm": Number(to_second_moment.mean(1), "per block"),
        "last_over_first_addition": Number(added[:, -1] / added[:, 0]),
    }
