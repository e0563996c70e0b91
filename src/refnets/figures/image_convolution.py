"""A convolution of an image (fig 10.9, notebook 10_3)."""

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from refnets.figures import style
from refnets.figures.cells import cells, frame
from refnets.operations.convolution import convolve_2d
from refnets.verdict import Number


def draw(*, cases: dict[str, dict[str, int]]) -> tuple[Figure, dict[str, Number]]:
    """The first case with one channel: two squares of the padded image, the kernel, and what it makes of them.

    Every case is an image and weights of random numbers; their convolution is compared with PyTorch's.
    """
    x, weight, h = _convolved(**next(iter(cases.values())))
    picture = Figure(figsize=(6.3, 2.4))
    axes = picture.subplots(1, 3, gridspec_kw={"width_ratios": [8, 3.2, 6]})
    cells(axes[0], np.pad(x[0], 1))
    cells(axes[1], weight[0, 0])
    cells(axes[2], h[0])
    _followed(axes[0], axes[2], (0, 0), style.SERIES[0])
    _followed(axes[0], axes[2], (2, 4), style.SERIES[1])
    for letter, ax, text in zip("abc", axes, ("image and zeros around it", "kernel", "output"), strict=True):
        style.title(ax, letter, text)
    return picture, {f"{name.replace(' ', '_')}_difference_to_torch": _compare(**case) for name, case in cases.items()}


def _convolved(
    height: int, width: int, inputs: int = 1, outputs: int = 1, stride: int = 1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Image, weights and output; the random numbers are the notebook's."""
    random = np.random.RandomState(1)
    x, weight = random.normal(size=(inputs, height, width)), random.normal(size=(outputs, inputs, 3, 3))
    return x, weight, convolve_2d(x, weight, np.zeros(outputs), stride=stride, padding=1)


def _compare(stride: int = 1, **sizes: int) -> Number:
    x, weight, h = _convolved(stride=stride, **sizes)
    theirs = torch.nn.functional.conv2d(torch.tensor(x), torch.tensor(weight), stride=stride, padding=1)
    return Number(np.abs(h - theirs.numpy()).max())


def _followed(image: Axes, output: Axes, at: tuple[int, int], color: str) -> None:
    frame(image, *at, 3, 3, color)
    frame(output, *at, 1, 1, color)
