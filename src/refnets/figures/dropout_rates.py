"""A classifier trained with dropout of more and more units, tested in two ways (book section 9.3.3)."""

import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from refnets.figures import style
from refnets.figures.predictions import error
from refnets.runs import Run
from refnets.verdict import Number


def draw(runs: dict[str, list[Run]], *, passes: int, seed: int) -> tuple[Figure, dict[str, Number]]:
    """Errors and test loss against the probability of dropout; for the largest one, what more random passes bring."""
    rates = [group[0].config.model.dropout for group in runs.values()]
    final = [[run.result["final"] for run in group] for group in runs.values()]
    measured = {key: np.array([[row[key] for row in rows] for rows in final]) for key in final[0][0]}  # (rates, seeds)
    y = runs[next(iter(runs))][0].data().splits["test"].y
    averaged = torch.stack([torch.stack([monte_carlo(run, passes, seed) for run in group]) for group in runs.values()])
    errors, losses = error(averaged.argmax(-1), y).numpy(), -averaged[..., range(len(y)), y].log().mean(-1).numpy()

    picture, axes = style.panels(3)  # errors, losses: (rates, seeds, passes)
    for ax, quantity, random in zip(axes, ("error", "loss"), (errors, losses), strict=False):
        _curve(ax, rates, measured[f"test_{quantity}"], style.TEST, "test")
        _curve(ax, rates, random[..., -1], style.SERIES[2], f"{passes} passes")
        if quantity == "error":
            _curve(ax, rates, measured["train_error"], style.TRAIN, "train")
        ax.set(xlabel="dropout", xlim=(0, rates[-1]), xticks=[0, rates[-1]], ylim=(0, None))
    style.band(axes[2], np.arange(1, passes + 1), errors[-1], style.SERIES[2])
    axes[2].axhline(measured["test_error"][-1].mean(), color=style.TEST)
    style.label(axes[2], passes, measured["test_error"][-1].mean(), "scaled weights", style.TEST, fontsize=9)
    axes[2].set(xlabel="random passes", xlim=(1, passes), xticks=[1, passes])
    names = "error, %", "test loss, nats", f"test error with {rates[-1]:g}, %"
    for letter, ax, name in zip("abc", axes, names, strict=True):
        ax.set_ylabel(name)
        style.title(ax, letter)

    gap = measured["test_error"] - measured["train_error"]
    little, much = (f"{rate:g}" for rate in (rates[1], rates[-1]))
    saved = measured["test_error"][0] - measured["test_error"]  # (rates, seeds)
    return picture, {
        "least_fall_of_gap_between_train_and_test": Number("%", (-np.diff(gap, axis=0)).min(0).tolist()),
        f"test_error_saved_with_{little}": Number("%", saved[1].tolist()),
        f"test_loss_saved_with_{little}": Number(
            "nats", (measured["test_loss"][0] - measured["test_loss"][1]).tolist()
        ),
        f"test_error_saved_with_{much}": Number("%", saved[-1].tolist()),
        f"train_error_with_{much}": Number("%", measured["train_error"][-1].tolist()),
        f"error_saved_by_passes_with_{much}": Number("%", (measured["test_error"] - errors[..., -1])[-1].tolist()),
        f"loss_saved_by_passes_with_{much}": Number("nats", (measured["test_loss"] - losses[..., -1])[-1].tolist()),
    }


def monte_carlo(run: Run, passes: int, seed: int) -> Tensor:
    """The test probabilities averaged over the first 1, 2, ... passes with units dropped at random, (passes, n, K)."""
    model, x = run.model().train(), run.data().splits["test"].x
    with torch.no_grad(), torch.random.fork_rng():
        torch.manual_seed(seed)
        probabilities = torch.stack([F.softmax(model(x), -1) for _ in range(passes)])
    return probabilities.cumsum(0) / torch.arange(1, passes + 1)[:, None, None]


def _curve(ax: Axes, rates: list[float], values: np.ndarray, color: str, name: str) -> None:
    """A dot per run of values (rates, seeds), and the line of the means."""
    ax.plot(rates, values.mean(1), color=color)
    ax.plot(rates, values, "o", color=color, markersize=2.5, alpha=0.7, clip_on=False)
    style.label_end(ax, rates[-1], values[-1].mean(), name, color)
