"""Drawn layers: units as dots in a row, the inputs of some of them as lines (figs 10.2 to 10.6 and 10.13)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from refnets.figures import style
from refnets.operations.convolution import output_size

OFF = "#d9d9d9"


def row(ax: Axes, x: np.ndarray, y: float, colors: Sequence[str] | str = style.INK, faces: str | None = None) -> None:
    """Units at the positions x and the height y; `faces` fills them with another color than their edge."""
    ax.scatter(x, [y] * len(x), s=14, c=faces or colors, edgecolors=colors, linewidths=0.8, zorder=3, clip_on=False)


def convolution(
    ax: Axes,
    positions: int,
    kernel_size: int,
    *,
    marked: Sequence[int],
    heights: tuple[float, float] = (0, 1),
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> None:
    """A row of inputs, hollow where they are padding, and one of outputs; the inputs of the `marked` are in color."""
    size = output_size(positions, kernel_size, stride=stride, padding=padding, dilation=dilation)
    first = stride * np.arange(size) - padding  # the first input under the kernel
    center = first + dilation * (kernel_size - 1) / 2
    colors = [OFF] * size
    for color, output in zip(style.SERIES, marked, strict=False):
        colors[output] = color
    for color, begin, end in zip(colors, first, center, strict=True):
        look = {"color": color, "linewidth": 0.6 if color == OFF else 1.3, "zorder": 0 if color == OFF else 1}
        for k in range(kernel_size):
            ax.plot((begin + dilation * k, end), heights, **look)
    padded = np.r_[np.arange(-padding, 0), np.arange(positions, positions + padding)]
    row(ax, np.arange(positions), heights[0])
    row(ax, padded, heights[0], style.INK, "white")
    row(ax, center, heights[1], [style.INK if color == OFF else color for color in colors])


def weights(ax: Axes, matrix: np.ndarray, kernel: np.ndarray) -> None:
    """A matrix (outputs, inputs) of the weights of `kernel`, each in its color, white where it is zero."""
    for k, color in zip(range(len(kernel)), style.SERIES, strict=False):
        ax.scatter(*np.nonzero(matrix == kernel[k])[::-1], s=22, marker="s", color=color, linewidths=0)
    outputs, inputs = matrix.shape
    ax.set(xlim=(-0.7, inputs - 0.3), ylim=(outputs - 0.3, -0.7), aspect="equal", anchor="N", xticks=[], yticks=[])
    ax.spines[:].set_visible(True)
