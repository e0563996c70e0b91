"""The data and the model on which book chapter 8 measures performance (figs 8.3 and 8.4)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from refnets.data.points import Points
from refnets.data.toy_regression import ToyRegression, function
from refnets.figures import style
from refnets.figures.toy import TRUTH, X, draw_truth, examples, label_axes, rms
from refnets.operations.ridge import features, least_squares, ridge
from refnets.verdict import Number


def draw_data(
    *, data: ToyRegression, points: Points, repetitions: int, published: dict[str, Any]
) -> tuple[Figure, dict[str, Number]]:
    """The published examples, and training and test examples of ours; small ticks are the ends of the segments."""
    splits = [replace(data, seed=data.seed + number).splits for number in range(repetitions)]
    x, y = examples(points)
    shown = {"published": (x, y), "train": splits[0]["train"], "test": splits[0]["test"]}
    picture, axes = style.panels(3)
    for letter, ax, (name, dots) in zip("abc", axes, shown.items(), strict=True):
        draw_truth(ax, [], [])
        ax.fill_between(X, function(X) - 2 * data.noise, function(X) + 2 * data.noise, color=TRUTH, alpha=0.5, lw=0)
        ax.plot(*dots, "o", color=style.INK, markersize=1 if name == "test" else 3, markeredgewidth=0)
        ax.set_xticks(torch.arange(data.num_train + 1) / data.num_train, minor=True)
        style.title(ax, letter, name)
    for edge in ("low", "high"):
        style.published(axes[0], published["x"], published[edge])
    label_axes(axes, columns=3)

    at, low, high = torch.tensor([published[key] for key in ("x", "low", "high")], dtype=torch.float64)  # (m,) each
    noise = torch.cat([split["test"].y - function(split["test"].x[:, 0]) for split in splits]).reshape(repetitions, -1)
    return picture, {
        "half_width_of_published_band": Number(((high - low) / 2).mean()),
        "middle_of_published_band_from_the_function": Number(rms(function(at), (low + high) / 2)),
        "published_examples_in_the_fullest_segment": Number((x * len(x)).long().bincount().max()),
        "standard_deviation_of_published_noise": Number(rms(y, function(x))),
        "test_examples_in_the_band": Number(100 * (noise.abs() < 2 * data.noise).double().mean(-1), "%"),
    }


def draw_model(
    *, points: Points, units: int, curves: int, published: dict[str, Any]
) -> tuple[Figure, dict[str, Number]]:
    """The hidden units; what they can make; the fit to `points`; the best fit to the function itself."""
    x, y = examples(points)
    a, hidden, at = features(x, units), features(X, units), torch.tensor(published["x"], dtype=torch.float64)
    lines = joined_lines(units, curves)  # (inputs, curves)
    made = hidden @ least_squares(hidden, lines)
    fit, best = ridge(x, y, units, 0), ridge(X, function(X), units, 0)
    picture = Figure(figsize=(6.3, 4.4))
    axes = picture.subplots(2, 2).flatten()
    for number, color in enumerate(style.SERIES[:units], start=1):
        axes[0].plot(X, hidden[:, number], color=color)
        style.label_end(axes[0], 1, hidden[-1, number].item(), f"$h_{number}$", color)
    axes[1].plot(X, made, color=style.TEST)
    for ax, dots, parameters in ((axes[2], (x, y), fit), (axes[3], ([], []), best)):
        draw_truth(ax, *dots)
        ax.plot(X, hidden @ parameters, color=style.TEST)
    style.published(axes[3], published["x"], published["y"])
    _finish(axes)
    return picture, {
        "joined_lines_from_their_fit": Number((made - lines).abs().max()),
        "normal_equations_from_lstsq": Number((fit - least_squares(a, y[:, None])[:, 0]).abs().max()),
        "gradient_at_the_fit": Number((2 * a.mT @ (a @ fit - y)).abs().max()),
        "best_fit_from_published": Number(rms(features(at, units) @ best, published["y"])),
    }


def joined_lines(units: int, number: int) -> Tensor:
    """Functions of `units` straight lines, joined at 1 / units, 2 / units, ...: (inputs, number), at X."""
    values = np.random.default_rng(0).uniform(0, 3, (number, units + 1))
    return torch.tensor(np.stack([np.interp(X, np.linspace(0, 1, units + 1), each) for each in values], 1))


def _finish(axes: Sequence[Axes]) -> None:
    label_axes(axes, columns=2)
    names = "hidden units", "lines they can make", "fit to the data", "best possible fit"
    for letter, ax, name in zip("abcd", axes, names, strict=True):
        ax.set(xlim=(0, 1), ylim=(-0.9, 3.9), xticks=[0, 1], yticks=[0, 3])
        style.title(ax, letter, name)
    axes[0].set(ylim=(0, 1), yticks=[0, 1], ylabel="")
    axes[1].tick_params(labelleft=True)
