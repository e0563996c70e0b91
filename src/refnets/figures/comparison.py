"""What it costs to take the wrong distribution for the data: another loss against the Gaussian (table 5.11)."""

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor
from torch.distributions import Normal

from refnets.figures import style
from refnets.figures.likelihood import X, shade
from refnets.runs import Run
from refnets.verdict import Number


def draw_curves(
    runs: dict[str, list[Run]], *, y: tuple[float, float], error: float
) -> tuple[Figure, dict[str, Number]]:
    """The first seed's curves with the data, between y[0] and y[1]; beside them every seed's errors, up to `error`."""
    data = runs["gaussian"][0].data()
    true = data.likelihood.predict(data.outputs(X))
    picture, (left, right) = style.panels(2)
    inputs, targets = data.splits["train"]
    left.plot(inputs[:, 0], targets, ".", markersize=1.5, color=style.INK, alpha=0.4)
    numbers = _saved(runs)
    for i, ((key, group), color) in enumerate(zip(runs.items(), style.SERIES, strict=False)):
        errors = torch.stack([predicted(run) - true for run in group])  # (n, x)
        left.plot(X, true + errors[0], color=color)
        right.plot(X, errors.T, color=color, linewidth=0.6, zorder=3 + i)
        style.label(right, 1, -error * (0.6 + 0.2 * i), key.replace("_", " "), color)
        numbers[f"{key}_error"] = Number((errors**2).mean(1).sqrt())
    gaussian = numbers["gaussian_error"].values
    for key in runs:
        ratios = np.divide(numbers[f"{key}_error"].values, gaussian)
        numbers[f"{key}_error_over_gaussian_error"] = Number(ratios)
    right.axhline(0, color=style.PUBLISHED, linewidth=0.8, zorder=0)
    left.set(ylim=y, yticks=[y[0], 0, y[1]], ylabel="y")
    right.set(ylim=(-error, error), yticks=[-error, 0, error], ylabel="fit - truth")
    for letter, ax, text in zip("ab", (left, right), ("data and fits", "error of the fits"), strict=True):
        ax.set(xlim=(0, 1), xticks=[0, 0.5, 1], xlabel="x")
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


def probability_of_count(normal: Normal, y: Tensor) -> Tensor:
    """The probability of y - 1/2 to y + 1/2, which over all whole numbers sums to 1."""
    return normal.cdf(y + 0.5) - normal.cdf(y - 0.5)


def _outputs(run: Run, x: Tensor) -> Tensor:
    with torch.no_grad():
        return run.model()(x)


def _saved(runs: dict[str, list[Run]]) -> dict[str, Number]:
    """How much lower the test loss is than the Gaussian's, seed by seed."""
    loss = {key: [run.result["final"]["test_loss"] for run in group] for key, group in runs.items()}
    return {
        f"{key}_saves": Number(np.subtract(loss["gaussian"], loss[key]), "nats") for key in runs if key != "gaussian"
    }


def _counted(runs: dict[str, list[Run]]) -> dict[str, Number]:
    """The Gaussian judged as a distribution of counts."""
    saved, below = [], []
    for gaussian, poisson in zip(runs["gaussian"], runs["poisson"], strict=True):
        x, y = gaussian.data().splits["test"]
        normal = gaussian.loss().distribution(_outputs(gaussian, x))
        saved.append(-probability_of_count(normal, y).log().mean().item() - poisson.result["final"]["test_loss"])
        below.append(normal.cdf(torch.tensor(-0.5)).mean())
    return {
        "poisson_saves_against_probabilities": Number(saved, "nats"),
        "gaussian_probability_of_negative_counts": Number(below),
    }
