"""Fits of networks with too few and with too many parameters, and their errors on training and test data."""

import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from refnets.data.toy_regression import function
from refnets.figures import style
from refnets.runs import Run
from refnets.verdict import Number


def draw(runs: dict[str, list[Run]], *, titles: dict[str, str]) -> tuple[Figure, dict[str, Number]]:
    """A panel per kind of network with the fit of its first run; errors are of all its runs."""
    picture, axes = style.panels(len(runs))
    numbers = {}
    for letter, ax, (name, group) in zip("abc", axes, runs.items(), strict=True):
        _draw_fit(ax, group[0])
        style.title(ax, letter, titles[name])
        for split in ("train", "test"):
            numbers[f"{name}_{split}_error"] = Number([mean_squared_error(run, split) for run in group])
    axes[0].set_ylabel("y")
    large, small = (numbers[f"{name}_test_error"].values for name in ("large", "small"))
    numbers["large_over_small_test_error"] = Number([a / b for a, b in zip(large, small, strict=True)])
    return picture, numbers


def mean_squared_error(run: Run, split: str) -> float:
    """The mean squared error of the network's outputs on a whole split."""
    x, y = run.data().splits[split]
    with torch.no_grad():
        return F.mse_loss(run.model()(x).squeeze(-1), y).item()


def _draw_fit(ax: Axes, run: Run) -> None:
    """The training data, the curve they are noisy examples of (grey), and the fit."""
    x, (inputs, targets) = torch.linspace(0, 1, 400)[:, None], run.data().splits["train"]
    with torch.no_grad():
        fit = run.model()(x)
    ax.plot(x, function(x), color=style.PUBLISHED, linewidth=1)
    ax.plot(x, fit, color=style.TRAIN)
    ax.plot(inputs, targets, ".", color=style.INK)
    for split, place in (("train", 0.92), ("test", 0.82)):
        error = mean_squared_error(run, split)
        ax.text(0.98, place, f"{split} {error:.2f}", transform=ax.transAxes, ha="right", fontsize=9)
    ax.set(xlim=(0, 1), ylim=(-1, 4), xticks=[0, 1], yticks=[0, 2, 4], xlabel="x")
