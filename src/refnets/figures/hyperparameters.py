"""A grid of hyperparameters, of which the validation data choose one (book section 8.5)."""

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import f_oneway

from refnets.figures import style
from refnets.runs import Run
from refnets.verdict import Number


class Choice(NamedTuple):
    """One point of the grid."""

    width: int
    lr: float


def draw(runs: dict[str, list[Run]]) -> tuple[Figure, dict[str, Number]]:
    """Validation errors of the whole grid; validation and test errors of the choice with the lowest mean (circle).

    The test errors of other runs are not read. The runs "recipe" are what is trained without any choice.
    """
    grid = by_choice(runs["grid"])
    errors = {choice: _final(group, "validation_error") for choice, group in grid.items()}  # (seeds,) each
    chosen = lowest(errors)
    test = _final(grid[chosen], "test_error")
    usual = _final(runs["recipe"], "validation_error")
    picture = Figure(figsize=(6.3, 2.6))
    left, right = picture.subplots(1, 2, width_ratios=(2, 1))
    _draw_grid(left, errors, chosen)
    style.dots(right, [0, 1], np.stack([errors[chosen], test]), style.INK)
    right.set(xlim=(-0.5, 1.5), ylim=left.get_ylim(), ylabel="error, %")
    right.set_xticks([0, 1], ["validation", "test"])
    style.title(left, "a", "all")
    style.title(right, "b", "chosen")
    return picture, {
        "variance_between_choices_over_variance_between_seeds": Number(_ratio_of_variances(*errors.values())),
        "chosen_width": Number(chosen.width),
        "chosen_learning_rate": Number(chosen.lr),
        "validation_error_of_the_chosen": Number(errors[chosen], "%"),
        "validation_error_saved_by_choosing": Number(usual - errors[chosen], "%"),
        "test_error_of_the_chosen": Number(test, "%"),
        "test_minus_validation_error_of_the_chosen": Number(test - errors[chosen], "%"),
    }


def by_choice(runs: list[Run]) -> dict[Choice, list[Run]]:
    """The runs of each point of the grid: one for each seed."""
    grid: dict[Choice, list[Run]] = {}
    for run in runs:
        grid.setdefault(Choice(run.config.model.width, run.config.optimizer.lr), []).append(run)
    return grid


def lowest(errors: dict[Choice, np.ndarray]) -> Choice:
    """The point of the grid with the lowest mean over its seeds."""
    return min(errors, key=lambda choice: errors[choice].mean())


def _ratio_of_variances(*groups: np.ndarray) -> float:
    """The F statistic of an analysis of variance; not a number when there is nothing to compare."""
    return f_oneway(*groups).statistic if len(groups) > 1 else np.nan


def _final(group: list[Run], quantity: str) -> np.ndarray:
    return np.array([run.result["final"][quantity] for run in group])


def _draw_grid(ax: Axes, errors: dict[Choice, np.ndarray], chosen: Choice) -> None:
    rates, widths = sorted({choice.lr for choice in errors}), sorted({choice.width for choice in errors})
    for width, color in zip(widths, style.SERIES, strict=False):
        values = np.stack([errors[Choice(width, lr)] for lr in rates])  # (rates, seeds)
        style.dots(ax, range(len(rates)), values, color, f"{width} units")
    circle = {"color": style.INK, "markerfacecolor": "none", "markersize": 9, "clip_on": False}
    ax.plot(rates.index(chosen.lr), errors[chosen].mean(), "o", **circle)
    ax.set(xlabel="learning rate", ylabel="validation error, %")
    ax.set_xticks(range(len(rates)), [f"{lr:g}" for lr in rates])
