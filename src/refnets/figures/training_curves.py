"""Error and loss of train and test during training, the mean and a band over seeds (figs 8.2 and 10.8)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from refnets.figures import style
from refnets.runs import Run
from refnets.verdict import Number

AXIS = {"error": "error (%)", "loss": "loss (nats)"}
MEETING = 0.08  # of the height of a panel: curves that end closer are named beside it, not on it
COLORS = {"test": style.TEST, "train": style.TRAIN}


def draw(
    runs: dict[str, list[Run]],
    *,
    panels: list[dict[str, Any]],
    last: int,
    at: Sequence[int] = (),
    published: dict[str, Any] | None = None,
) -> tuple[Figure, dict[str, Number]]:
    """A panel shows one `quantity` (error, loss) of one `run`, up to `top`, over a published one.

    The final value of a run is the mean of its evaluations in the last `last` steps; errors `at` steps on the way are
    those of the nearest evaluation.
    """
    picture, axes = style.panels(len(panels))
    for letter, ax, panel in zip("abcd", axes, panels, strict=False):
        if "published" in panel:
            _published(ax, published[panel["published"]], panel.get("published_label", "published"))
        _curves(ax, runs[panel["run"]], panel["quantity"], panel["top"])
        ax.set(ylim=(0, panel["top"]), yticks=[0, panel["top"] / 2, panel["top"]])
        style.title(ax, letter, panel.get("title", ""))
    measured = {name: _measure(group, last) | _on_the_way(group, at) for name, group in runs.items()}
    return picture, {f"{name}_{key}": number for name, numbers in measured.items() for key, number in numbers.items()}


def _published(ax: Axes, curves: dict[str, Any], text: str) -> None:
    for split, curve in curves.items():
        style.published(ax, curve["step"], curve["value"], text if split == "test" else "")


def _curves(ax: Axes, runs: list[Run], quantity: str, top: float) -> None:
    step = runs[0].history["step"]
    curves = {split: np.stack([run.history[f"{split}_{quantity}"] for run in runs]) for split in COLORS}
    test, train = (each.mean(0)[-1] for each in curves.values())  # each: (n, evaluations)
    name = style.label_end if abs(test - train) < MEETING * top else style.label
    for split, color in COLORS.items():
        style.band(ax, step, curves[split], color)
        name(ax, step[-1], curves[split].mean(0)[-1], split, color)
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.set(xlim=(0, step[-1]), xticks=[0, step[-1] / 2, step[-1]], xlabel="training step", ylabel=AXIS[quantity])


def _measure(runs: list[Run], last: int) -> dict[str, Number]:
    histories = [run.history for run in runs]
    ends = [history["step"] > history["step"][-1] - last for history in histories]

    def final(column: str) -> list[float]:
        return [history[column][end].mean() for history, end in zip(histories, ends, strict=True)]

    lowest = [history["test_loss"].argmin() for history in histories]
    lowest_loss = [history["test_loss"].min() for history in histories]
    return {
        "test_error": Number(final("test_error"), "%"),
        "train_error": Number(final("train_error"), "%"),
        "lowest_test_loss": Number(lowest_loss, "nats"),
        "final_test_loss": Number(final("test_loss"), "nats"),
        "step_of_lowest_test_loss": Number([h["step"][i] for h, i in zip(histories, lowest, strict=True)], "steps"),
        "final_over_lowest_test_loss": Number(np.divide(final("test_loss"), lowest_loss)),
        "parameters": Number([run.result["parameters"] for run in runs]),
    }


def _on_the_way(runs: list[Run], at: Sequence[int]) -> dict[str, Number]:
    def errors(split: str, step: int) -> list[float]:
        return [run.history[f"{split}_error"][np.abs(run.history["step"] - step).argmin()] for run in runs]

    return {f"{split}_error_at_{step}": Number(errors(split, step), "%") for step in at for split in COLORS}
