"""Whether a convolution of a shifted signal is the shifted convolution (book section 10.1)."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from refnets.figures import style
from refnets.operations.convolution import convolve
from refnets.verdict import Number


def draw(
    *, signal: list[float], kernel: list[float], strides: list[int], shift: int
) -> tuple[Figure, dict[str, Number]]:
    """a, b: the `signal`, a circle, before and after a `shift`, and its convolution with `strides`[0].

    c: for every stride and shift the distance from f[t[x]] to the nearest shift of f[x]. Numbers: its largest value
    over shifts that are multiples of the stride, and its smallest over the others.
    """
    x, w = np.array(signal), np.array(kernel)
    picture, axes = style.panels(3)
    for letter, ax, by in zip("ab", axes, (0, shift), strict=False):
        _signals(ax, np.roll(x, by), circular(np.roll(x, by), w, strides[0]))
        style.title(ax, letter, f"shifted by {by}" if by else "x and f[x]")
    numbers = {}
    for stride, color in zip(strides, style.SERIES, strict=False):
        distance = np.array([nearest(x, w, stride, by) for by in range(len(x) + 1)])
        axes[2].plot(distance, color=color, marker="o", markersize=3, clip_on=False)
        style.label_end(axes[2], len(x), _level(distance), f"stride {stride}", color)
        multiple = np.arange(len(x) + 1) % stride == 0
        numbers[f"stride_{stride}_at_multiples"] = Number(distance[multiple].max())
        if stride > 1:
            numbers[f"stride_{stride}_between"] = Number(distance[~multiple].min())
    axes[2].set(xticks=[0, len(x) // 2, len(x)], xlim=(0, len(x)), ylim=(0, None), xlabel="shift", ylabel="distance")
    style.title(axes[2], "c", "f[t[x]] to t[f[x]]")
    padded = np.abs(convolve(np.roll(x, shift), w, padding=1) - np.roll(convolve(x, w, padding=1), shift))
    return picture, numbers | {"stride_1_with_zero_padding": Number(padded.max())}


def circular(x: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    """The convolution of a signal that goes on from its end to its start; the kernel size is odd."""
    return convolve(np.pad(x, len(kernel) // 2, mode="wrap"), kernel, stride=stride)


def nearest(x: np.ndarray, kernel: np.ndarray, stride: int, by: int) -> float:
    """The largest difference of f[t[x]], where t shifts `by` positions, to the nearest shift of f[x]."""
    h, shifted = circular(x, kernel, stride), circular(np.roll(x, by), kernel, stride)
    return min(np.abs(shifted - np.roll(h, each)).max() for each in range(len(h)))


def _level(distance: np.ndarray) -> float:
    return distance[-2] if distance.max() > 1e-6 else 0.0


def _signals(ax: Axes, x: np.ndarray, h: np.ndarray) -> None:
    ax.plot(x, color=style.INK, linewidth=1)
    ax.plot(h, color=style.TEST, marker="o", markersize=3)
    ax.set(ylim=(-10, 12), yticks=[-10, 0, 10], xticks=[0, len(x) - 1], xlabel="position")
