"""Test errors of networks trained with several learning rates and batch sizes, against their width (fig 9.5)."""

from itertools import combinations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from refnets.figures import style
from refnets.figures.predictions import by_width
from refnets.runs import Run
from refnets.verdict import Number

MEMORIZED = 1.0  # percent


def draw(runs: dict[str, list[Run]], *, panels: dict[str, list[str]]) -> tuple[Figure, dict[str, Number]]:
    """A panel per list of groups of runs, the group that should generalize best first: mean test error at each width.

    What a group saves over a later one of its list is measured at each width, so n counts widths. A width memorizes
    the training data if less than `MEMORIZED` of them are wrong on average.
    """
    picture, axes = style.panels(len(panels))
    axes[0].sharey(axes[-1])
    numbers = {}
    for letter, ax, (text, names) in zip("ab", axes, panels.items(), strict=False):
        errors = {}
        for name, color in zip(names, style.SERIES, strict=False):
            width, measured = by_width(runs[name])
            errors[name] = measured["test"].mean(1)  # (widths,)
            style.dots(ax, width, measured["test"], color, name.split()[-1])
            memorizing = width[measured["train"].mean(1) < MEMORIZED]
            numbers[f"narrowest_memorizing_width_with_{_key(name)}"] = Number(memorizing[:1], "units")
        _label(ax, width)
        style.title(ax, letter, text)
        for better, worse in combinations(names, 2):
            saved = Number(errors[worse] - errors[better], "%")
            numbers[f"error_saved_by_{_key(better)}_over_{_key(worse)}"] = saved
    axes[0].set_ylabel("test error, %")
    return picture, numbers


def _key(name: str) -> str:
    return name.replace(" ", "_")


def _label(ax: Axes, width: np.ndarray) -> None:
    """A tick at each width, on a logarithmic scale."""
    ax.set_xscale("log", base=2)
    ax.set(xlabel="hidden units per layer", xticks=width, xticklabels=width, xlim=(width[0], width[-1]))
    ax.minorticks_off()
