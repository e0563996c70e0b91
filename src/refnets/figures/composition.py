"""A network that takes the output of another as its input (figs 4.1 to 4.3)."""

import torch
from matplotlib.figure import Figure
from torch import nn

from refnets.figures import style
from refnets.models.coefficients import from_coefficients
from refnets.operations.joints import joints
from refnets.verdict import Number

START, END = torch.tensor([-1.0]), torch.tensor([1.0])  # the inputs that notebook 4_1 shows
X = torch.linspace(-1, 1, 2001, dtype=torch.float64)[:, None]


def draw(
    *, networks: dict[str, list[list[list[float]]]], compositions: list[list[str]]
) -> tuple[Figure, dict[str, Number]]:
    """Outputs of `networks`, given by the coefficients of their layers, in five compositions: the first acts first.

    Dots are the joints; a color stands for the network whose output it is.
    """
    picture = Figure(figsize=(6.3, 4.4))
    axes, numbers = picture.subplot_mosaic("abc;dee"), {}
    colors = dict(zip(networks, style.SERIES, strict=False))
    for (letter, ax), names in zip(axes.items(), compositions, strict=True):
        network = nn.Sequential(*(from_coefficients(*networks[name]) for name in names))
        corners, color = joints(network, START, END), colors[names[-1]]
        with torch.no_grad():
            ax.plot(X, network(X), color=color)
            ax.plot(corners, network(corners), "o", color=color, markersize=3)
        ax.set(xlim=(-1, 1), ylim=(-1.2, 1.6), xticks=[-1, 0, 1], yticks=[-1, 0, 1], xlabel="input x")
        style.title(ax, letter, f"{' then '.join(names)}: {len(corners) + 1} regions")
        numbers[f"regions_of_{'_then_'.join(names)}"] = Number(len(corners) + 1)
    for letter in "ad":
        axes[letter].set_ylabel("output y")
    return picture, numbers
