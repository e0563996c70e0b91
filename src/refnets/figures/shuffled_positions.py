"""Networks on signals whose positions are shuffled, all in one way (notes, chapter 10)."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from refnets.figures import style
from refnets.runs import Run
from refnets.verdict import Number

KINDS = ("original", "shuffled")


def draw(runs: dict[str, list[Run]], *, published: dict[str, list[float]]) -> tuple[Figure, dict[str, Number]]:
    """a: a test example before and after; b: the test error of each group of runs on both, dots are seeds.

    The runs called "x_shuffled" belong to those called "x". `published` has errors, [original, shuffled].
    """
    groups = {name: (runs[name], runs[f"{name}_shuffled"]) for name in published}
    picture = Figure(figsize=(6.3, 3.0))
    left, right = picture.subplots(1, 2, gridspec_kw={"width_ratios": [1, 0.9]})
    _signals(left, *(group[0] for group in next(iter(groups.values()))))
    errors = {name: np.array([[_error(run) for run in kind] for kind in kinds]) for name, kinds in groups.items()}
    for (name, values), color in zip(errors.items(), style.SERIES, strict=False):
        style.published(right, (0, 1), published[name])
        style.dots(right, (0, 1), values, color, name.replace("_", " "))  # values: (2, seeds)
    right.text(0.5, 56, "grey: published", color=style.PUBLISHED, fontsize=9, ha="center")
    right.set(xlim=(-0.1, 1), ylim=(0, 80), yticks=[0, 40, 80], ylabel="test error (%)")
    right.set_xticks((0, 1), KINDS)
    style.title(left, "a", "a test example")
    style.title(right, "b", "four networks")
    return picture, {key: number for name in errors for key, number in _measure(name, *errors[name]).items()}


def _signals(ax: Axes, *runs: Run) -> None:
    for offset, kind, run in zip((4, 0), KINDS, runs, strict=True):
        signal = run.data().splits["test"].x[0, 0]  # (positions,)
        ax.plot(offset + signal / signal.abs().max(), color=style.INK, linewidth=1, marker=".", markersize=3)
        ax.text(0, offset + 1.3, kind, fontsize=9)
    ax.set(xlabel="position", xticks=[0, 20, 39], yticks=[], ylim=(-1.2, 6))
    ax.spines["left"].set_visible(False)


def _error(run: Run) -> float:
    return run.result["final"]["test_error"]


def _measure(name: str, original: np.ndarray, shuffled: np.ndarray) -> dict[str, Number]:
    return {
        f"{name}_error": Number(original, "%"),
        f"{name}_error_shuffled": Number(shuffled, "%"),
        f"{name}_rise": Number(shuffled - original, "%"),
    }
