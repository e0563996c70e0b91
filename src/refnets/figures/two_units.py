"""Two ReLU units, every derivative by hand: the "more generic example" that the notes leave to be done (chapter 6)."""

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from torch import Tensor
from torch.nn.functional import mse_loss

from refnets.data.points import Points
from refnets.figures import style
from refnets.figures.derivatives import compare
from refnets.figures.graph import BACKWARD, FORWARD, link, node, written
from refnets.figures.toy import examples
from refnets.operations.backpropagation import two_units
from refnets.verdict import Number

Values = dict[str, Tensor]
PLACES = {
    "x": (0.0, 0.0),
    "f1": (3.0, 1.2),
    "h1": (5.8, 1.2),
    "f2": (3.0, -1.2),
    "h2": (5.8, -1.2),
    "f": (8.9, 0.0),
    "l": (10.9, 0.0),
    "y": (10.9, -1.2),
}
LINKS = {"w11": ("x", "f1"), "w12": ("x", "f2"), "w21": ("h1", "f"), "w22": ("h2", "f")}
BIASES = {"b11": (3.0, 0.45), "b12": (3.0, -0.45), "b2": (8.9, -0.65)}


def draw(
    *, data: Points, parameters: dict[str, float], lr: float, steps: int, change: float
) -> tuple[Figure, dict[str, Number]]:
    """Panel a: values and derivatives at the start, one per example. Panels b and c: the fit and the loss.

    `parameters` are w11, w12, b11, b12, w21, w22, b2; finite differences change them by `change`.
    """
    x, y = examples(data)
    start = torch.tensor(list(parameters.values()), dtype=torch.float64)

    def loss(p: Tensor) -> Tensor:
        hidden = (torch.outer(p[:2], x) + p[2:4, None]).relu()  # (2, n)
        return mse_loss(p[4:6] @ hidden + p[6], y)

    values = two_units(x, y, *start)
    end, losses = train(x, y, start, lr, steps)
    picture = Figure(figsize=(6.3, 4.8))
    upper, lower = picture.subfigures(2, 1, height_ratios=[1.3, 1])
    _draw_network(upper.subplots(), values | {"x": x, "y": y}, parameters)
    left, right = lower.subplots(1, 2)
    _draw_fit(left, x, y, {"step 0": start, f"step {steps}": end})
    right.plot(losses, color=style.TEST)
    right.set(xlim=(0, steps), xticks=[0, steps // 2, steps], yscale="log", xlabel="step", ylabel="mean loss")
    style.title(right, "c", "loss")
    off = [list(parameters).index(name) for name in ("w12", "b12", "w22")]
    return picture, compare(gradient(values), loss, start, change) | {
        "loss_before": Number(losses[0]),
        "loss_after": Number(losses[-1]),
        "change_of_the_unit_that_is_off": Number((end - start)[off].abs().max()),
    }


def gradient(values: Values) -> Tensor:
    """The derivatives by hand, in the order in which `two_units` takes the parameters; shape (7,)."""
    return torch.stack([values[f"dld{name}"] for name in ("w11", "w12", "b11", "b12", "w21", "w22", "b2")])


def train(x: Tensor, y: Tensor, start: Tensor, lr: float, steps: int) -> tuple[Tensor, list[float]]:
    """The parameters after gradient descent with the derivatives by hand, and the loss after 0, 1, ... steps."""
    parameters, losses = start.clone(), []
    optimizer = torch.optim.SGD([parameters], lr=lr)
    for _ in range(steps):
        values = two_units(x, y, *parameters)
        losses.append(values["l"].item())
        parameters.grad = gradient(values)
        optimizer.step()
    return parameters, [*losses, two_units(x, y, *parameters)["l"].item()]


def _draw_network(ax: Axes, values: Values, parameters: dict[str, float]) -> None:
    ax.set(xlim=(-0.6, 11.4), ylim=(-2.1, 2.1), aspect="equal")
    ax.axis("off")
    style.title(ax, "a", "three examples at once")
    ax.text(11.4, 1.8, "forward: values →", color=FORWARD, ha="right")
    ax.text(11.4, 1.4, "← backward: derivatives", color=BACKWARD, ha="right")
    for name, ends in LINKS.items():
        start, end = (np.array(PLACES[each]) for each in ends)
        link(ax, start, end)
        _parameter(ax, start + 0.36 * (end - start), name, parameters[name], values)
    for name, place in BIASES.items():
        _parameter(ax, place, name, parameters[name], values)
    for start, end, name in (("f1", "h1", "ReLU"), ("f2", "h2", "ReLU"), ("f", "l", ""), ("y", "l", "")):
        link(ax, PLACES[start], PLACES[end], name)
    for name, place in PLACES.items():
        symbol = {"l": r"\ell"}.get(name, "_".join(name))
        node(ax, place, symbol, values[name], values.get(f"dld{name}", ()), above=place[1] >= 0)


def _parameter(ax: Axes, at: ArrayLike, name: str, value: float, values: Values) -> None:
    """Its value above the place, its derivative below."""
    look = {"ha": "center", "fontsize": 8, "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 0.5}}
    ax.text(*at, rf"${name[0]}_{{{name[1:]}}}$ = {written(value)}", color=FORWARD, va="bottom", **look)
    ax.text(*at, written(values[f"dld{name}"]), color=BACKWARD, va="top", **look)


def _draw_fit(ax: Axes, x: Tensor, y: Tensor, fits: dict[str, Tensor]) -> None:
    grid = torch.linspace(0, 4, 81, dtype=torch.float64)
    for (name, parameters), color in zip(fits.items(), (style.PUBLISHED, style.TEST), strict=True):
        line = two_units(grid, grid, *parameters)["f"].numpy()
        ax.plot(grid.numpy(), line, color=color)
        style.label_end(ax, 4, line[-1], name, color)
    ax.plot(x.numpy(), y.numpy(), "o", color=style.INK, markersize=4)
    ax.set(xlim=(0, 4), xticks=[0, 2, 4], yticks=[0, 2, 4], xlabel="x", ylabel="y")
    style.title(ax, "b", "fit")
