"""The feature maps of a network as bars, from the image to the output (book figs 10.19 and 11.10)."""

from collections.abc import Sequence

import torch
from matplotlib.axes import Axes
from torch import Tensor, nn

from refnets.figures import style
from refnets.verdict import Number

Map = tuple[int, int]  # channels, rows
LAYERS = nn.Conv2d, nn.ConvTranspose2d, nn.MaxPool2d, nn.MaxUnpool2d


def trace(network: nn.Module, input_shape: Sequence[int]) -> list[list[Map]]:
    """The maps of all layers in the order in which they are computed, a group for each resolution.

    A group begins where a layer changes the number of rows by a factor of 1.5 or more. `network` is on the meta device:
    nothing is computed but shapes.
    """
    maps: list[Map] = []

    def note(_: nn.Module, __: tuple[Tensor, ...], output: Tensor | tuple[Tensor, Tensor]) -> None:
        output = output[0] if isinstance(output, tuple) else output  # pooling may say where the maxima were
        maps.append((output.shape[1], output.shape[2]))

    hooks = [layer.register_forward_hook(note) for layer in network.modules() if isinstance(layer, LAYERS)]
    network.eval()(torch.empty(1, *input_shape, device="meta"))
    for hook in hooks:
        hook.remove()
    groups, rows = [[(input_shape[0], input_shape[1])]], input_shape[1]
    for each in maps:
        if max(rows / each[1], each[1] / rows) >= 1.5:
            groups.append([])
        groups[-1].append(each)
        rows = each[1]
    return groups


def draw(ax: Axes, groups: Sequence[Sequence[Map]]) -> None:
    """A bar for each group: as high as its last map, with the channels above and the rows below."""
    tallest = groups[0][0][1]
    for place, group in enumerate(groups):
        channels, rows = group[-1]
        look = {"facecolor": style.FEATURE_MAP, "edgecolor": style.INK, "linewidth": 0.7}
        ax.bar(place, rows / tallest, 0.62, bottom=-rows / tallest / 2, **look)
        ax.text(place, rows / tallest / 2 + 0.03, f"{channels}", ha="center", fontsize=8)
        ax.text(place, -0.56, f"{rows}²", ha="center", va="top", fontsize=8)
    ax.set(xlim=(-0.6, len(groups) - 0.4), ylim=(-0.72, 0.66))
    ax.axis("off")


def measure(groups: Sequence[Sequence[Map]]) -> dict[str, Number]:
    """Rows of the first and of the last map of each group, and channels of the last."""
    numbers: dict[str, Number] = {}
    for number, group in enumerate(groups):
        numbers[f"group_{number}_first_rows"] = Number(group[0][1])
        numbers[f"group_{number}_rows"] = Number(group[-1][1])
        numbers[f"group_{number}_channels"] = Number(group[-1][0])
    return numbers
