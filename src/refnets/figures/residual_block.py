"""The two kinds of residual blocks, layer by layer (book fig 11.7)."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import nn

from refnets.figures import style
from refnets.models.resnet import PreactivationBlock, basic, bottleneck
from refnets.verdict import Number

COLORS = {nn.BatchNorm2d: "#f4f1ea", nn.ReLU: "#f3d9c6", nn.Conv2d: style.FEATURE_MAP}


def draw(*, channels: int, narrow: int) -> tuple[Figure, dict[str, Number]]:
    """Blocks that keep `channels`: two 3x3 convolutions, and a bottleneck that is `narrow` in its middle."""
    kinds = {"two_convolutions": basic(channels, channels, 1), "bottleneck": bottleneck(channels, narrow, 1)}
    picture = Figure(figsize=(6.3, 4.4))
    axes, numbers = picture.subplots(1, 2), {}
    for letter, ax, (name, convolutions) in zip("ab", axes, kinds.items(), strict=True):
        _draw_block(ax, PreactivationBlock(convolutions, nn.Identity()))
        style.title(ax, letter, name.replace("_", " "))
        numbers[f"weights_of_{name}"] = Number(sum(each.weight.numel() for each in convolutions))
    return picture, numbers


def _draw_block(ax: Axes, block: PreactivationBlock) -> None:
    layers = [*block.activate, *block.branch]
    ax.set(xlim=(-2.6, 3.2), ylim=(-1.6, 10.8))
    ax.axis("off")
    ax.plot([0, 0], [-1.4, len(layers) + 1.2], color=style.INK, linewidth=0.8, zorder=0)
    for height, layer in enumerate(layers):
        face = {"facecolor": COLORS[type(layer)], "edgecolor": style.INK, "linewidth": 0.6}
        ax.text(
            0, height, _name(layer), ha="center", va="center", fontsize=8, bbox={"boxstyle": "round,pad=0.25", **face}
        )
    ax.plot([0, 2.4, 2.4, 0], [-0.8, -0.8, len(layers), len(layers)], color=style.TEST, linewidth=1.2, zorder=0)
    ax.plot(0, len(layers), "o", markersize=13, markerfacecolor="white", markeredgecolor=style.INK, markeredgewidth=0.8)
    ax.text(0, len(layers), "+", ha="center", va="center_baseline")
    ax.text(2.5, len(layers) / 2, "identity", color=style.TEST, fontsize=9, rotation=90, va="center")


def _name(layer: nn.Module) -> str:
    if isinstance(layer, nn.Conv2d):
        side = layer.kernel_size[0]
        return f"{side} × {side}, {layer.in_channels} → {layer.out_channels}"
    return "batch normalization" if isinstance(layer, nn.BatchNorm2d) else "ReLU"
