"""The inputs that the units of every layer see (fig 10.6)."""

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import nn

from refnets.figures import style, units
from refnets.models.cnn1d import CNN1d
from refnets.operations.receptive_field import influence, layers_of, receptive_field
from refnets.verdict import Number

Layer = tuple[int, int, int]  # kernel_size, stride, dilation


def draw(*, positions: int, panels: dict[str, list[Layer]], network: CNN1d) -> tuple[Figure, dict[str, Number]]:
    """Panels: what a unit of the last layer sees of every layer, measured by gradients. Numbers: also of `network`."""
    picture, axes = style.panels(len(panels))
    numbers = {}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        networks = {name: [nn.Conv1d(1, 1, k, s, dilation=d) for k, s, d in layers] for name, layers in panels.items()}
        for letter, ax, (name, stages) in zip("abc", axes, networks.items(), strict=False):
            _cone(ax, stages, positions)
            style.title(ax, letter, name)
        for name, stages in (networks | {"network": list(network.stages)}).items():
            key, field = name.replace(" ", "_"), receptive_field(layers_of(nn.Sequential(*stages)))
            numbers[f"{key}_field"] = Number(field, "inputs")
            numbers[f"{key}_disagreement"] = Number(_disagreement(stages, positions), "inputs")
    return picture, numbers


def _disagreement(stages: list[nn.Module], positions: int) -> int:
    """The largest difference between the formula and the extent of the gradient, over all layers."""
    depths = range(1, len(stages) + 1)
    formula = [receptive_field(layers_of(nn.Sequential(*stages[:depth]))) for depth in depths]
    measured = [np.ptp(_seen(stages[:depth], positions)) + 1 for depth in depths]
    return max(abs(one - other) for one, other in zip(formula, measured, strict=True))


def _seen(stages: list[nn.Module], positions: int, unit: int | None = None) -> np.ndarray:
    """The positions of the inputs of `stages` that their middle unit sees; 100 inputs, because of the ReLUs."""
    x = torch.randn(100, 1, positions)
    middle = _size(nn.Sequential(*stages), positions) // 2
    return influence(stages, x, middle if unit is None else unit).nonzero().flatten().numpy()


def _cone(ax: Axes, stages: list[nn.Module], positions: int) -> None:
    """Every layer as a row of units over the inputs they see; in color those that the middle unit of the last sees."""
    sizes, where = [positions], [np.arange(positions, dtype=float)]
    for stage in stages:
        inside = [_seen([stage], sizes[-1], unit) for unit in range(_size(stage, sizes[-1]))]
        where.append(np.array([where[-1][each].mean() for each in inside]))
        sizes.append(len(inside))
    for depth, x in enumerate(where):
        seen = _seen(stages[depth:], sizes[depth]) if depth < len(stages) else [sizes[-1] // 2]
        units.row(ax, x, depth, units.OFF)
        units.row(ax, x[seen], depth, style.TEST)
        look = {"fontsize": 9, "va": "center", "color": style.TEST}
        ax.text(positions + 0.3, depth, f"{len(seen)}", **look)
    ax.set(xlim=(-0.5, positions + 2), ylim=(-0.4, len(stages) + 0.4), yticks=range(len(where)))
    ax.set(xticks=[])
    ax.set_yticklabels(["inputs", *(f"layer {depth + 1}" for depth in range(len(stages)))], fontsize=9)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)


def _size(stage: nn.Module, positions: int) -> int:
    return stage(torch.zeros(1, 1, positions)).shape[-1]
