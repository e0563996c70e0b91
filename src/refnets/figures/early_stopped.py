"""The networks that early stopping keeps, on the curves of the trainings they are from (book section 9.3.1)."""

import numpy as np
import torch
from matplotlib.figure import Figure

from refnets.figures import style
from refnets.figures.predictions import error, logits_of
from refnets.runs import Run
from refnets.verdict import Number

COLORS = {"train": style.TRAIN, "validation": style.SERIES[2], "test": style.TEST}


def draw(runs: dict[str, list[Run]], *, top_loss: float, top_error: float) -> tuple[Figure, dict[str, Number]]:
    """Loss and error during training, up to `top_loss` and `top_error`; a circle is the network that one run kept."""
    (group,) = runs.values()
    step = group[0].history["step"]
    picture, axes = style.panels(2)
    for letter, ax, (quantity, top) in zip("ab", axes, {"loss": top_loss, "error": top_error}.items(), strict=True):
        for split, color in COLORS.items():
            curves = np.stack([run.history[f"{split}_{quantity}"] for run in group])  # (runs, evaluations)
            style.band(ax, step, curves, color)
            style.label_end(ax, step[-1], min(curves.mean(0)[-1], top), split, color)
        for run in group:
            kept = run.result["final"]
            circle = {"color": style.INK, "markerfacecolor": "white", "markersize": 4.5, "zorder": 5}
            ax.plot(kept["step"], kept[f"test_{quantity}"], "o", **circle)
        style.label(ax, 1.2 * kept["step"], 0.5 * kept[f"test_{quantity}"], "kept", style.INK, align="left", fontsize=9)
        ax.set(xlim=(0, step[-1]), xticks=[0, step[-1] / 2, step[-1]], ylim=(0, top), yticks=[0, top / 2, top])
        ax.xaxis.set_major_formatter("{x:,.0f}")
        ax.set(xlabel="training step", ylabel={"loss": "loss, nats", "error": "error, %"}[quantity])
        style.title(ax, letter)
    return picture, _measure(group)


def _measure(group: list[Run]) -> dict[str, Number]:
    """The kept networks are evaluated again, as anyone would who opens the run."""
    logits, y = logits_of(group)  # (runs, n, K), (n,)
    loss = torch.stack([run.loss()(each, y) for run, each in zip(group, logits, strict=True)]).numpy()
    wrong = error(logits.argmax(-1), y).numpy()
    curves, errors = (np.stack([run.history[key] for run in group]) for key in ("test_loss", "test_error"))
    return {
        "step_kept": Number([run.result["final"]["step"] for run in group], "steps"),
        "test_loss_kept": Number(loss, "nats"),
        "test_loss_kept_over_lowest": Number(loss / curves.min(1)),
        "last_over_kept_test_loss": Number(curves[:, -1] / loss),
        "test_error_kept": Number(wrong, "%"),
        "test_error_of_the_last": Number(errors[:, -1], "%"),
    }
