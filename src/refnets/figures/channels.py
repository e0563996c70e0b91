"""Several kernels on one signal, and one on several (fig 10.5)."""

import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import nn

from refnets.figures import style, units
from refnets.operations.convolution import convolve_1d
from refnets.verdict import Number

ROWS, ASIDE = 0.35, 0.3  # between the channels of a layer: up, and to the right so that no line is hidden


def draw(*, positions: int, kernel_size: int, panels: dict[str, tuple[int, int]]) -> tuple[Figure, dict[str, Number]]:
    """A panel has so many channels as [input, output]; one position of every output channel is followed back."""
    picture, axes = style.panels(len(panels))
    numbers = {}
    for letter, ax, (name, (inputs, outputs)) in zip("abc", axes, panels.items(), strict=False):
        _layers(ax, positions, kernel_size, inputs, outputs)
        layer = nn.Conv1d(inputs, outputs, kernel_size)
        parameters = sum(each.numel() for each in layer.parameters())
        key = name.replace(" ", "_")
        numbers[f"{key}_parameters"] = Number(parameters)
        numbers[f"{key}_difference_to_torch"] = Number(_difference(positions, layer.weight.shape))
        style.title(ax, letter, name)
        ax.text(0, -0.5, f"{inputs} × {outputs} × {kernel_size} weights + {outputs} = {parameters}", fontsize=9)
    return picture, numbers


def _difference(positions: int, weight: torch.Size) -> float:
    """The largest one between torch's outputs and the sum over all kernels written out, of random signals."""
    rng = np.random.default_rng(0)
    outputs, inputs, _ = weight
    x, kernels, bias = (rng.normal(size=size) for size in ((inputs, positions), weight, outputs))
    of_torch = F.conv1d(*map(torch.from_numpy, (x, kernels, bias))).numpy()
    return np.abs(convolve_1d(x, kernels, bias) - of_torch).max().item()


def _layers(ax: Axes, positions: int, kernel_size: int, inputs: int, outputs: int) -> None:
    """Inputs below, outputs above, a row for every channel; outputs are above the kernel's middle."""
    under = np.arange(kernel_size) + 1
    for o, color in zip(range(outputs), style.SERIES, strict=False):
        start, x, y = under + 2 * o, np.arange(positions) + ASIDE * o, 1.4 + ROWS * o  # the second begins elsewhere
        for c, k in np.ndindex(inputs, kernel_size):
            ax.plot((start[k] + ASIDE * c, x[start[1]]), (ROWS * c, y), color=color, linewidth=1.2, zorder=1)
        units.row(ax, x, y, color)
        ax.text(positions - 0.2, y, f"output {o + 1}", color=color, fontsize=9, va="center")
    for c in range(inputs):
        units.row(ax, np.arange(positions) + ASIDE * c, ROWS * c)
        ax.text(positions - 0.2, ROWS * c, f"input {c + 1}", fontsize=9, va="center")
    ax.set(xlim=(-0.5, positions + 1.7), ylim=(-0.55, 1.9))
    ax.axis("off")
