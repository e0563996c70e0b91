"""Images drawn as squares with numbers in them (figs 10.9 to 10.12)."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle

from refnets.figures import style
from refnets.figures.graph import written


def cells(ax: Axes, image: np.ndarray, colors: np.ndarray | None = None) -> None:
    """`image` (height, width) number by number, with a light fill of the `colors` of its squares."""
    height, width = image.shape
    for i, j in np.ndindex(image.shape):
        fill = "white" if colors is None or colors[i, j] is None else to_rgba(colors[i, j], 0.35)
        ax.add_patch(Rectangle((j, i), 1, 1, facecolor=fill, edgecolor=style.INK, linewidth=0.5))
        ax.text(j + 0.5, i + 0.52, written(image[i, j], 1), fontsize=8, ha="center", va="center")
    ax.set(xlim=(-0.03, width + 0.03), ylim=(height + 0.03, -0.03), aspect="equal", anchor="N")
    ax.axis("off")


def frame(ax: Axes, top: int, left: int, height: int, width: int, color: str) -> None:
    """A thick frame around some of the squares."""
    ax.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor=color, linewidth=2, zorder=3))


def squares(size: int, factor: int) -> np.ndarray:
    """Colors (size, size): every square of `factor` times `factor` cells has one of its own."""
    number = np.arange(size) // factor
    return np.array(style.SERIES)[:4][number[:, None] * (size // factor) + number]
