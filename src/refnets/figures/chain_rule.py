"""Values and derivatives along a chain of functions, drawn as a graph (book section 7.3, notebook 7_1)."""

from collections.abc import Sequence
from math import cos, exp, sin

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from refnets.figures.derivatives import compare
from refnets.figures.graph import BACKWARD, FACTOR, FORWARD, link, node, written
from refnets.operations.backpropagation import chain
from refnets.verdict import Number

PARAMETERS = -1.35  # the height of the row of parameters, below the chain


def draw(
    *, x: float, y: float, beta: list[float], omega: list[float], change: float, published: dict[str, float]
) -> tuple[Figure, dict[str, Number]]:
    """The chain x, f0, h1, ... f3, l of book section 7.3 with its parameters below; grey is what a link multiplies by.

    Finite differences change a parameter by `change`.
    """

    def loss(parameters: Tensor) -> Tensor:  # book section 7.3, without values in between
        b0, b1, b2, b3, w0, w1, w2, w3 = parameters
        return (b3 + w3 * torch.cos(b2 + w2 * torch.exp(b1 + w1 * torch.sin(b0 + w0 * x))) - y) ** 2

    values = chain(x, y, beta, omega)
    picture = Figure(figsize=(6.3, 2.7))
    ax = picture.subplots()
    ax.set(xlim=(-1.4, 7.7), ylim=(-2.2, 1.45), aspect="equal")
    ax.axis("off")
    ax.text(-1.4, 1.15, "forward: values →", color=FORWARD)
    ax.text(7.7, 1.15, r"← backward: derivatives of $\ell$, times grey", color=BACKWARD, ha="right")
    _draw_values(ax, values, x)
    _draw_parameters(ax, values, x, y, beta, omega)
    at = torch.tensor([*beta, *omega], dtype=torch.float64)
    by_hand = torch.tensor([values[f"dld{name}{k}"] for name in ("beta", "omega") for k in range(4)], dtype=at.dtype)
    difference = max(abs(values[name] - published[name]) for name in published)
    return picture, {"difference_to_published": Number(difference)} | compare(by_hand, loss, at, change)


def _draw_values(ax: Axes, values: dict[str, float], x: float) -> None:
    node(ax, (-1, 0), "x", x)
    link(ax, (-1, 0), (0, 0))
    for k, (name, slope) in enumerate((("sin", cos), ("exp", exp), ("cos", lambda f: -sin(f)))):
        link(ax, (2 * k, 0), (2 * k + 1, 0), name, slope(values[f"f{k}"]))
        link(ax, (2 * k + 1, 0), (2 * k + 2, 0), "", values[f"dldh{k + 1}"] / values[f"dldf{k + 1}"])
        node(ax, (2 * k, 0), f"f_{k}", values[f"f{k}"], values[f"dldf{k}"])
        node(ax, (2 * k + 1, 0), f"h_{k + 1}", values[f"h{k + 1}"], values[f"dldh{k + 1}"])
    link(ax, (6, 0), (7, 0), r"$(\cdot)^2$", values["dldf3"])
    node(ax, (6, 0), "f_3", values["f3"], values["dldf3"])
    node(ax, (7, 0), r"\ell", values["l_i"])


def _draw_parameters(
    ax: Axes, values: dict[str, float], x: float, y: float, beta: Sequence[float], omega: Sequence[float]
) -> None:
    for k, h in enumerate((x, values["h1"], values["h2"], values["h3"])):
        for side, name, given, factor in ((-0.5, "beta", beta[k], 1), (0.5, "omega", omega[k], h)):
            link(ax, (2 * k + side, PARAMETERS), (2 * k, 0))
            ax.text(2 * k + 1.1 * side, PARAMETERS / 2, written(factor, 2), fontsize=8, color=FACTOR, ha="center")
            node(ax, (2 * k + side, PARAMETERS), rf"\{name}_{k}", given, values[f"dld{name}{k}"], above=False)
    link(ax, (7.4, PARAMETERS), (7, 0))
    node(ax, (7.4, PARAMETERS), "y", y, above=False)
