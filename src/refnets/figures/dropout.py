"""Dropout removes what the examples do not ask for (fig 9.9), and what a network puts out after it."""

from itertools import product
from typing import Any

import torch
from matplotlib.figure import Figure
from torch import Tensor

from refnets.data.points import Points
from refnets.figures import style
from refnets.figures.toy import X, draw_truth, examples, label_axes
from refnets.operations.ridge import features
from refnets.verdict import Number


def draw(
    *,
    data: Points,
    start: list[float],
    units: list[int],
    probability: float,
    lr: float,
    steps: int,
    trainings: int,
    passes: int,
    seed: int,
    published: dict[str, Any],
) -> tuple[Figure, dict[str, Number]]:
    """The network before, without the middle one of `units`, and after `steps` with dropout on these units."""
    x, y = examples(data)
    before = torch.tensor(start, dtype=torch.float64)  # (hidden units + 1,): the bias first
    a, seen = features(x, len(before) - 1), features(X, len(before) - 1)
    without = torch.ones(len(before)).double().index_fill(0, torch.tensor(units[1]), 0)
    generator = torch.Generator().manual_seed(seed)
    after = train(a, y, before.expand(trainings, -1), units, probability, lr, steps, generator)  # (trainings, ...)

    picture, axes = style.panels(3)
    shown = {"original": before[None], f"unit {units[1]} off": (without * before)[None], "after dropout": after}
    for letter, ax, (name, curves) in zip("abc", axes, shown.items(), strict=True):
        draw_truth(ax, x, y)
        style.published(ax, published[name]["x"], published[name]["y"])
        ax.plot(X, seen @ curves.mean(0), color=style.TEST)
        style.title(ax, letter, name)
    label_axes(axes, columns=3)

    every, chances = all_masks(units, probability, len(before))
    random = (masks(passes, units, probability, len(before), generator) * before) @ seen.mT  # (passes, inputs)
    return picture, {
        "kink_before": Number(kink(before, units[1])),
        "kink_after": Number(kink(after, units[1])),
        "training_loss_after": Number(loss(a, y, after)),
        f"training_loss_without_unit_{units[1]}_before": Number(loss(a, y, without * before)),
        f"training_loss_without_unit_{units[1]}_after": Number(loss(a, y, without * after)),
        "mean_of_all_masks_from_output": Number(((chances @ every - 1) * before @ seen.mT).abs().max()),
        "random_passes_from_output": Number(standard_errors(random, seen @ before), "standard errors"),
    }


def masks(number: int, units: list[int], probability: float, parameters: int, generator: torch.Generator) -> Tensor:
    """Masks (number, parameters): 0 for `units` with `probability`, else 1 / (1 - probability); 1 for the others.

    Scaling in training or, as in book section 9.3.3, the weights afterwards by 1 - probability, is the same.
    """
    factors = torch.ones(number, parameters, dtype=torch.float64)
    kept = torch.rand(number, len(units), generator=generator) >= probability
    factors[:, units] = kept.double() / (1 - probability)
    return factors


def all_masks(units: list[int], probability: float, parameters: int) -> tuple[Tensor, Tensor]:
    """Every mask that `masks` can draw, (2^units, parameters), and its probability, (2^units,)."""
    kept = torch.tensor(list(product((0.0, 1.0), repeat=len(units))), dtype=torch.float64)  # (2^units, units)
    factors = torch.ones(len(kept), parameters, dtype=torch.float64)
    factors[:, units] = kept / (1 - probability)
    return factors, (kept * (1 - probability) + (1 - kept) * probability).prod(-1)


def train(
    a: Tensor,
    y: Tensor,
    start: Tensor,
    units: list[int],
    probability: float,
    lr: float,
    steps: int,
    generator: torch.Generator,
) -> Tensor:
    """The parameters after gradient descent on the sum of squares with dropout, (trainings, parameters) as `start`."""
    weights = start
    for _ in range(steps):
        kept = masks(len(weights), units, probability, weights.shape[1], generator)
        error = (kept * weights) @ a.mT - y  # (trainings, n)
        weights = weights - lr * 2 * kept * (error @ a)
    return weights


def loss(a: Tensor, y: Tensor, weights: Tensor) -> Tensor:
    """The sum of squared errors: (..., parameters) -> (...)."""
    return (weights @ a.mT - y).square().sum(-1)


def standard_errors(outputs: Tensor, expected: Tensor) -> float:
    """How far the mean of outputs (n, inputs) is from what is expected, root mean square where they differ at all."""
    off, error = outputs.mean(0) - expected, outputs.std(0) / len(outputs) ** 0.5
    return (off / error)[error > 1e-9].square().mean().sqrt().item()


def kink(weights: Tensor, unit: int) -> Tensor:
    """How far the function at the joint of `unit` is above the line between the joints beside it: (..., d) -> (...)."""
    return -weights[..., unit] / (2 * (weights.shape[-1] - 1))
