"""What stochastic gradient descent fits first and what later, computed instead of simulated (fig 9.6).

The toy model is linear in its parameters, and here it can fit all examples exactly. So a step on the examples a of a
batch takes the error e = phi - phi* to (I - 2 alpha sum of a a^T) e, and the mean and the second moments of e after any
number of steps are powers of one matrix each.
"""

from itertools import combinations
from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from refnets.data.points import Points
from refnets.data.toy_regression import function
from refnets.figures import style
from refnets.figures.toy import X, draw_truth, examples, label_axes
from refnets.operations.ridge import features, ridge
from refnets.verdict import Number


def draw(
    *,
    data: Points,
    units: int,
    lr: float,
    batch_size: int,
    start: list[float],
    shown: list[int],
    closest: list[int],
    published: dict[str, Any],
) -> tuple[Figure, dict[str, Number]]:
    """The mean of all descents at the iterations `shown`; below, training loss and error on new inputs all the way.

    Compared are the errors at the iterations `closest` with those at the others that are shown.
    """
    x, y = examples(data)
    a, best = features(x, units), ridge(x, y, units, 0)
    first = torch.tensor(start, dtype=torch.float64) - best
    steps = torch.cat([torch.logspace(1, 6, 251, dtype=torch.float64).round(), torch.tensor([0, *shown])]).unique()
    means, moments = descents(a, first, lr, batch_size, steps)
    loss = quadratic(a, moments)  # (steps,)
    error = expected_error(means, moments, best, units)
    picture = Figure(figsize=(6.3, 4.6))
    cells = picture.add_gridspec(2, len(shown))
    axes = [picture.add_subplot(cells[0, column]) for column in range(len(shown))]
    for letter, ax, step in zip("abcdef", axes, shown, strict=False):
        draw_truth(ax, x, y)
        curve = published["curves"][f"{step}"]
        style.published(ax, curve["x"], curve["y"])
        ax.plot(X, features(X, units) @ (best + means[steps == step][0]), color=style.TEST)
        style.title(ax, letter, f"{step:,}")
    label_axes(axes, columns=len(shown))
    bottom = picture.add_subplot(cells[1, :])
    _curves(bottom, steps, loss / len(x), error, {int(k): v / len(x) for k, v in published["losses"].items()})
    style.title(bottom, "abcdef"[len(shown)])
    lowest, errors = error.argmin(), {step: error[steps == step] for step in shown}
    others = min(value for step, value in errors.items() if step not in closest)
    return picture, {f"loss_at_{step}": Number(loss[steps == step]) for step in shown} | {
        "iteration_of_least_error": Number(steps[lowest]),
        "error_of_the_closest_over_the_others": Number(max(errors[step] for step in closest) / others),
        f"error_at_{shown[-1]}_over_least": Number(errors[shown[-1]] / error[lowest]),
    }


def descents(a: Tensor, first: Tensor, lr: float, batch_size: int, steps: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (steps, d) and second moments (steps, d, d) of phi - phi*, over all descents, after each number of steps.

    Every batch is `batch_size` of the n examples with features `a`, (n, d), drawn without replacement; the loss is the
    sum of its squared errors. `first` is phi - phi* before the first step, and phi* fits all examples exactly.
    """
    batches = a[torch.tensor(list(combinations(range(len(a)), batch_size)))]  # (batches, batch_size, d)
    step = torch.eye(a.shape[1], dtype=torch.float64) - 2 * lr * batches.mT @ batches  # (batches, d, d)
    both = torch.einsum("bij,bkl->ikjl", step, step).flatten(2).flatten(0, 1) / len(step)  # (d^2, d^2)
    means = powers(step.mean(0), first, steps)
    return means, powers(both, first.outer(first).flatten(), steps).unflatten(1, step.shape[1:])


def powers(matrix: Tensor, vector: Tensor, exponents: Tensor) -> Tensor:
    """matrix^exponent vector for a symmetric matrix: (d, d), (d) and (n) -> (n, d)."""
    values, vectors = torch.linalg.eigh(matrix)
    return (values ** exponents[:, None] * (vectors.mT @ vector)) @ vectors.mT


def expected_error(means: Tensor, moments: Tensor, best: Tensor, units: int) -> Tensor:
    """The mean squared error on new inputs without noise, of parameters `best` + e: (steps,).

    e has `means` (steps, P) and second `moments` (steps, P, P).
    """
    a = features(X, units)  # (inputs, P)
    misses = a @ best - function(X)  # of the exact fit, (inputs,)
    return misses.square().mean() + (2 * means @ a.mT @ misses + quadratic(a, moments)) / len(X)


def quadratic(a: Tensor, moments: Tensor) -> Tensor:
    """The expected sum of squares of a e, from the second moments (..., d, d) of e: (n, d) -> (...)."""
    return (a @ moments * a).sum((-2, -1))


def _curves(ax: Axes, steps: Tensor, loss: Tensor, error: Tensor, printed: dict[int, float]) -> None:
    for curve, color, name, at, align in (
        (loss, style.TRAIN, "training", 3e3, "left"),
        (error, style.TEST, "new data", 2e5, "right"),
    ):
        ax.plot(steps, curve, color=color)
        style.label(ax, at, curve[(steps - at).abs().argmin()], name, color, align)
    ax.plot(list(printed), list(printed.values()), "o", color=style.PUBLISHED, markersize=4)
    style.label(ax, 60000, printed[50000], "published", style.PUBLISHED, align="left", fontsize=9)
    ax.set(xscale="log", yscale="log", xlim=(10, 1e6), xticks=[10, 1000, 100000], xlabel="iteration")
    ax.set(ylim=(0.003, 1), yticks=[0.01, 0.1, 1], yticklabels=[0.01, 0.1, 1], ylabel="mean squared error")
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.minorticks_off()
