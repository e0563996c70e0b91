"""Errors against the width of a network, across the width at which it can learn all training data (fig 8.10)."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from refnets.figures import style
from refnets.figures.predictions import by_width
from refnets.runs import Run
from refnets.verdict import Number


def draw(
    runs: dict[str, list[Run]], *, threshold: int, left: tuple[int, int], right: int, published: dict[str, Any]
) -> tuple[Figure, dict[str, Number]]:
    """A panel per group of runs: error of the last evaluation against width, mean and standard deviation over seeds.

    `threshold` is the width with as many parameters as training examples (dashed). The peak is sought from the widest
    of `left` to `right`; before it lies the minimum between the two widths of `left`.
    """
    picture, axes = style.panels(len(runs))
    numbers = {}
    for letter, ax, (name, group) in zip("ab", axes, runs.items(), strict=False):
        width, errors = by_width(group)
        ax.axvline(threshold, color=style.PUBLISHED, linestyle=(0, (3, 2)), linewidth=1)
        for split, color in (("train", style.TRAIN), ("test", style.TEST)):
            style.band(ax, width, errors[split].T, color)
            if curve := published.get(name, {}).get(split):
                style.published(ax, curve["width"], curve["value"])
            style.label(ax, width[-1], errors[split][-1].mean(), split, color)
        ax.set(xlabel="hidden units per layer", ylabel="error, %", xlim=(0, width[-1]), ylim=(0, 70))
        style.title(ax, letter, name.replace("_", " "))
        test = errors["test"].mean(1)
        before = np.where((width >= left[0]) & (width <= left[1]), test, np.inf).min()
        peak = np.where((width > left[1]) & (width <= right), test, -np.inf).argmax()
        numbers |= {
            f"{name}_peak_above_minimum_before": Number(test[peak] - before, "%"),
            f"{name}_peak_above_widest": Number(test[peak] - test[-1], "%"),
            f"{name}_width_of_peak": Number(width[peak], "units"),
            f"{name}_train_error_of_widest": Number(errors["train"][-1], "%"),
            f"{name}_test_error_of_widest": Number(errors["test"][-1], "%"),
        }
    return picture, numbers
