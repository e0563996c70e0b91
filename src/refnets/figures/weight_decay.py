"""Networks trained with more and more weight decay: their weights, losses and errors (book section 9.1.2)."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from refnets.figures import style
from refnets.runs import Run
from refnets.verdict import Number


def draw(runs: dict[str, list[Run]]) -> tuple[Figure, dict[str, Number]]:
    """Norm of all weights, loss and error of the last evaluation of each group of runs against its weight decay."""
    decay = [group[0].config.optimizer.weight_decay for group in runs.values()]
    norms = np.array([[norm(run) for run in group] for group in runs.values()])  # (decays, seeds)
    final = [[run.result["final"] for run in group] for group in runs.values()]
    measured = {key: np.array([[row[key] for row in rows] for rows in final]) for key in final[0][0]}

    picture, axes = style.panels(3)
    style.dots(axes[0], range(len(decay)), norms, style.INK)
    for ax, quantity in zip(axes[1:], ("loss", "error"), strict=True):
        for split, color in (("test", style.TEST), ("train", style.TRAIN)):
            style.dots(ax, range(len(decay)), measured[f"{split}_{quantity}"], color, split)
    ticks = [f"${style.power_of_ten(each)}$" if each in (0, decay[1], decay[-1]) else "" for each in decay]
    for letter, ax, name in zip("abc", axes, ("norm of weights", "loss, nats", "error, %"), strict=True):
        ax.set(xlabel="weight decay", ylabel=name, ylim=(0, None), xlim=(-0.3, len(decay) - 0.7))
        ax.set_xticks(range(len(decay)), ticks)
        ax.yaxis.set_major_locator(MaxNLocator(3))
        style.title(ax, letter)

    loss, error = measured["test_loss"], measured["test_error"]
    return picture, {
        "norm_without": Number(norms[0]),
        f"norm_with_{decay[-1]:g}": Number(norms[-1]),
        "least_fall_of_norm_per_step": Number((-np.diff(norms, axis=0)).min(0)),
        "least_rise_of_train_loss_per_step": Number(np.diff(measured["train_loss"], axis=0).min(0), "nats"),
        "fall_of_test_loss": Number(loss[0] - loss[-1], "nats"),
        f"test_error_saved_with_{decay[-2]:g}": Number(error[0] - error[-2], "%"),
        f"test_error_saved_with_{decay[-1]:g}": Number(error[0] - error[-1], "%"),
    }


def norm(run: Run) -> float:
    """The square root of the sum of all squared parameters, also of the biases, which decay too."""
    return sum(parameter.detach().square().sum() for parameter in run.model().parameters()).sqrt().item()
