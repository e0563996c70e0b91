"""What it costs to take the wrong distribution for the data: another loss against the Gaussian (table 5.11)."""

import torch
from matplotlib.figure import Figure
from torch import Tensor

from refnets.figures import style
from refnets.figures.likelihood import SHOWN, X, shade
from refnets.runs import Run
from refnets.verdict import Number


def draw_curves(
    runs: dict[str, list[Run]], *, y: tuple[float, float], zoom: tuple[float, float]
) -> tuple[Figure, dict[str, Number]]:
    """The curve that each loss fits, between y[0] and y[1] with the data, and between zoom[0] and zoom[1] without."""
    data = runs["gaussian"][0].data()
    true = data.likelihood.predict(data.outputs(X))
    picture, axes = style.panels(2)
    inputs, targets = (values[:SHOWN] for values in data.splits["train"])
    axes[0].plot(inputs[:, 0], targets, ".", markersize=2, color=style.INK, alpha=0.5)
    for ax in axes:
        ax.plot(X, true, color=style.PUBLISHED, linewidth=4, alpha=0.6)
    numbers = _saved(runs)
    for (key, group), color in zip(runs.items(), style.SERIES, strict=False):
        fitted = [predicted(run) for run in group]
        for ax in axes:
            ax.plot(X, fitted[0], color=color)
        errors = [((curve - true) ** 2).mean().sqrt().item() for curve in fitted]
        numbers[f"{key}_error"] = Number("", errors)
    for key in runs:
        ratios = [a / b for a, b in zip(numbers[f"{key}_error"].values, numbers["gaussian_error"].values, strict=True)]
        numbers[f"{key}_error_over_gaussian_error"] = Number("", ratios)
    for letter, ax, limits, text in zip("ab", axes, (y, zoom), ("data, 10 % outliers", "curves"), strict=True):
        ax.set(xlim=(0, 1), ylim=limits, xticks=[0, 0.5, 1], yticks=[limits[0], 0, limits[1]], xlabel="x", ylabel="y")
        style.title(ax, letter, text)
    return picture, numbers


def draw_densities(
    runs: dict[str, list[Run]], *, y: tuple[float, float], counts: bool
) -> tuple[Figure, dict[str, Number]]:
    """p(y|x) between y[0] and y[1] that the data were drawn from, and that each loss fits; dots are test data."""
    data = runs["gaussian"][0].data()
    picture, axes = style.panels(1 + len(runs))
    sides = [("drawn from", data.likelihood, data.outputs(X))]
    sides += [(key, group[0].loss().requires_grad_(False), _outputs(group[0], X)) for key, group in runs.items()]
    for letter, ax, (name, loss, outputs) in zip("abc", axes, sides, strict=True):
        shade(ax, loss, outputs, data.splits["test"], y, counts)
        ax.set_ylabel("y" if letter == "a" else "")
        style.title(ax, letter, name)
    return picture, _saved(runs) | (_counted(runs) if counts else {})


def predicted(run: Run) -> Tensor:
    """The point estimate of the fitted network at X, (x,)."""
    return run.loss().predict(_outputs(run, X))


def _outputs(run: Run, x: Tensor) -> Tensor:
    with torch.no_grad():
        return run.model()(x)


def _saved(runs: dict[str, list[Run]]) -> dict[str, Number]:
    """How much lower the test loss is than the Gaussian's, seed by seed."""
    loss = {key: [run.result["final"]["test_loss"] for run in group] for key, group in runs.items()}
    return {
        f"{key}_saves": Number("nats", [a - b for a, b in zip(loss["gaussian"], loss[key], strict=True)])
        for key in runs
        if key != "gaussian"
    }


def _counted(runs: dict[str, list[Run]]) -> dict[str, Number]:
    """The Gaussian judged as a distribution of counts: the probability of y is that of y - 1/2 to y + 1/2."""
    saved, below = [], []
    for gaussian, poisson in zip(runs["gaussian"], runs["poisson"], strict=True):
        x, y = gaussian.data().splits["test"]
        normal = gaussian.loss().distribution(_outputs(gaussian, x))
        nll = -(normal.cdf(y + 0.5) - normal.cdf(y - 0.5)).log().mean().item()
        saved.append(nll - poisson.result["final"]["test_loss"])
        below.append(normal.cdf(torch.tensor(-0.5)).mean().item())
    return {
        "poisson_saves_against_probabilities": Number("nats", saved),
        "gaussian_probability_of_negative_counts": Number("", below),
    }
