"""A network's outputs, and the class probabilities that sigmoid or softmax make of them (figs 5.8 and 5.10)."""

from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from refnets.figures import style
from refnets.figures.toy import examples
from refnets.models.coefficients import from_coefficients
from refnets.verdict import Number

Curves = list[dict[str, list[float]]]


def draw(
    *,
    data: Any,
    loss: Any,
    theta: list[list[float]],
    phi: list[list[float]],
    classes: list[int],
    published: dict[str, Curves],
) -> tuple[Figure, dict[str, Number]]:
    """Above the notebook's network and data, below the book's network, whose probabilities are grey.

    `classes` says which class each curve of the probabilities is for, as the data number them. In double precision.
    """
    picture = Figure(figsize=(6.3, 4.6))
    axes = picture.subplots(2, 2)
    x, y = examples(data)
    grid, network = torch.linspace(0, 1, 401, dtype=torch.float64), from_coefficients(theta, phi)
    with torch.no_grad():
        own = loss.distribution(network(x[:, None])).log_prob(y)  # (n,)
        _draw_row(axes[0], "ab", loss, grid, network(grid[:, None]), classes)
    for label, color in zip(classes, style.SERIES, strict=False):
        axes[0][1].plot(x[y == label], own[y == label].exp(), "o", color=color, markersize=4)
    _draw_row(axes[1], "cd", loss, 2 * grid, interpolate(published["outputs"], 2 * grid), classes)
    for curve in published["probabilities"]:
        style.published(axes[1][1], curve["x"], curve["value"])
    distances, exchanged = compare(loss, published)
    numbers = {
        f"class_{k}_differs_from_the_published_curve_by": Number(d) for k, d in zip(classes, distances, strict=True)
    }
    return picture, numbers | {
        "likelihood": Number(own.sum().exp()),
        "NLL": Number(-own.sum(), "nats"),
        "distance_if_the_classes_are_exchanged": Number(min(exchanged)),
        "published_probabilities_sum_to": Number(interpolate(published["probabilities"], 2 * grid).sum(1).mean()),
    }


def probabilities(loss: Any, outputs: Tensor) -> Tensor:
    """The probability of each class: outputs (n, K) -> (n, K), and (n, 1) -> (n, 2), first that of y = 1."""
    each = loss.distribution(outputs).probs
    return torch.stack([each, 1 - each], -1) if each.dim() == 1 else each


def interpolate(curves: Curves, x: Tensor) -> Tensor:
    """The published curves at x, (n,) -> (n, curves), straight between the points that were read off."""
    return torch.tensor(np.stack([np.interp(x, curve["x"], curve["value"]) for curve in curves], -1))


def compare(loss: Any, published: dict[str, Curves]) -> tuple[list[float], list[float]]:
    """How far each published curve is at most from what `loss` makes of the published outputs, and of another class."""
    distances = [[], []]
    for i, curve in enumerate(published["probabilities"]):
        ours = probabilities(loss, interpolate(published["outputs"], torch.tensor(curve["x"]))).numpy()
        for shift, found in enumerate(distances):
            found.append(np.abs(ours[:, i - shift] - curve["value"]).max())
    return tuple(distances)


def _draw_row(axes: list[Axes], letters: str, loss: Any, x: Tensor, outputs: Tensor, classes: list[int]) -> None:
    for output, color in zip(outputs.T, style.SERIES, strict=False):
        axes[0].plot(x, output, color=color)
    for label, likely, color in zip(classes, probabilities(loss, outputs).T, style.SERIES, strict=False):
        axes[1].plot(x, likely, color=color)
        at = likely[10:-10].argmax() + 10
        style.label(axes[1], x[at], likely[at], f"{label}", color, align="center")
    axes[0].set(ylabel="output")
    axes[1].set(ylabel="Pr(y | x)", ylim=(0, 1.2), yticks=[0, 0.5, 1])
    whose = "the notebook's" if letters == "ab" else "the book's"
    for letter, ax, text in zip(letters, axes, (f"{whose} network", "its probability of each y"), strict=True):
        ax.set(xlim=(0, x[-1]), xticks=[0, x[-1] / 2, x[-1]], xlabel="x")
        style.title(ax, letter, text)
