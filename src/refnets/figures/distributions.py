"""The distributions of chapter 5 themselves, as our losses compute them (figs 5.3 and 5.13 to 5.15)."""

from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.signal import find_peaks
from torch import Tensor

from refnets.figures import style
from refnets.verdict import Number

Curve = dict[str, list[float]]


def draw_densities(
    *, loss: Any, panels: list[dict[str, Any]], y: tuple[float, float], counts: bool, published: dict[str, Curve]
) -> tuple[Figure, dict[str, Number]]:
    """p(y) between y[0] and y[1], bars at whole numbers if `counts`; a panel has a title and curves.

    A curve has a name, what is written at it, and the network's `outputs`, from which `loss` makes its parameters.
    """
    picture, axes = style.panels(len(panels))
    distances, numbers = [], {}
    for letter, ax, panel in zip("abc", axes, panels, strict=False):
        for color, (name, curve) in zip(style.SERIES, panel["curves"].items(), strict=False):
            outputs, drawn = torch.tensor(curve["outputs"], dtype=torch.float64), published[name]
            distances.append(np.abs(density(loss, outputs, drawn["x"]) - drawn["value"]).max())
            grid = np.arange(max(y[0], 0), y[1]) if counts else np.linspace(*y, 4001)
            likely = density(loss, outputs, grid)
            mode, peak = grid[likely.argmax()], likely.max()
            (_bars if counts else _curve)(ax, loss, outputs, y, drawn, color)
            style.label(ax, mode, peak, curve["text"], color, align="center")
            low, high = density(loss, outputs, y)
            numbers[f"mode_{name}"], numbers[f"peak_{name}"] = Number(mode), Number(peak)
            numbers[f"difference_of_the_ends_{name}"] = Number(high - low)
        ax.sharey(axes[0])
        ax.set(xlabel="y", ylim=(0, None), xlim=y)
        if len(panels) > 1:
            style.title(ax, letter, panel["title"])
    if not counts:
        axes[0].set_xticks([y[0], sum(y) / 2, y[1]])
        axes[0].xaxis.set_major_formatter("{x:.3g}")
    axes[0].set_ylabel("probability" if counts else "density")
    return picture, numbers | {"largest_distance_from_the_published_curves": Number(max(distances))}


def draw_mixtures(
    *, data: Any, loss: Any, panels: list[dict[str, Any]], published: dict[str, Curve]
) -> tuple[Figure, dict[str, Number]]:
    """Data with several right answers, and for each panel a mixture and, dashed, its weighted components."""
    picture, axes = style.panels(1 + len(panels))
    x, y = data.splits["train"]
    axes[0].plot(x, y, "o", color=style.INK, markersize=3)
    axes[0].set(xlabel="x", ylabel="y", xlim=(-1, 1), xticks=[-1, 0, 1], yticks=[-2, 0, 2])
    style.title(axes[0], "a", "data")
    numbers, grid = {}, torch.linspace(-5, 5, 401, dtype=torch.float64)
    for letter, ax, panel in zip("bc", axes[1:], panels, strict=True):
        outputs, drawn = torch.tensor(panel["outputs"], dtype=torch.float64), published[panel["name"]]
        mixture = loss.distribution(outputs)
        parts = mixture.mixture_distribution.probs * mixture.component_distribution.log_prob(grid[:, None]).exp()
        for part, color in zip(parts.T, style.SERIES[1:], strict=False):
            ax.plot(grid, part, color=color, linestyle=(0, (3, 2)), linewidth=1)
        _curve(ax, loss, outputs, (-5, 5), drawn, style.SERIES[0])
        ax.set(xlabel="y", xlim=(-5, 5), ylim=(0, None), xticks=[-5, 0, 5])
        style.title(ax, letter, panel["title"])
        numbers |= _compare(panel["name"], density(loss, outputs, drawn["x"]), density(loss, outputs, grid), drawn)
    axes[1].set_ylabel("density")
    return picture, numbers


def density(loss: Any, outputs: Tensor, y: Any) -> np.ndarray:
    """The density (or probability) at each y, (n,), of the one distribution that `outputs`, (P,), describe."""
    y = torch.as_tensor(y, dtype=torch.float64)
    return (-loss.nll(outputs.expand(len(y), -1), y)).exp().numpy()


def _compare(name: str, ours: np.ndarray, whole: np.ndarray, drawn: Curve) -> dict[str, Number]:
    """Ours against the published curve scaled to the area of a density, 1; and how many maxima ours has."""
    area = np.trapezoid(drawn["value"], drawn["x"])
    return {
        f"maxima_{name}": Number(len(find_peaks(whole)[0])),
        f"distance_{name}": Number(np.abs(ours - np.array(drawn["value"]) / area).max()),
        f"published_area_{name}": Number(area),
    }


def _curve(ax: Axes, loss: Any, outputs: Tensor, y: tuple[float, float], drawn: Curve, color: str) -> None:
    grid = torch.linspace(*y, 401, dtype=torch.float64)
    style.published(ax, drawn["x"], drawn["value"])
    ax.plot(grid, density(loss, outputs, grid), color=color)


def _bars(ax: Axes, loss: Any, outputs: Tensor, y: tuple[float, float], drawn: Curve, color: str) -> None:
    grid = np.arange(max(y[0], 0), y[1])
    ax.bar(drawn["x"], drawn["value"], width=0.9, color=style.PUBLISHED, alpha=0.4)
    ax.bar(grid, density(loss, outputs, grid), width=0.5, color=color)
