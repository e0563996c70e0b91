"""A convolution, and a transposed one, as multiplications by a matrix (figs 10.4 and 10.13)."""

from math import prod

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import nn

from refnets.figures import style, units
from refnets.operations.convolution import convolution_matrix, convolve, transposed_convolve_1d
from refnets.verdict import Number


def draw_sparse(
    *, signal: list[float], kernel: list[float], image: tuple[int, int, int]
) -> tuple[Figure, dict[str, Number]]:
    """The weights between the inputs and outputs of a fully connected layer, of a convolution, and of one of stride 2.

    A color is one of the three weights of the kernel. Numbers: also of a fully connected layer from every input of an
    `image` (height, width, channels) to as many hidden units.
    """
    picture, (left, middle, right) = style.panels(3)
    x, w = np.array(signal), np.array(kernel)
    every, other = (convolution_matrix(w, len(x), padding=1, stride=stride) for stride in (1, 2))
    left.imshow(np.random.default_rng(0).normal(size=every.shape), cmap=style.SURFACE)
    left.set(xticks=[], yticks=[], ylabel="outputs")
    left.spines[:].set_visible(True)
    for ax, matrix in ((middle, every), (right, other)):
        units.weights(ax, matrix, w)
    for letter, ax, text in zip("abc", picture.axes, ("fully connected", "convolution", "stride 2"), strict=True):
        ax.set_xlabel("inputs")
        style.title(ax, letter, text)
    differences = [matrix @ x - convolve(x, w, padding=1, stride=s) for matrix, s in ((every, 1), (other, 2))]
    layers = nn.Linear(len(x), len(x)), nn.Conv1d(1, 1, len(w))
    fully_connected, convolution = (sum(each.numel() for each in layer.parameters()) for layer in layers)
    of_an_image = nn.Linear(prod(image), prod(image), device="meta").weight
    return picture, {
        "difference_of_matrix_and_convolution": Number(np.abs(differences[0]).max()),
        "difference_with_stride_2": Number(np.abs(differences[1]).max()),
        "fully_connected_parameters": Number(fully_connected),
        "convolution_parameters": Number(convolution),
        "weights_for_an_image": Number(of_an_image.numel()),
    }


def draw_transposed(*, positions: int, kernel: list[float]) -> tuple[Figure, dict[str, Number]]:
    """A convolution of stride 2 and its transpose, as units and as matrices; scalar products of random numbers."""
    picture = Figure(figsize=(6.3, 4.4))
    axes = picture.subplots(2, 2, gridspec_kw={"height_ratios": [0.45, 1]})
    w = np.array(kernel)
    matrix = convolution_matrix(w, positions, stride=2, padding=1)  # (outputs, positions)
    for ax, heights in zip(axes[0], ((0, 1), (1, 0)), strict=True):
        units.convolution(ax, positions, len(w), heights=heights, marked=(1, 3), stride=2, padding=1)
        _bare(ax, positions)
    for ax, each in zip(axes[1], (matrix, matrix.T), strict=True):
        units.weights(ax, each, w)
        ax.set(xlabel="inputs", ylabel="outputs")
    style.title(axes[0, 0], "a", f"stride 2: {positions} to {len(matrix)}")
    style.title(axes[0, 1], "b", f"transposed: {len(matrix)} to {positions}")
    x, y = np.random.default_rng(0).normal(size=positions), np.random.default_rng(1).normal(size=len(matrix))
    back = transposed_convolve_1d(y[None], w[None, None], positions, stride=2, padding=1)[0]
    there = convolve(x, w, stride=2, padding=1)
    return picture, {
        "difference_to_the_transposed_matrix": Number(np.abs(matrix.T @ y - back).max()),
        "difference_of_scalar_products": Number(abs(there @ y - x @ back)),
        "outputs_of_the_convolution": Number(len(there)),
        "outputs_of_its_transpose": Number(len(back)),
    }


def _bare(ax: Axes, positions: int) -> None:
    ax.set(xlim=(-2, positions + 1), ylim=(-0.15, 1.15))
    ax.axis("off")
