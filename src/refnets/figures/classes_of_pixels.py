"""How well the classes of pixels are told apart, without showing images that may not be handed on."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from refnets.figures import style
from refnets.figures.predictions import measure
from refnets.runs import Run
from refnets.verdict import Number

COLORS = {"train": style.TRAIN, "validation": style.SERIES[2], "test": style.TEST}


def draw(runs: dict[str, list[Run]]) -> tuple[Figure, dict[str, Number]]:
    """Panel a: the mean intersection over union of every split against the step. Panel b: that of each class, test."""
    (group,) = runs.values()
    picture, (left, right) = style.panels(2)
    step = group[0].history["step"]
    for split, color in COLORS.items():
        if f"{split}_mean_iou" in group[0].history:
            curves = np.stack([run.history[f"{split}_mean_iou"] for run in group])  # (runs, evaluations)
            style.band(left, step, curves, color)
            style.label_end(left, step[-1], curves.mean(0)[-1], split, color)
    left.set(xlabel="training step", ylabel="mean IoU", xlim=(0, step[-1]), xticks=[0, step[-1]], ylim=(0, 1))
    left.set(yticks=[0, 0.5, 1])
    numbers = measure(group)
    _draw_classes(right, {key.removeprefix("test_iou_"): n for key, n in numbers.items() if "test_iou_" in key})
    style.title(left, "a")
    style.title(right, "b", "test split, each class")
    return picture, numbers


def _draw_classes(ax: Axes, classes: dict[str, Number]) -> None:
    names, places = list(classes), range(len(classes))
    means: Sequence[float] = [np.mean(number.values) for number in classes.values()]
    ax.barh(places, means, 0.65, color=style.TEST)
    for place, name, mean in zip(places, names, means, strict=True):
        inside = mean > 0.5
        look = {"ha": "right" if inside else "left", "color": "white" if inside else style.INK, "fontsize": 7.5}
        ax.text(mean + (-0.02 if inside else 0.02), place, f"{name} {mean:.2f}", va="center", **look)
    ax.set(xlabel="IoU", xlim=(0, 1), xticks=[0, 0.5, 1], yticks=[], ylim=(len(names) - 0.4, -0.6))
