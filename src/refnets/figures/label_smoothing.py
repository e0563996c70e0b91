"""Classifiers trained with smoothed labels: how sure they are, and whether they may be (book section 9.3.4)."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor
from torchmetrics.functional.classification import multiclass_calibration_error

from refnets.figures import style
from refnets.figures.predictions import logits_of
from refnets.runs import Run
from refnets.verdict import Number

COLORS = {"hard": style.INK, "smoothed": style.TEST}


def draw(runs: dict[str, list[Run]], *, top: float, bins: int) -> tuple[Figure, dict[str, Number]]:
    """Test loss during training, up to `top`; how often test predictions of about the same confidence are correct."""
    picture, (left, right) = style.panels(2)
    numbers = {}
    for (name, group), color in zip(runs.items(), COLORS.values(), strict=True):
        step, loss = group[0].history["step"], np.stack([run.history["test_loss"] for run in group])
        style.band(left, step, loss, color)
        style.label_end(left, step[-1], loss[:, -1].mean(), f"{name} labels", color)
        logits, y = logits_of(group)  # (runs, n, K), (n,)
        _reliability(right, logits, y, bins, color)
        numbers |= _measure(name, logits, y)
    left.set(xlabel="training step", ylabel="test loss, nats", ylim=(0, top), yticks=[0, top / 2, top])
    left.set(xlim=(0, step[-1]), xticks=[0, step[-1] / 2, step[-1]])
    left.xaxis.set_major_formatter("{x:,.0f}")
    right.axline((0, 0), slope=1, color=style.PUBLISHED, linewidth=0.8, zorder=0)
    right.set(xlabel="confidence, %", ylabel="correct, %", xlim=(0, 100), ylim=(0, 100))
    right.set(xticks=[0, 50, 100], yticks=[0, 50, 100], aspect="equal")
    for letter, ax in zip("ab", (left, right), strict=True):
        style.title(ax, letter)
    return picture, numbers | _compare(runs)


def reliability(probabilities: Tensor, y: Tensor, bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean confidence and share of correct predictions, both in %, of equally many examples each, (bins,).

    The confidence is the probability (n, K) of the most probable class.
    """
    confidence, predicted = probabilities.max(-1)
    order = confidence.argsort()
    groups = np.array_split(np.stack([confidence[order], (predicted == y)[order]]), bins, axis=1)
    return tuple(100 * np.array([group.mean(1) for group in groups]).T)


def _reliability(ax: Axes, logits: Tensor, y: Tensor, bins: int, color: str) -> None:
    together = logits.softmax(-1).flatten(0, 1), y.repeat(len(logits))  # (runs n, K), (runs n,)
    ax.plot(*reliability(*together, bins), "o-", color=color, markersize=3)


def _measure(name: str, logits: Tensor, y: Tensor) -> dict[str, Number]:
    size = (logits - logits.mean(-1, keepdim=True)).square().mean((-2, -1)).sqrt()  # (runs,)
    off = [100 * multiclass_calibration_error(each.softmax(-1), y, logits.shape[-1]).item() for each in logits]
    return {
        f"{name}_size_of_logits": Number(size),
        f"{name}_calibration_error": Number(off, "%"),
    }


def _compare(runs: dict[str, list[Run]]) -> dict[str, Number]:
    """By how much smoothed labels lower what the test data cost."""

    def saved(key: str) -> list[float]:
        hard, smoothed = ([run.result["final"][key] for run in group] for group in runs.values())
        return [a - b for a, b in zip(hard, smoothed, strict=True)]

    lowest = ([run.history["test_loss"].min() for run in group] for group in runs.values())

    return {
        "fall_of_test_loss": Number(saved("test_loss"), "nats"),
        "fall_of_lowest_test_loss": Number([a - b for a, b in zip(*lowest, strict=True)], "nats"),
        "fall_of_test_error": Number(saved("test_error"), "%"),
    }
