"""How the units of the last hidden layer add up to the output of a network (figs 3.3 and 4.5, notebook 3_1)."""

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.optimize import least_squares
from torch import Tensor, nn

from refnets.data.points import Points
from refnets.figures import style
from refnets.models.coefficients import from_coefficients
from refnets.models.mlp import MLP
from refnets.operations.joints import joints
from refnets.verdict import Number

END = 1.0  # of the inputs that notebooks 3_1 and 4_2 show, from 0 on
X = torch.linspace(0, END, 1001, dtype=torch.float64)[:, None]
NAMES = "pre-activations of units 1 to 3", "activations", "weighted activations", "their sum plus offset: output y"
FITTED = style.SERIES[3]
Rows = list[list[float]]  # the bias and the weights of each unit of a layer


def draw_regions(*, theta: Rows, phi: list[float], end: float) -> tuple[Figure, dict[str, Number]]:
    """The network of book eq 3.1 for inputs from 0 to `end`; for each region its slope, and which units are on."""
    network = from_coefficients(theta, [phi])
    corners = _joints(network, end)[:, 0]
    edges = torch.cat([torch.zeros(1), corners, torch.tensor([end])]).double()
    middles = ((edges[1:] + edges[:-1]) / 2)[:, None].requires_grad_()  # (regions, 1)
    (slopes,) = torch.autograd.grad(network(middles).sum(), middles)
    with torch.no_grad():
        picture, _ = _panels(network, end)
        on = network.layers[:-2](middles) > 0  # (regions, units)
    return picture, _measure(network, end) | {
        **{f"joint_{i}": Number(position) for i, position in enumerate(corners, start=1)},
        **{f"unit_{i}_in_region_2": Number(each) for i, each in enumerate(on[1], start=1)},
        "slope_of_region_3_minus_those_of_1_and_4": Number(slopes[2] - slopes[0] - slopes[3]),
    }


def draw_shallow(*, theta: Rows, phi: list[float], data: Points) -> tuple[Figure, dict[str, Number]]:
    """The network of book eq 3.1 beside `data`, and what it becomes when all its parameters are fitted to them."""
    network, fitted = from_coefficients(theta, [phi]), from_coefficients(*fit(theta, phi, data))
    (x, y) = (each.double() for each in data.splits["train"])
    with torch.no_grad():
        picture, (*_, output) = _panels(network)
        output.plot(x[:, 0], y, ".", color=style.PUBLISHED, markersize=5, zorder=0)
        output.plot(X[:, 0], fitted(X), color=FITTED)
        errors = [(each(x)[:, 0] - y).square().sum() for each in (network, fitted)]
    style.label(output, 0.52, 0.62, "fitted", FITTED, align="left", fontsize=9)
    return picture, _measure(network) | {
        **{f"joint_{i}": Number(position) for i, position in enumerate(_joints(network), start=1)},
        "sum_of_squares": Number(errors[0]),
        "sum_of_squares_of_the_fit": Number(errors[1]),
    }


def draw_deep(*, theta: Rows, psi: Rows, phi: list[float]) -> tuple[Figure, dict[str, Number]]:
    """The network of book eqs 4.7 to 4.9: its second layer clips the broken lines that the first one makes."""
    network = from_coefficients(theta, psi, [phi])
    with torch.no_grad():
        picture, _ = _panels(network)
        difference = (network(X)[:, 0] - combined(X[:, 0], theta, psi, phi)).abs().max()
    return picture, _measure(network) | {
        "regions_before_clipping": Number(len(_joints(network.layers[:-2])) + 1),
        "difference_from_the_combined_equation": Number(difference),
    }


def fit(theta: Rows, phi: list[float], data: Points) -> tuple[np.ndarray, np.ndarray]:
    """The coefficients, in the shapes that `from_coefficients` takes, with the least squared error near the given ones.

    By the method of Levenberg and Marquardt, from `theta` and `phi` on.
    """
    (x, y) = (each.double() for each in data.splits["train"])

    def unpack(flat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return flat[: -len(phi)].reshape(-1, 2), flat[None, -len(phi) :]  # (units, 2), (1, 1 + units)

    def residuals(flat: np.ndarray) -> np.ndarray:
        return (from_coefficients(*unpack(flat))(x)[:, 0] - y).detach().numpy()

    return unpack(least_squares(residuals, np.concatenate([*theta, phi]), method="lm").x)


def combined(x: Tensor, theta: Rows, psi: Rows, phi: list[float]) -> Tensor:
    """The output by book eqs 4.7 to 4.9 as one equation between numbers: (n,) -> (n,)."""

    def a(z: Tensor) -> Tensor:
        return z.clamp(min=0)

    def weighted(psi_i: list[float]) -> Tensor:
        return sum(psi_ij * a(theta_j[0] + theta_j[1] * x) for psi_ij, theta_j in zip(psi_i, theta, strict=True))

    return phi[0] + sum(phi_i * a(psi_i[0] + weighted(psi_i[1:])) for phi_i, psi_i in zip(phi[1:], psi, strict=True))


def _panels(network: MLP, end: float = END) -> tuple[Figure, list[Axes]]:
    """What the last hidden layer gets, what it clips that to, its units weighted, and their sum, up to input `end`.

    Dotted lines are the joints of what is drawn, dots those of the output.
    """
    before, after, weights = network.layers[:-2], network.layers[:-1], network.layers[-1].weight
    picture, x = Figure(figsize=(6.3, 4.4)), end * X
    axes = list(picture.subplots(2, 2, sharex=True).flatten())
    _curves(axes[0], x, before(x), before)
    _curves(axes[1], x, after(x), after)
    _curves(axes[2], x, after(x) * weights, after)
    _curves(axes[3], x, network(x), network)
    for number, (unit, color) in enumerate(zip(before(x).T, style.SERIES, strict=False), start=1):
        style.label(axes[0], 0.02 * end, unit[20], f"{number}", color, align="left", fontsize=9)
    corners = _joints(network, end)
    axes[3].plot(corners, network(corners), "o", color=style.INK, markersize=4)
    for letter, ax, name in zip("abcd", axes, NAMES, strict=True):
        style.title(ax, letter, name)
    for ax in axes[2:]:
        ax.set_xlabel("input x")
    return picture, axes


def _curves(ax: Axes, x: Tensor, curves: Tensor, part: nn.Module) -> None:
    """`curves` of x, (n, units), over lines at the joints of the network's `part` that makes them."""
    for curve, color in zip(curves.T, style.SERIES if curves.shape[1] > 1 else [style.INK], strict=False):
        ax.plot(x, curve, color=color)
    end = x.max().item()
    for corner in _joints(part, end):
        ax.axvline(corner, color=style.PUBLISHED, linewidth=0.8, linestyle=(0, (1, 2)), zorder=0)
    ax.axhline(0, color=style.PUBLISHED, linewidth=0.5, zorder=0)
    ax.set(xlim=(0, end), ylim=(-1.2, 1.2), xticks=[0, end / 2, end], yticks=[-1, 0, 1])


def _joints(network: nn.Module, end: float = END) -> Tensor:
    """Those between the inputs 0 and `end`, (J, 1)."""
    return joints(network, torch.tensor([0.0]), torch.tensor([end]))


def _measure(network: MLP, end: float = END) -> dict[str, Number]:
    return {
        "parameters": Number(sum(parameter.numel() for parameter in network.parameters())),
        "regions": Number(len(_joints(network, end)) + 1),
    }
