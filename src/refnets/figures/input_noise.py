"""Noise that is added to the inputs at every step of training (fig 9.10)."""

import copy
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from refnets.data.points import Points
from refnets.figures import style
from refnets.figures.toy import X, bend, draw_truth, examples, label_axes
from refnets.models.batched import batched
from refnets.models.mlp import MLP
from refnets.verdict import Number


def draw(
    *,
    data: Points,
    deviations: list[float],
    network: dict[str, object],
    copies: int,
    lr: float,
    steps: int,
    networks: int,
    seed: int,
    published: dict[str, Any],
) -> tuple[Figure, dict[str, Number]]:
    """One panel for each standard deviation of the noise: trained networks, and dashed what any network tends to."""
    x, y = examples(data)
    curves = train(x, y, deviations, network, copies, lr, steps, networks, seed)  # (deviations, networks, inputs)
    picture, axes = style.panels(3)
    numbers = {}
    for letter, ax, deviation, outputs in zip("abc", axes, deviations, curves, strict=True):
        draw_truth(ax, x, y)
        _draw_copies(ax, x, y, deviation, copies, seed)
        style.published(ax, **published["curves"][letter])
        style.band(ax, X.numpy(), outputs.numpy(), style.TEST)
        numbers[f"bend_at_{deviation:g}"] = Number(bend(outputs))
        if deviation:
            _draw_limit(ax, x, y, deviation)
            off = (outputs - limit(x, y, deviation, X)).square().mean(-1).sqrt()
            numbers[f"rms_from_limit_at_{deviation:g}"] = Number(off)
            numbers[f"standard_deviation_of_the_dots_of_{letter}"] = Number(np.std(published["dots"][letter]))
        style.title(ax, letter, rf"$\sigma_x = {deviation:g}$")
    label_axes(axes, columns=3)
    return picture, numbers


def train(
    x: Tensor,
    y: Tensor,
    deviations: list[float],
    network: dict[str, object],
    copies: int,
    lr: float,
    steps: int,
    networks: int,
    seed: int,
) -> Tensor:
    """What networks put out at X after `steps` of Adam: (deviations, networks, inputs).

    `network` are the arguments of an MLP. Each step is on `copies` of all examples, each with new noise; the learning
    rate falls to 0 along half a cosine. Every deviation has the same initial networks and the same noise, scaled.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        together = [MLP((1,), 1, **network) for _ in range(networks)]
    stacked = batched([copy.deepcopy(each) for _ in deviations for each in together])
    scale = torch.tensor(deviations)[:, None, None]
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(stacked.parameters(), lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    inputs, targets = x.float().repeat(copies), y.float().repeat(copies)  # (n,) each
    for _ in range(steps):
        noise = scale * torch.randn(networks, len(inputs), generator=generator)  # (deviations, networks, n)
        output = stacked((inputs + noise).flatten(0, 1)[..., None])  # (deviations * networks, n, 1)
        optimizer.zero_grad()
        (output[..., 0] - targets).square().mean(-1).sum().backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        output = stacked(X.float().expand(len(deviations) * networks, -1)[..., None])
    return output.reshape(len(deviations), networks, -1).double()


def limit(x: Tensor, y: Tensor, deviation: float, at: Tensor) -> Tensor:
    """The function of least expected squared error for inputs x + noise: E[y | x + noise = at], shape of `at`.

    An average of all y, weighed by how probable it is that `at` is a noisy copy of their x (Nadaraya and Watson 1964;
    Bishop 1995, section 9.3). A network tends to it, if it can represent it, with enough steps.
    """
    weights = torch.softmax(-(((at[..., None] - x) / deviation) ** 2) / 2, -1)  # (..., n)
    return weights @ y


def _draw_limit(ax: Axes, x: Tensor, y: Tensor, deviation: float) -> None:
    ax.plot(X, limit(x, y, deviation, X), color=style.INK, linewidth=1, linestyle=(0, (2, 2)))


def _draw_copies(ax: Axes, x: Tensor, y: Tensor, deviation: float, copies: int, seed: int) -> None:
    noise = torch.randn(copies, len(x), generator=torch.Generator().manual_seed(seed))
    ax.plot(x + deviation * noise, y.expand(copies, -1), ".", color=style.INK, markersize=2.5, markeredgewidth=0)
