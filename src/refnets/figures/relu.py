"""Rectified linear units: half of them are off before training, and training can turn them off for good (fig 3.1)."""

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from refnets.data.batches import Split
from refnets.figures import style
from refnets.models.mlp import MLP
from refnets.runs import Run
from refnets.verdict import Number


def draw(
    runs: dict[str, list[Run]], *, network: dict[str, object], networks: int, seed: int
) -> tuple[Figure, dict[str, Number]]:
    """a: the function. b: zero activations of untrained networks. c: units that training turned off for all examples.

    A dot is a network: one of `networks` MLPs of 10 outputs, whose other arguments are `network`, or one of `runs`.
    """
    train = next(iter(runs.values()))[0].data().splits["train"]
    untrained = zeros(train.x, network, networks, seed)  # (networks, layers)
    dead = {name: np.array([_dead(run, train.x) for run in group]) for name, group in runs.items()}  # (n, layers)
    gradients = [gradient_of_dead_units(run.model(), run.loss(), train) for group in runs.values() for run in group]

    picture, axes = style.panels(3)
    axes[0].plot([-1, 0, 1], [0, 0, 1], color=style.INK)
    axes[0].set(xticks=[-1, 0, 1], yticks=[0, 1], xlabel="pre-activation z", ylabel="activation a(z)")
    axes[1].axhline(50, color=style.PUBLISHED, linewidth=0.8, zorder=0)
    for layer, color in enumerate(style.SERIES[: untrained.shape[1]]):
        axes[1].plot(layer + np.linspace(0.8, 1.2, networks), untrained[:, layer], ".", color=color, markersize=4)
        for place, shares in enumerate(dead.values()):
            axes[2].plot([place] * len(shares), shares[:, layer], ".", color=color, markersize=6)
        style.label(axes[2], place + 0.3, shares[:, layer].max(), f"layer {layer + 1}", color, fontsize=9)
    axes[1].set(xlim=(0.5, 2.5), ylim=(0, 100), xticks=[1, 2], yticks=[0, 50, 100], xlabel="layer", ylabel="zeros (%)")
    rates = [f"{group[0].config.optimizer.lr:g}" for group in runs.values()]
    axes[2].set(xlim=(-0.5, len(rates) - 0.5), xticks=range(len(rates)), xticklabels=rates, xlabel="learning rate")
    axes[2].set(ylim=(-4, 100), yticks=[0, 50, 100], ylabel="dead units (%)")
    for letter, ax, name in zip("abc", axes, ("ReLU", "untrained", "trained"), strict=True):
        style.title(ax, letter, name)
    numbers = {f"zeros_in_layer_{i}": Number("%", list(shares)) for i, shares in enumerate(untrained.T, start=1)}
    numbers |= {f"dead_in_layer_2_at_{name}": Number("%", list(shares[:, 1])) for name, shares in dead.items()}
    return picture, numbers | {"gradient_of_dead_units": Number("", [max(gradients)])}


def activations(network: MLP, x: Tensor) -> list[Tensor]:
    """What the hidden layers of a ReLU network put out: (n, *input_shape) -> (n, units) each."""
    found = []
    for layer in network.layers:
        x = layer(x)
        if isinstance(layer, nn.ReLU):
            found.append(x)
    return found


@torch.no_grad()
def zeros(x: Tensor, network: dict[str, object], networks: int, seed: int) -> np.ndarray:
    """How many percent of the activations for `x` are zero, (networks, layers), in networks with random weights."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        untrained = [MLP(x.shape[1:], 10, **network) for _ in range(networks)]
    return np.array([[100 * (h == 0).double().mean() for h in activations(each, x)] for each in untrained])


def gradient_of_dead_units(network: MLP, loss: nn.Module, train: Split) -> float:
    """The largest derivative of the loss by a weight or bias of a hidden unit that is off for all examples of `train`.

    It is zero, so training never turns such a unit on again; it is also zero when no unit is dead.
    """
    dead = [(h == 0).all(0) for h in activations(network, train.x)]  # (units,) each
    loss(network(train.x), train.y).backward()
    linear = [layer for layer in network.layers if isinstance(layer, nn.Linear)]
    gradients = [p.grad[off] for layer, off in zip(linear, dead, strict=False) for p in (layer.weight, layer.bias)]
    return max(gradient.abs().sum().item() for gradient in gradients)


@torch.no_grad()
def _dead(run: Run, x: Tensor) -> list[float]:
    """How many percent of the units of each layer are off for all of `x`."""
    return [100 * (h == 0).all(0).double().mean().item() for h in activations(run.model(), x)]
