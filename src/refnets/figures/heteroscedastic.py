"""One variance for all inputs against a variance that depends on the input, both fitted (fig 5.5)."""

from collections.abc import Callable
from itertools import combinations, product

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from refnets.figures import style
from refnets.figures.toy import rms
from refnets.runs import Run
from refnets.verdict import Number

COLORS = {"homoscedastic": style.SERIES[0], "heteroscedastic": style.SERIES[1]}


def draw(runs: dict[str, list[Run]]) -> tuple[Figure, dict[str, Number]]:
    """Both fits of the first seed with the data; then, for every seed, the deviation and the error of the mean."""
    data = runs["homoscedastic"][0].data()
    x = torch.linspace(data.x[0], data.x[-1], 401)[:, None]
    true, fitted = torch.stack(data.curves(x)), {key: _fitted(runs[key], x) for key in COLORS}  # (2, x); (n, 2, x)
    picture = Figure(figsize=(6.3, 4.6))
    axes = picture.subplots(2, 2, sharex=True).flatten()
    for letter, ax, key in zip("ab", axes, COLORS, strict=False):
        style.two_sigma(ax, x[:, 0], *true, style.PUBLISHED, 0.35)
        style.two_sigma(ax, x[:, 0], *fitted[key][0], COLORS[key])
        inputs, targets = data.splits["train"]
        ax.plot(inputs[:, 0], targets, ".", color=style.INK, markersize=1.5, alpha=0.5)
        ax.set(ylabel="y", ylim=(-1.2, 1), yticks=[-1, 0, 1])
        style.title(ax, letter, key)
    for key, color in COLORS.items():
        for mean, sigma in fitted[key]:
            axes[2].plot(x[:, 0], sigma, color=color, linewidth=1)
            axes[3].plot(x[:, 0], mean - true[0], color=color, linewidth=1)
    axes[2].plot(x[:, 0], true[1], color=style.PUBLISHED, linewidth=2, zorder=0)
    axes[2].set(ylabel=r"$\sigma$", ylim=(0, None), yticks=[0, 0.1, 0.2], xlabel="x", xticks=data.x[:: len(data.x) - 1])
    axes[3].set(ylabel="fit - truth", ylim=(-0.12, 0.12), yticks=[-0.1, 0, 0.1], xlabel="x")
    axes[3].axhline(0, color=style.PUBLISHED, linewidth=2, zorder=0)
    style.title(axes[2], "c", "deviation")
    style.title(axes[3], "d", "error of the mean")
    return picture, _measure(runs, fitted, true) | {
        "least_squares_lines_differ_by": Number(rms(*lines(*data.splits["train"], data.curves)))
    }


def lines(x: Tensor, y: Tensor, curves: Callable) -> tuple[Tensor, Tensor]:
    """Straight lines by ordinary least squares and by weights 1 / sigma^2, at x: (n, 1), (n,) -> (n,) each."""
    weights = torch.ones(len(x)), 1 / curves(x)[1]  # numpy multiplies them with the errors, not with their squares
    return tuple(torch.tensor(np.polyval(np.polyfit(x[:, 0], y, 1, w=weight), x[:, 0])) for weight in weights)


def _fitted(runs: list[Run], x: Tensor) -> Tensor:
    with torch.no_grad():
        normals = [run.loss().distribution(run.model()(x)) for run in runs]
        return torch.stack([torch.stack([normal.mean, normal.stddev.expand(len(x))]) for normal in normals])


def _measure(runs: dict[str, list[Run]], fitted: dict[str, Tensor], true: Tensor) -> dict[str, Number]:
    loss = {key: [run.result["final"]["test_loss"] for run in runs[key]] for key in COLORS}
    same, other = fitted["homoscedastic"][:, 0], fitted["heteroscedastic"][:, 0]
    between = [rms(a, b) for a, b in product(same, other)]
    within = [rms(a, b) for means in (same, other) for a, b in combinations(means, 2)]
    correlations = [np.corrcoef(sigma, true[1])[0, 1] for sigma in fitted["heteroscedastic"][:, 1]]
    return {
        "NLL_saved": Number(np.subtract(loss["homoscedastic"], loss["heteroscedastic"]), "nats"),
        "correlation_of_fitted_and_true_deviation": Number(correlations),
        "fitted_means_differ_by": Number(between),
        "seeds_alone_differ_by": Number(within),
        "means_differ_over_seeds_differ": Number([np.mean(between) / np.mean(within)] if within else []),
    }
