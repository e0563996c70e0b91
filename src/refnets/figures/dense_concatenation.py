"""How the layers of a dense block pass on all that came before (book fig 11.9)."""

import torch
from matplotlib.figure import Figure
from torch import nn

from refnets.figures import style
from refnets.models.densenet import DenseLayer
from refnets.verdict import Number


def draw(*, channels: int, growth: int, layers: int, size: int) -> tuple[Figure, dict[str, Number]]:
    """A bar per layer, as high as its channels; a color is what one layer added, and stays as it was."""
    block = nn.Sequential(*(DenseLayer(channels + growth * layer, growth) for layer in range(layers)))
    x = torch.randn(2, channels, size, size, generator=torch.Generator().manual_seed(0))
    outputs = [x]
    for layer in block:
        outputs.append(layer(outputs[-1]))
    picture = Figure(figsize=(6.3, 2.8))
    ax = picture.subplots()
    parts = [channels] + [growth] * layers
    for step, output in enumerate(outputs):
        bottom = 0
        for part, color in zip(parts[: step + 1], (style.INK, *style.SERIES), strict=False):
            ax.bar(step, part, 0.35, bottom, color=color)
            bottom += part
        ax.text(step, bottom + 2, str(output.shape[1]), ha="center", fontsize=9)
    names = ["input", *(f"layer {layer}" for layer in range(1, layers + 1))]
    ax.set(ylabel="channels", ylim=(0, bottom + 12), yticks=[], xticks=range(layers + 1), xticklabels=names)
    numbers = {f"channels_after_layer_{step}": Number(output.shape[1]) for step, output in enumerate(outputs) if step}
    difference = (outputs[-1][:, :channels] - x).abs().max().item()
    return picture, numbers | {"difference_of_the_first_channels_to_the_input": Number(difference)}
