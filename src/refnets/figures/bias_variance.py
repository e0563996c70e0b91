"""Noise, bias and variance of the toy model's fits to many data sets (figs 8.5 to 8.7 and 8.9)."""

from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from refnets.data.toy_regression import function
from refnets.figures import style
from refnets.figures.toy import X, draw_truth
from refnets.operations.ridge import features
from refnets.verdict import Number


def draw_decomposition(
    *, examples: int, units: int, noise: float, sets: int, repetitions: int
) -> tuple[Figure, dict[str, Number]]:
    """The three sources of error, a panel each; their sum against the error of other fits, measured on new data."""
    curves = [fits(examples, units, noise, sets, seed) for seed in range(repetitions)]  # (sets, inputs) each
    bias, variance = zip(*map(bias_and_variance, curves), strict=True)
    others = (fits(examples, units, noise, sets, repetitions + seed) for seed in range(repetitions))
    errors = [new_error(each, noise, seed) for seed, each in enumerate(others)]
    sums = [noise**2 + b + v for b, v in zip(bias, variance, strict=True)]
    picture, axes = style.panels(3)
    mean, deviation = curves[0].mean(0), curves[0].std(0)
    for letter, ax, name in zip("abc", axes, ("noise", "bias", "variance"), strict=True):
        draw_truth(ax, [], [])
        ax.set(xlabel="x", ylabel="y" if letter == "a" else "")
        style.title(ax, letter, name)
    style.two_sigma(axes[0], X, function(X), torch.full_like(X, noise), style.PUBLISHED)
    axes[1].plot(X, mean, color=style.TRAIN)
    style.two_sigma(axes[2], X, mean, deviation, style.TRAIN)
    return picture, {
        "noise": Number(noise**2),
        "squared_bias": Number(bias),
        "variance": Number(variance),
        "error_on_new_data": Number(errors),
        "error_over_sum_of_the_three": Number(np.divide(errors, sums)),
    }


def draw_bands(
    *, panels: list[tuple[int, int]], of: str, noise: float, sets: int, repetitions: int, published: dict[str, Any]
) -> tuple[Figure, dict[str, Number]]:
    """A panel per (examples, units): the mean fit plus and minus two standard deviations, published outlines grey.

    `of` says which of the two sets the panels apart: examples or units.
    """
    picture, axes = style.panels(len(panels))
    numbers = {}
    for letter, ax, (examples, units) in zip("abc", axes, panels, strict=True):
        curves = [fits(examples, units, noise, sets, seed) for seed in range(repetitions)]
        bias, variance = zip(*map(bias_and_variance, curves), strict=True)
        draw_truth(ax, [], [])
        style.two_sigma(ax, X, curves[0].mean(0), curves[0].std(0), style.TRAIN)
        number = {"examples": examples, "units": units}[of]
        for edge in ("low", "high"):
            style.published(ax, published[of][str(number)]["x"], published[of][str(number)][edge])
        ax.set(xlabel="x", ylabel="y" if letter == "a" else "")
        style.title(ax, letter, f"{number} {of}")
        numbers |= {
            f"squared_bias_with_{number}_{of}": Number(bias),
            f"variance_with_{number}_{of}": Number(variance),
        }
    return picture, numbers


def draw_tradeoff(
    *, examples: int, units: list[int], noise: float, sets: int, repetitions: int, published: dict[str, Any]
) -> tuple[Figure, dict[str, Number]]:
    """Squared bias, variance and their sum against the number of hidden units, mean and deviation over repetitions."""
    pairs = [[bias_and_variance(fits(examples, h, noise, sets, seed)) for h in units] for seed in range(repetitions)]
    bias, variance = np.array(pairs).transpose(2, 0, 1)  # (repetitions, units) each
    curves = {"bias": (bias, style.TEST), "variance": (variance, style.TRAIN), "total": (bias + variance, style.INK)}
    picture, (ax,) = style.panels(1)
    for (name, (values, color)), place in zip(curves.items(), ((2.5, 0.31), (1.1, 0.03), (3.1, 0.11)), strict=True):
        style.band(ax, np.array(units), values, color)
        style.published(ax, published[name]["units"], published[name]["value"])
        style.label(ax, *place, {"bias": "squared bias"}.get(name, name), color, align="left", fontsize=9)
    ax.set(
        xlabel="hidden units", ylabel="mean squared error", xlim=(1, units[-1]), ylim=(0, 0.5), yticks=[0, 0.25, 0.5]
    )
    best = (bias + variance).argmin(1)
    shown = {f"squared_bias_with_{h}_units": bias[:, units.index(h)] for h in (1, 3, 4, 5)}
    shown |= {f"variance_with_{h}_units": variance[:, units.index(h)] for h in (1, 10)}
    return picture, {name: Number(values) for name, values in shown.items()} | {
        "units_of_least_error": Number(np.array(units)[best]),
    }


def fits(examples: int, units: int, noise: float, sets: int, seed: int) -> Tensor:
    """Least squares fits to so many data sets, at the inputs X: (sets, inputs); one example in each of n equal bins."""
    generator = torch.Generator().manual_seed(seed)
    x = (torch.arange(examples) + torch.rand(sets, examples, generator=generator, dtype=torch.float64)) / examples
    y = function(x) + noise * torch.randn(sets, examples, generator=generator, dtype=torch.float64)
    parameters = torch.linalg.lstsq(features(x, units), y[..., None]).solution.squeeze(-1)  # (sets, units + 1)
    return parameters @ features(X, units).mT


def bias_and_variance(curves: Tensor) -> tuple[float, float]:
    """Squared distance of the mean of fits (sets, inputs) from the truth, and their variance; means over x."""
    return (curves.mean(0) - function(X)).square().mean().item(), curves.var(0).mean().item()


def new_error(curves: Tensor, noise: float, seed: int) -> float:
    """The mean squared error of fits (sets, inputs) on new noisy data, one observation for every set and input."""
    generator = torch.Generator().manual_seed(1000 + seed)
    observed = function(X) + noise * torch.randn(curves.shape, generator=generator, dtype=torch.float64)
    return (observed - curves).square().mean().item()
