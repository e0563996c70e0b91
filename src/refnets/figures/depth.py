"""What depth does to a plain and to a residual network (book fig 11.2; He et al. 2016, arXiv:1512.03385, fig 6)."""

from itertools import combinations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from refnets.figures import style
from refnets.runs import Run
from refnets.verdict import Number

COLORS = {"test": style.TEST, "train": style.TRAIN}


def draw(
    runs: dict[str, list[Run]], *, panels: dict[str, dict[int, str]], top: float
) -> tuple[Figure, dict[str, Number]]:
    """A panel per kind of network, of which `panels` names runs for each depth; all but the deepest are dashed.

    Numbers are the final errors, and differences: of the first run of one name and the first of another, and so on.
    """
    picture, axes = style.panels(len(panels))
    for letter, ax, (kind, depths) in zip("ab", axes, panels.items(), strict=False):
        for depth, name in depths.items():
            _draw_errors(ax, runs[name], depth, "--" if depth < max(depths) else "-")
        ax.set(ylim=(0, top), yticks=[0, top / 2, top], ylabel="error (%)", xlabel="training step")
        style.title(ax, letter, kind)
    return picture, measure(runs)


def measure(runs: dict[str, list[Run]]) -> dict[str, Number]:
    """Errors and training loss of the last evaluation, their differences for every two names, and parameters."""
    numbers = {}
    for quantity, unit in (("test_error", "%"), ("train_error", "%"), ("train_loss", "nats")):
        final = {name: [run.history[quantity][-1] for run in group] for name, group in runs.items()}
        numbers |= {f"{name}_{quantity}": Number(values, unit) for name, values in final.items()}
        for a, b in combinations(final, 2):
            differences = [x - y for x, y in zip(final[a], final[b], strict=False)]
            numbers[f"{a}_minus_{b}_{quantity}"] = Number(differences, unit)
    return numbers | {f"{name}_parameters": Number(group[0].result["parameters"]) for name, group in runs.items()}


def _draw_errors(ax: Axes, runs: list[Run], depth: int, line: str) -> None:
    step = runs[0].history["step"]
    for split, color in COLORS.items():
        errors = np.stack([run.history[f"{split}_error"] for run in runs]).mean(0)  # (evaluations,)
        ax.plot(step, errors, line, color=color)
        style.label_end(ax, step[-1], errors[-1], f"{split} {depth}", color)
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.set(xlim=(0, step[-1]), xticks=[0, step[-1] / 2, step[-1]])
