"""Why the loss is the negative log-likelihood: the logarithm moves no maximum and never underflows (fig 5.2)."""

from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from refnets.figures import style
from refnets.figures.toy import examples
from refnets.models.coefficients import from_coefficients
from refnets.models.mlp import MLP
from refnets.verdict import Number

X = torch.linspace(0, 1, 201, dtype=torch.float64)


def draw(
    *,
    data: Any,
    loss: Any,
    theta: list[list[float]],
    phi: list[float],
    biases: tuple[float, float, float],
    density: float,
    densities: int,
) -> tuple[Figure, dict[str, Number]]:
    """The network, and what becomes of three criteria when its output bias takes the values `biases`: from, to, step.

    The last panel multiplies `densities` times the number `density`, and adds its logarithms. In double precision.
    """
    x, y = examples(data)
    first, last, step = biases
    bias = torch.arange(round((last - first) / step) + 1, dtype=torch.float64) * step + first
    network, unbiased = from_coefficients(theta, [phi]), from_coefficients(theta, [[0.0, *phi[1:]]])
    with torch.no_grad():
        output, swept = network(x[:, None])[:, 0], unbiased(x[:, None])[:, 0] + bias[:, None]  # (n,), (biases, n)
    likelihood, nll, squares = criteria(loss, output, y)
    curves = criteria(loss, swept, y)
    best = [bias[curves[0].argmax()], bias[curves[1].argmin()], bias[curves[2].argmin()]]

    picture = Figure(figsize=(6.3, 4.6))
    axes = picture.subplots(2, 2).flatten()
    _draw_fit(axes[0], loss, network, x, y)
    _draw_criteria(axes[1:3], bias, curves, loss, best[0])
    product, total = _draw_underflow(axes[3], density, densities)
    numbers = {
        "likelihood": Number(likelihood),
        "NLL": Number(nll, "nats"),
        "sum_of_squares": Number(squares),
        "distance_of_the_three_optima": Number(max(best) - min(best)),
        "ranks_that_the_logarithm_changes": Number((curves[0].argsort() != (-curves[1]).argsort()).sum()),
        f"product_of_{densities}_densities": Number(product),
        "sum_of_their_logarithms": Number(total, "nats"),
    }
    return picture, numbers


def criteria(loss: Any, mean: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Likelihood, negative log-likelihood and sum of squares of all examples: means (..., n), targets (n,) -> (...)."""
    each = loss.nll(mean[..., None], y).detach()  # (..., n)
    return (-each).exp().prod(-1), each.sum(-1), ((mean - y) ** 2).sum(-1)


def _draw_fit(ax: Axes, loss: Any, network: MLP, x: Tensor, y: Tensor) -> None:
    normal = loss.distribution(network(X[:, None]).detach())
    mean, spread = normal.mean.numpy(), 2 * normal.stddev.detach().numpy()
    ax.fill_between(X, mean - spread, mean + spread, color=style.TEST, alpha=0.2, linewidth=0)
    ax.plot(X, mean, color=style.TEST)
    ax.plot(x, y, "o", color=style.INK, markersize=3)
    ax.set(xlim=(0, 1), xticks=[0, 0.5, 1], yticks=[-1, 0, 1], xlabel="x", ylabel="y")
    style.title(ax, "a", r"network, $\pm 2\sigma$, data")


def _draw_criteria(axes: np.ndarray, bias: Tensor, curves: tuple[Tensor, ...], loss: Any, best: Tensor) -> None:
    likelihood, nll, squares = curves
    scaled = squares / (2 * loss.log_variance.detach().exp())  # book eq 5.11: what is left of the NLL is a constant
    axes[0].plot(bias, likelihood, color=style.SERIES[0])
    axes[0].set(ylabel="likelihood", ylim=(0, None))
    axes[1].plot(bias, nll, color=style.SERIES[1])
    axes[1].plot(bias[::10], (scaled + (nll - scaled)[0])[::10], ".", color=style.INK)
    axes[1].set(ylabel="NLL (nats)", ylim=(0, None))
    for ax, letter, text in zip(axes, "bc", ("likelihood", "NLL, dots: squares"), strict=True):
        ax.axvline(best, color=style.PUBLISHED, linewidth=0.8, zorder=0)
        ax.set(xlim=(bias[0], bias[-1]), xticks=[bias[0], best, bias[-1]], xlabel=r"output bias $\beta_1$")
        ax.xaxis.set_major_formatter("{x:g}")
        style.title(ax, letter, text)


def _draw_underflow(ax: Axes, density: float, densities: int) -> tuple[float, float]:
    each = np.full(densities, density)
    product, logs = each.cumprod(), np.log(each).cumsum()
    n = np.arange(1, densities + 1)
    alive = product > 0
    ax.plot(n, logs / np.log(10), color=style.SERIES[1])
    ax.plot(n[alive], np.log10(product[alive]), color=style.SERIES[0], linewidth=4)
    style.label(ax, n[-1], logs[n[-1] // 2] / np.log(10), "sum of logs", style.SERIES[1])
    style.label(ax, 1.5 * n[alive][-1], np.log10(product[alive][-1]), "product, then 0", style.SERIES[0], align="left")
    ax.set(xlim=(0, densities), xticks=[0, densities // 2, densities], xlabel="number of densities")
    ax.set(ylabel=r"$\log_{10}$")
    style.title(ax, "d", f"densities of {density:g} multiplied")
    return product[-1], logs[-1]
