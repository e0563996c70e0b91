"""A classifier trained with dropout of more and more units, tested in two ways (book section 9.3.3)."""

import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from torch import Tensor

from refnets.figures import style
from refnets.figures.predictions import error
from refnets.runs import Run
from refnets.verdict import Number

COLORS = {"test": style.TEST, "passes": style.SERIES[2], "train": style.TRAIN}


def draw(runs: dict[str, list[Run]], *, passes: int, seed: int) -> tuple[Figure, dict[str, Number]]:
    """Errors and test loss against the probability of dropout; for the largest one, what more random passes bring."""
    groups = list(runs.values())
    rates = [group[0].config.model.dropout for group in groups]
    final_error, final_loss = _final(groups, "error"), _final(groups, "loss")
    random = [[monte_carlo(run, passes, seed) for run in group] for group in groups]
    errors, losses = np.moveaxis(random, 2, 0)  # (rates, seeds, passes) each
    final_error["passes"], final_loss["passes"] = errors[..., -1], losses[..., -1]
    picture, axes = style.panels(3)
    for split, color in COLORS.items():
        name = split.replace("passes", f"{passes} passes")
        style.dots(axes[0], rates, final_error[split], color, name)
        if split != "train":
            style.dots(axes[1], rates, final_loss[split], color, name)
    for ax, name in zip(axes, ("error, %", "test loss, nats"), strict=False):
        ax.set(xlabel="dropout", xlim=(0, rates[-1]), xticks=[0, rates[-1]], ylim=(0, None), ylabel=name)
    _draw_passes(axes[2], errors[-1], final_error["test"][-1].mean())
    axes[2].set_ylabel(f"error with {rates[-1]:g}, %")
    for letter, ax in zip("abc", axes, strict=True):
        ax.yaxis.set_major_locator(MaxNLocator(3))
        style.title(ax, letter)
    return picture, _measure(rates, final_error, final_loss)


def monte_carlo(run: Run, passes: int, seed: int) -> tuple[Tensor, Tensor]:
    """Test error in % and loss of the mean probabilities of the first 1, 2, ... passes, (passes,) each.

    In every pass, units are dropped at random as in training.
    """
    model, (x, y) = run.model().train(), run.data().splits["test"]
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        probabilities = torch.stack([F.softmax(model(x), -1) for _ in range(passes)])
    mean = probabilities.cumsum(0) / torch.arange(1, passes + 1)[:, None, None]  # (passes, n, K)
    return error(mean.argmax(-1), y), -mean[:, range(len(y)), y].log().mean(-1)


def _final(groups: list[list[Run]], quantity: str) -> dict[str, np.ndarray]:
    """The `quantity` of train and test at the end of every run, (rates, seeds)."""
    return {
        split: np.array([[run.result["final"][f"{split}_{quantity}"] for run in group] for group in groups])
        for split in ("train", "test")
    }


def _draw_passes(ax: Axes, errors: np.ndarray, scaled: float) -> None:
    """Errors (seeds, passes), and the mean error of the networks with scaled weights."""
    passes = errors.shape[1]
    style.band(ax, np.arange(1, passes + 1), errors, COLORS["passes"])
    ax.axhline(scaled, color=COLORS["test"])
    style.label(ax, passes, scaled, "scaled weights", COLORS["test"], fontsize=9)
    ax.set(xlabel="random passes", xlim=(1, passes), xticks=[1, passes])


def _measure(
    rates: list[float], final_error: dict[str, np.ndarray], final_loss: dict[str, np.ndarray]
) -> dict[str, Number]:
    little, much = (f"{rate:g}" for rate in (rates[1], rates[-1]))
    error_saved, loss_saved = (each["test"][0] - each["test"] for each in (final_error, final_loss))  # (rates, seeds)
    gap = final_error["test"] - final_error["train"]
    return {
        "least_fall_of_gap_between_train_and_test": Number((-np.diff(gap, axis=0)).min(0), "%"),
        f"test_error_saved_with_{little}": Number(error_saved[1], "%"),
        f"test_loss_saved_with_{little}": Number(loss_saved[1], "nats"),
        f"train_error_with_{much}": Number(final_error["train"][-1], "%"),
        f"test_error_saved_with_{much}": Number(error_saved[-1], "%"),
        f"error_saved_by_passes_with_{much}": Number((final_error["test"] - final_error["passes"])[-1], "%"),
        f"loss_saved_by_passes_with_{much}": Number((final_loss["test"] - final_loss["passes"])[-1], "nats"),
    }
