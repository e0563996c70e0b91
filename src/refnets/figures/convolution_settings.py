"""What padding, stride, kernel size and dilation do to a signal (figs 10.2 and 10.3, notebook 10_1)."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from refnets.figures import style, units
from refnets.operations.convolution import convolve
from refnets.verdict import Number


def draw(*, signal: list[float], panels: dict[str, dict[str, Any]]) -> tuple[Figure, dict[str, Number]]:
    """Above, which inputs an output is made of; below, the `signal` (black) and what becomes of it.

    A panel has a `kernel`, and its settings as `convolve` takes them.
    """
    picture = Figure(figsize=(6.3, 3.6))
    axes, numbers = picture.subplots(2, len(panels), gridspec_kw={"height_ratios": [0.8, 1]}), {}
    x = np.array(signal)
    for letter, (above, below), (title, panel) in zip("abcd", axes.T, panels.items(), strict=False):
        kernel, settings = np.array(panel["kernel"]), {key: value for key, value in panel.items() if key != "kernel"}
        h = convolve(x, kernel, **settings)
        units.convolution(above, len(x), len(kernel), marked=(1, len(h) - 2), **settings)
        _signals(below, x, h, kernel, **settings)
        above.set(xlim=(-2.5, len(x) + 1.5), ylim=(-0.15, 1.15))
        above.axis("off")
        style.title(above, letter, title)
        name = title.replace(" ", "_")
        numbers[f"{name}_sum"] = Number(h.sum())
        numbers[f"{name}_outputs"] = Number(len(h))
        numbers[f"{name}_difference_to_every_other_output"] = Number(_thinned(x, h, kernel, **settings))
    axes[1, 0].text(-2, 10.5, "input", fontsize=9)
    axes[1, 0].text(-2, 9.1, "output", fontsize=9, color=style.TEST)
    return picture, numbers


def _thinned(x: np.ndarray, h: np.ndarray, kernel: np.ndarray, stride: int = 1, **settings: int) -> float:
    """How far the outputs are from every `stride`-th of those without a stride."""
    return np.abs(h - convolve(x, kernel, **settings)[::stride]).max()


def _signals(
    ax: Axes, x: np.ndarray, h: np.ndarray, kernel: np.ndarray, stride: int = 1, padding: int = 0, dilation: int = 1
) -> None:
    center = stride * np.arange(len(h)) - padding + dilation * (len(kernel) - 1) / 2
    ax.plot(x, color=style.INK, linewidth=1)
    ax.plot(center, h, color=style.TEST, marker="o", markersize=3)
    ax.set(xlim=(-2.5, len(x) + 1.5), ylim=(min(0, 1.2 * h.min()), 12), xticks=[0, len(x) - 1], xlabel="position")
    ax.set_yticks([0, 10])
