"""How the gradient of deep random networks varies with the input (fig 11.3, notebook 11_1; Balduzzi et al. 2017)"""

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from refnets.figures import style
from refnets.operations.random_networks import notebook_network
from refnets.verdict import Number

X = torch.arange(-2, 2, 4 / 256, dtype=torch.float64)  # the notebook's inputs
HALF = len(X) // 2  # where `autocorrelation` has distance 0


def draw(
    *, width: int, shallow: int, depth: int, deepest: int, near: float, far: float, networks: int
) -> tuple[Figure, dict[str, Number]]:
    """Panels a and b: dy/dx of the notebook's network, of its variance 1/D and of 2/D, in multiples of its rms.

    Panel c: the autocorrelation, mean over `networks` networks; numbers are those of inputs that are `near`, and `far`.
    """
    kinds = {
        "shallow": (shallow, 2 / width, False),
        "glorot": (depth, 1 / width, False),
        "residual": (depth, 2 / width, True),
        "he": (depth, 2 / width, False),
        "glorot_deepest": (deepest, 1 / width, False),
        "he_deepest": (deepest, 2 / width, False),
    }
    gradients = {name: measure(width, *kind, networks) for name, kind in kinds.items()}  # (networks, inputs) each
    correlations = {name: np.stack([autocorrelation(g) for g in each]) for name, each in gradients.items()}
    picture, axes = style.panels(3)
    for letter, ax, name, variance in zip("ab", axes, ("glorot", "he"), (1, 2), strict=False):
        _draw_gradient(ax, gradients[name][0])
        style.title(ax, letter, f"variance {variance}/D")
    axes[0].set_ylabel("relative dy/dx")
    names = {"shallow": f"{shallow} layer", "glorot": "1/D", "residual": "residual", "he": "2/D"}
    _draw_correlations(axes[2], {text: correlations[name] for name, text in names.items()})
    return picture, _numbers(gradients, correlations, _lag(near), _lag(far), deepest)


def measure(width: int, depth: int, variance: float, residual: bool, networks: int) -> np.ndarray:
    """dy/dx at `X` of `networks` networks, (networks, inputs); weights and biases all have this variance.

    The first has the notebook's seed, 1. With `residual` every hidden layer but the first is added to what it gets.
    """
    return np.stack([_gradient(width, depth, variance, residual, seed) for seed in range(1, networks + 1)])


def _gradient(width: int, depth: int, variance: float, residual: bool, seed: int) -> np.ndarray:
    weights, biases = ([variance**0.5 * each for each in layers] for layers in notebook_network(depth, width, seed))
    x = X[None].clone().requires_grad_()
    f = weights[0] @ x + biases[0]  # (width, inputs)
    for weight, bias in zip(weights[1:-1], biases[1:-1], strict=True):
        f = weight @ f.relu() + bias + (f if residual else 0)
    y = weights[-1] @ f.relu() + biases[-1]
    return torch.autograd.grad(y.sum(), x)[0][0].numpy()


def autocorrelation(gradient: np.ndarray) -> np.ndarray:
    """The autocorrelation at distances of 0, 1, ... inputs, relative to that at 0 (notebook 11_1): (inputs / 2,)."""
    products = np.correlate(gradient, gradient, "same")
    return products[HALF:] / products[HALF]


def _draw_gradient(ax: Axes, gradient: np.ndarray) -> None:
    ax.plot(X, gradient / rms(gradient), color=style.TEST, linewidth=0.8)
    ax.set(xlim=(-2, 2), xticks=[-2, 0, 2], xlabel="x", ylim=(-4, 4), yticks=[-4, 0, 4])


def _draw_correlations(ax: Axes, curves: dict[str, np.ndarray]) -> None:
    distance = X[HALF:].numpy()
    for (name, each), color in zip(curves.items(), (style.PUBLISHED, *style.SERIES[1:3], style.TEST), strict=True):
        mean = each.mean(0)
        ax.plot(distance, mean, color=color)
        style.label_end(ax, 1, mean[HALF // 2], name, color)
    ax.set(xlim=(0, 1), ylim=(-0.1, 1), yticks=[0, 1], xlabel="distance", ylabel="autocorrelation")
    style.title(ax, "c")


def rms(gradient: np.ndarray) -> np.ndarray:
    """The root mean square over inputs, the last dimension."""
    return np.sqrt((gradient**2).mean(-1))


def _lag(distance: float) -> int:
    """In inputs of `X`."""
    return round(distance / (X[1] - X[0]).item())


def _numbers(
    gradients: dict[str, np.ndarray], correlations: dict[str, np.ndarray], close: int, wide: int, deepest: int
) -> dict[str, Number]:
    def at(lag: int) -> dict[str, np.ndarray]:
        return {name: curves[:, lag] for name, curves in correlations.items()}  # (networks,) each

    near, far = at(close), at(wide)

    def decades(name: str) -> Number:
        return Number(np.log10(rms(gradients[name])))

    numbers = {f"autocorrelation_{name}": Number(values) for name, values in near.items()}
    numbers |= {f"far_autocorrelation_{name}": Number(values) for name, values in far.items()}
    return numbers | {
        "lost_from_shallow_to_he": Number(near["shallow"] - near["he"]),
        "lost_from_glorot_to_he": Number(near["glorot"] - near["he"]),
        "kept_by_residual_connections": Number(near["residual"] - near["he"]),
        f"decades_of_gradient_glorot_{deepest}": decades("glorot_deepest"),
        f"decades_of_gradient_he_{deepest}": decades("he_deepest"),
    }
