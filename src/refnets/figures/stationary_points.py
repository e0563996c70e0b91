"""The minima and saddle points of the Gabor model's loss, found numerically (figs 6.3 and 6.4)."""

from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from refnets.data.points import Points
from refnets.figures import style
from refnets.figures.surface import GABOR_WINDOW, draw_surface
from refnets.operations.descent import SquaredError, gabor
from refnets.operations.stationary_points import stationary_points
from refnets.verdict import Number


def draw(*, data: Points, starts: int, iterations: int, published: dict[str, Any]) -> tuple[Figure, dict[str, Number]]:
    """The map with all minima (dots) and saddles (crosses), and the model at the circles that the book shows.

    Published circles are grey rings around what they mean, red where that is no minimum.
    """
    loss = SquaredError(gabor, data)
    minima, saddles = stationary_points(loss, GABOR_WINDOW, starts, iterations)
    circles = torch.tensor(published["circles"], dtype=torch.float64)  # (n, 2)
    saddle = torch.tensor(published["saddle"], dtype=torch.float64)
    wrong = distance(circles, saddles) < distance(circles, minima)  # (n,)
    picture = Figure(figsize=(6.3, 5.6))
    cells = picture.add_gridspec(3, 3)
    ax = picture.add_subplot(cells[:2, :2])
    draw_surface(ax, loss, *GABOR_WINDOW)
    for chosen, color in ((~wrong, style.ON_SURFACE), (wrong, style.VERDICTS["differs"])):
        ax.plot(*circles[chosen].T, "o", color=color, markersize=11, markerfacecolor="none", markeredgewidth=1.2)
    ax.plot(*saddles.T, "x", color=style.INK, markersize=4, markeredgewidth=0.8)
    ax.plot(*minima.T, "o", color=style.TRAIN, markersize=5)
    style.title(ax, "a")
    places = (cells[0, 2], cells[1, 2], cells[2, 0], cells[2, 1], cells[2, 2])
    for letter, place, (number, printed) in zip("bcdef", places, published["panels"], strict=True):
        phi = minima[(minima - circles[number]).norm(dim=-1).argmin()]
        _draw_model(picture.add_subplot(place), loss, phi, letter, printed)
        ax.annotate(letter, phi, (7, -3), textcoords="offset points", fontsize=10, fontweight="bold")
    losses, printed = loss(minima), torch.tensor([value for _, value in published["panels"]], dtype=torch.float64)
    return picture, {
        "minima": Number(len(minima)),
        "least_loss": Number(losses.min()),
        "printed_losses_from_those_of_minima": Number((printed[:, None] - losses).abs().amin(1).max()),
        "published_saddle_from_ours": Number(distance(saddle[None], saddles)),
        "circles_that_are_saddles": Number(wrong.sum()),
    }


def distance(points: Tensor, others: Tensor) -> Tensor:
    """The distance from each point (n, 2) to the nearest of the others (m, 2): (n,)."""
    return torch.cdist(points, others).amin(1)


def _draw_model(ax: Axes, loss: SquaredError, phi: Tensor, letter: str, printed: float) -> None:
    """The examples and the model; the loss, and what the book prints where that is another number."""
    x = torch.linspace(-15, 15, 300, dtype=torch.float64)
    ax.plot(loss.x, loss.y, ".", color=style.INK, markersize=3)
    ax.plot(x, gabor(phi, x), color=style.TRAIN)
    ax.set(xlim=(-15, 15), ylim=(-1.1, 1.1), xticks=[-15, 15], yticks=[-1, 1], xlabel="x", ylabel="y")
    ax.xaxis.labelpad = ax.yaxis.labelpad = -8
    note = f" (book: {printed})" if abs(loss(phi) - printed) > 0.01 else ""
    style.title(ax, letter, f"loss {loss(phi):.2f}{note}")
    ax.title.set_fontsize(9)
