"""A panel for functions of one input: examples, the function they come from, and what was fitted (book chapter 9)."""

from collections.abc import Sequence

import torch
from matplotlib.axes import Axes
from torch import Tensor

from refnets.data.points import Points
from refnets.data.toy_regression import function
from refnets.figures import style

X = torch.linspace(0, 1, 401, dtype=torch.float64)
TRUTH = "#dedede"


def examples(data: Points) -> tuple[Tensor, Tensor]:
    """x and y in double precision: (n,) each."""
    return tuple(torch.tensor([data.x, data.y], dtype=torch.float64))


def draw_truth(ax: Axes, x: Sequence[float], y: Sequence[float]) -> None:
    """The true function broad and light, the examples as dots."""
    ax.plot(X, function(X), color=TRUTH, linewidth=4, zorder=-1)
    ax.plot(x, y, "o", color=style.INK, markersize=3)
    ax.set(xlim=(0, 1), ylim=(-0.9, 3.9), xticks=[0, 1], yticks=[0, 3])


def label_axes(axes: Sequence[Axes], columns: int) -> None:
    """x below the last row of panels, y beside the first column; all panels have one range."""
    for place, ax in enumerate(axes):
        ax.set(xlabel="x" if place >= len(axes) - columns else "", ylabel="y" if place % columns == 0 else "")
        ax.tick_params(labelbottom=place >= len(axes) - columns, labelleft=place % columns == 0)
        ax.xaxis.labelpad = -8


def rms(curve: Tensor, other: Tensor | Sequence[float]) -> float:
    """The root mean square of the difference of two curves, given at the same n inputs, or of two images."""
    return (curve - torch.as_tensor(other, dtype=torch.float64)).square().mean().sqrt().item()


def bend(curves: Tensor) -> Tensor:
    """How much the slope of curves, given at X, changes along [0, 1] in all, up and down: (..., inputs) -> (...)."""
    return (curves.diff() / X.diff()).diff().abs().sum(-1)
