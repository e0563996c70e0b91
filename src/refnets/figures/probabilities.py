"""From any real numbers to probabilities: the sigmoid and the categorical distribution (figs 5.7 and 5.9)."""

from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from refnets.figures import style
from refnets.verdict import Number


def draw_sigmoid(*, loss: Any, z: tuple[float, float], published: dict[str, Any]) -> tuple[Figure, dict[str, Number]]:
    """The probability of y = 1 for a network's output between z[0] and z[1], and what either target then costs."""
    picture, (left, right) = style.panels(2)
    grid, drawn = torch.linspace(*z, 401, dtype=torch.float64), published["sigmoid"]
    left.plot(grid, sigmoid(loss, grid), color=style.SERIES[0])
    style.published(left, drawn["x"], drawn["value"])
    left.set(xlim=z, ylim=(0, 1), xticks=[z[0], 0, z[1]], yticks=[0, 0.5, 1], xlabel="output z", ylabel="Pr(y = 1)")
    style.title(left, "a", "sigmoid")
    for target, color in zip((1.0, 0.0), style.SERIES, strict=False):
        cost = loss.nll(grid[:, None], torch.full_like(grid, target))
        right.plot(grid, cost, color=color)
        end = 0 if target else -1
        style.label(right, grid[end], cost[end], f"y = {target:g}", color, align="left" if target else "right")
    right.set(xlim=z, ylim=(0, 1.2 * z[1]), xticks=[z[0], 0, z[1]], xlabel="output z", ylabel="NLL (nats)")
    style.title(right, "b", "loss")
    distance = np.abs(sigmoid(loss, torch.tensor(drawn["x"])) - np.array(drawn["value"])).max()
    return picture, {
        "sigmoid_at_0": Number(sigmoid(loss, torch.zeros(1))),
        "asymmetry": Number((sigmoid(loss, -grid) - (1 - sigmoid(loss, grid))).abs().max()),
        "largest_distance_from_the_published_curve": Number(distance),
    }


def draw_categorical(
    *, loss: Any, logits: list[float], samples: int, seeds: list[int]
) -> tuple[Figure, dict[str, Number]]:
    """The probability of each class as a bar, and as dots how often it was drawn in `samples` samples per seed."""
    distribution = loss.distribution(torch.tensor(logits, dtype=torch.float64)[None])
    probability, classes = distribution.probs[0], np.arange(1, len(logits) + 1)
    picture, (ax,) = style.panels(1)
    ax.bar(classes, probability.numpy(), width=0.6, color=style.SERIES[0], alpha=0.5)
    distances = []
    for seed in seeds:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            frequency = distribution.sample((samples,)).flatten().bincount(minlength=len(logits)) / samples
        ax.plot(classes, frequency, "o", color=style.INK, markersize=3)
        distances.append((frequency - probability).abs().max())
    ax.set(xlabel="class", ylabel="probability", xticks=classes)
    return picture, {
        "sum_of_probabilities": Number(probability.sum()),
        "most_probable_class": Number(1 + loss.predict(torch.tensor([logits]))),
        "largest_distance_of_a_frequency": Number(distances),
    }


def sigmoid(loss: Any, z: Tensor) -> Tensor:
    """lambda, (n,), that the Bernoulli loss makes of the outputs z, (n,) (book eq 5.18)."""
    return loss.distribution(z[:, None]).probs
