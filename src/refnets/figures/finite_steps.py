"""Steps of finite size follow the gradient flow of another loss (fig 9.3)."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.integrate import solve_ivp
from torch import Tensor
from torch.func import grad
from torch.optim import SGD

from refnets.figures import style
from refnets.figures.surface import draw_surface
from refnets.operations.descent import descend
from refnets.verdict import Number

Loss = Callable[[Tensor], Tensor]


def draw(
    *,
    start: tuple[float, float],
    rate: float,
    rates: list[float],
    time: float,
    window: tuple[float, float],
    magnified: tuple[tuple[float, float], tuple[float, float]],
) -> tuple[Figure, dict[str, Number]]:
    """a: steps of size `rate`, the flow of the loss and that of the loss with the implicit term. b: magnified.

    c: how far from the ends of the two flows the steps end, for each of `rates`. All of them go on for `time`.
    """
    picture, axes = style.panels(3)
    flows = {"flow": flow(valley, start, time), "corrected flow": flow(implicit(valley, rate), start, time)}
    steps = descent(valley, start, rate, time)
    for ax in axes[:2]:
        draw_surface(ax, valley, window, window)
        _paths(ax, steps, flows)
    _magnify(axes[1], magnified)
    exact = flows["flow"][-1]
    ends = [descent(valley, start, each, time)[-1] for each in rates]
    corrected = [flow(implicit(valley, each), start, time)[-1] for each in rates]
    gaps = np.array([np.linalg.norm(np.subtract(ends, other), axis=1) for other in (exact, corrected)])  # (2, rates)
    orders = [np.polyfit(np.log(rates), np.log(gap), 1)[0] for gap in gaps]
    _gaps(axes[2], rates, gaps)
    for letter, ax, text in zip("abc", axes, (f"steps of {rate:g}", "their ends", "distances"), strict=True):
        style.title(ax, letter, text)
    return picture, {
        "flow_ends_at": Number(exact[0]),
        "steps_end_at": Number(steps[-1, 0]),
        "corrected_flow_ends_at": Number(flows["corrected flow"][-1, 0]),
        "order_of_the_gap_to_the_flow": Number(orders[0]),
        "order_of_the_gap_to_the_corrected_flow": Number(orders[1]),
    }


def valley(phi: Tensor) -> Tensor:
    """1 - exp(-phi1^2 / (2 s^2)) with s = exp(-2 phi0^2), the loss of notebook 9_2: (..., 2) -> (...)."""
    phi0, phi1 = phi.unbind(-1)
    return 1 - (-(phi1**2) / 2 * (4 * phi0**2).exp()).exp()


def implicit(loss: Loss, rate: float) -> Loss:
    """The loss whose flow steps of size `rate` follow: with rate / 4 |gradient|^2 added (book eq 9.8)."""
    return lambda phi: loss(phi) + rate / 4 * grad(loss)(phi).square().sum()


def flow(loss: Loss, start: Sequence[float], time: float) -> np.ndarray:
    """The path of dphi/dt = -gradient from t = 0 to `time`, at 201 times: (201, 2)."""
    gradient, times = grad(loss), np.linspace(0, time, 201)
    solution = solve_ivp(
        lambda _, phi: -gradient(torch.from_numpy(phi)).numpy(), (0, time), start, "LSODA", times, rtol=1e-9, atol=1e-11
    )
    return solution.y.T


def descent(loss: Loss, start: Sequence[float], rate: float, time: float) -> np.ndarray:
    """The path of gradient descent in time / rate steps: (steps + 1, 2)."""
    return descend(loss, torch.tensor(start, dtype=torch.float64), partial(SGD, lr=rate), round(time / rate)).numpy()


def _paths(ax: Axes, steps: np.ndarray, flows: dict[str, np.ndarray]) -> None:
    ax.plot(*steps.T, "o", color=style.TRAIN, markersize=3.5, markeredgewidth=0)
    for path, color in zip(flows.values(), (style.INK, style.TEST), strict=True):
        ax.plot(*path.T, color=color, linewidth=1.2)


def _magnify(ax: Axes, window: tuple[tuple[float, float], tuple[float, float]]) -> None:
    x, y = window
    ax.set(xlim=x, ylim=y, xticks=x, yticks=y)
    places = {"flow": (0.06, 0.88, style.INK), "corrected": (0.52, 0.06, style.TEST), "steps": (0.72, 0.3, style.TRAIN)}
    for name, (across, up, color) in places.items():
        ax.text(across, up, name, transform=ax.transAxes, color=color, fontsize=9)


def _gaps(ax: Axes, rates: Sequence[float], gaps: np.ndarray) -> None:
    for gap, color, name in zip(gaps, (style.INK, style.TEST), ("flow", "corrected"), strict=True):
        ax.loglog(rates, gap, "-o", color=color, markersize=4)
        style.label(ax, rates[-2], gap[-2], name, color, fontsize=9)
    ax.set(xlabel="step size", xticks=[rates[0], rates[-1]], xticklabels=[f"{rates[0]:g}", f"{rates[-1]:g}"])
    ax.minorticks_off()
