"""Rectified linear units: half of them are off before training, and training can turn them off for good (fig 3.1)."""

from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor, nn

from refnets.config.build import build
from refnets.data.batches import Split
from refnets.figures import style
from refnets.models.mlp import MLP
from refnets.runs import Run
from refnets.verdict import Number


def draw(runs: dict[str, list[Run]], *, networks: int, seed: int) -> tuple[Figure, dict[str, Number]]:
    """a: the function. b: zero activations of untrained networks. c: units that training turned off for all examples.

    A dot is a network: one of `networks` as those of the runs are before training, or one of `runs`.
    """
    first, *_ = next(iter(runs.values()))
    train = first.data().splits["train"]
    untrained = zeros(train.x, first.config.model, networks, seed)  # (networks, layers)
    dead = {name: np.array([_dead(run, train.x) for run in group]) for name, group in runs.items()}  # (n, layers)
    gradients = [gradient_of_dead_units(run.model(), run.loss(), train) for group in runs.values() for run in group]

    picture, axes = style.panels(3)
    axes[0].plot([-1, 0, 1], [0, 0, 1], color=style.INK)
    axes[0].set(xticks=[-1, 0, 1], yticks=[0, 1], xlabel="pre-activation z", ylabel="activation a(z)")
    _untrained(axes[1], untrained)
    _trained(axes[2], {f"{runs[name][0].config.optimizer.lr:g}": shares for name, shares in dead.items()})
    for letter, ax, name in zip("abc", axes, ("ReLU", "untrained", "trained"), strict=True):
        style.title(ax, letter, name)
    numbers = {f"zeros_in_layer_{i}": Number(shares, "%") for i, shares in enumerate(untrained.T, start=1)}
    numbers |= {f"dead_in_layer_2_at_{name}": Number(shares[:, 1], "%") for name, shares in dead.items()}
    return picture, numbers | {"gradient_of_dead_units": Number(max(gradients))}


def activations(network: MLP, x: Tensor) -> list[Tensor]:
    """What the hidden layers of a ReLU network put out: (n, *input_shape) -> (n, units) each."""
    found = []
    for layer in network.layers:
        x = layer(x)
        if isinstance(layer, nn.ReLU):
            found.append(x)
    return found


@torch.no_grad()
def zeros(x: Tensor, model: Any, networks: int, seed: int) -> np.ndarray:
    """How many percent of the activations for `x` are zero, (networks, layers), in networks with random weights.

    `model` is the configuration of an MLP, which here gets 10 outputs.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        untrained = [build("model", model, x.shape[1:], 10) for _ in range(networks)]
    return np.array([[100 * (h == 0).double().mean() for h in activations(each, x)] for each in untrained])


def gradient_of_dead_units(network: MLP, loss: nn.Module, train: Split) -> float:
    """The absolute derivatives of the loss by weights and biases of units that are off for all of `train`, summed.

    They are zero: training does not change what leads to such a unit, only the layers before it.
    """
    dead = [(h == 0).all(0) for h in activations(network, train.x)]  # (units,) each
    loss(network(train.x), train.y).backward()
    linear = [layer for layer in network.layers if isinstance(layer, nn.Linear)]
    gradients = [p.grad[off] for layer, off in zip(linear, dead, strict=False) for p in (layer.weight, layer.bias)]
    return sum(gradient.abs().sum().item() for gradient in gradients)


def _untrained(ax: Axes, shares: np.ndarray) -> None:
    """`shares` in percent: (networks, layers)."""
    ax.axhline(50, color=style.PUBLISHED, linewidth=0.8, zorder=0)
    for layer, (share, color) in enumerate(zip(shares.T, style.SERIES, strict=False), start=1):
        ax.plot(layer + np.linspace(-0.2, 0.2, len(share)), share, ".", color=color, markersize=4)
    ax.set(xlim=(0.5, 2.5), ylim=(0, 100), xticks=[1, 2], yticks=[0, 50, 100], xlabel="layer", ylabel="zeros (%)")


def _trained(ax: Axes, dead: dict[str, np.ndarray]) -> None:
    """Of each learning rate the shares in percent: (n, layers)."""
    for place, shares in enumerate(dead.values()):
        for layer, (share, color) in enumerate(zip(shares.T, style.SERIES, strict=False), start=1):
            ax.plot([place] * len(share), share, ".", color=color, markersize=6)
            if place == len(dead) - 1:
                style.label(ax, place + 0.3, share.max(), f"layer {layer}", color, fontsize=9)
    ax.set(xlim=(-0.5, len(dead) - 0.5), xticks=range(len(dead)), xticklabels=dead, xlabel="learning rate")
    ax.set(ylim=(-4, 100), yticks=[0, 50, 100], ylabel="dead units (%)")


@torch.no_grad()
def _dead(run: Run, x: Tensor) -> list[float]:
    """How many percent of the units of each layer are off for all of `x`."""
    return [100 * (h == 0).all(0).double().mean().item() for h in activations(run.model(), x)]
