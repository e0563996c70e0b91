"""The feature maps of a residual network for ImageNet, from the image to the classes (book fig 11.8)."""

from math import log2
from typing import Literal

import torch
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import nn

from refnets.figures import style
from refnets.models.resnet import ResNet
from refnets.verdict import Number

LAYERS = nn.Conv2d, nn.Linear


def draw(
    *, depth: Literal[18, 34, 50, 101, 152, 200], image: tuple[int, int, int], classes: int
) -> tuple[Figure, dict[str, Number]]:
    """A box per stage: as high as its map, as wide as log2 of its channels. Nothing is computed but shapes."""
    with torch.device("meta"):
        network = ResNet(image, classes, depth=depth, preactivation=True, init="default")
        maps, x = [tuple(image)], torch.empty(1, *image)
        for stage in network.stages:
            x = stage(x)
            maps.append(tuple(x.shape[1:]))
    names = ["image", "7 × 7"] + [f"{_blocks(stage)} blocks" for stage in network.stages[1:]]
    picture = Figure(figsize=(6.3, 3.1))
    ax, left = picture.subplots(), 0.0
    for name, (channels, height, _) in zip(names, maps, strict=True):
        width = 6 * log2(channels)
        look = {"facecolor": style.FEATURE_MAP, "edgecolor": style.INK, "linewidth": 0.7}
        ax.add_patch(Rectangle((left, -height / 2), width, height, **look))
        ax.text(left + width / 2, -122, name, ha="center", va="top", fontsize=8)
        ax.text(left + width / 2, height / 2 + 4, f"{channels}\n{height} × {height}", ha="center", fontsize=8)
        left += width + 22
    ax.text(left - 8, 0, f"mean,\n{classes:,}\nclasses", va="center", fontsize=8)
    ax.set(xlim=(-4, left + 40), ylim=(-140, 150))
    ax.axis("off")
    return picture, _measure(network, maps)


def _blocks(stage: nn.Module) -> int:
    return sum(hasattr(layer, "shortcut") for layer in stage)


def _measure(network: ResNet, maps: list[tuple[int, int, int]]) -> dict[str, Number]:
    shortcuts = [block.shortcut for block in network.modules() if hasattr(block, "shortcut")]
    beside = sum(isinstance(layer, LAYERS) for shortcut in shortcuts for layer in shortcut.modules())
    layers = sum(isinstance(layer, LAYERS) for layer in network.modules()) - beside
    numbers = {"weight_layers": layers, "parameters": sum(p.numel() for p in network.parameters())}
    for number, (channels, height, _) in enumerate(maps[1:]):
        numbers |= {f"stage_{number}_channels": channels, f"stage_{number}_rows": height}
        numbers[f"stage_{number}_blocks"] = _blocks(network.stages[number])
    return {name: Number(value) for name, value in numbers.items()}
