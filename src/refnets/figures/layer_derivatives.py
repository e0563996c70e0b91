"""Every derivative of a deep ReLU network by hand (book section 7.4, notebook 7_2)."""

from collections.abc import Sequence

import torch
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, SymLogNorm
from matplotlib.figure import Figure, SubFigure
from torch import Tensor

from refnets.figures import style
from refnets.figures.derivatives import compare, finite_differences, relative_difference
from refnets.operations.backpropagation import backward, forward
from refnets.operations.random_networks import notebook_network
from refnets.verdict import Number


def draw(*, depth: int, width: int, seed: int, x: float, y: float, change: float) -> tuple[Figure, dict[str, Number]]:
    """Panel a: the derivatives, a matrix per layer. Panel b: how far finite differences are off. Panel c: norms."""
    weights, biases = notebook_network(depth, width, seed)
    inputs = torch.full((1, 1), x, dtype=torch.float64)
    f, h = forward(inputs, weights, biases)
    dldweights, dldbiases = backward(2 * (f[-1] - y), weights, f, h)

    def loss(parameters: Tensor) -> Tensor:
        parts = _unflat(parameters, weights + biases)
        f, _ = forward(inputs, parts[: len(weights)], parts[len(weights) :])
        return ((f[-1] - y) ** 2).sum()

    by_hand, at = _flat(dldweights + dldbiases), _flat(weights + biases)
    picture = Figure(figsize=(6.3, 4.2))
    upper, lower = picture.subfigures(2, 1, height_ratios=[1, 1.4])
    _draw_matrices(upper, dldweights, dldbiases)
    left, right = lower.subplots(1, 2)
    _draw_errors(left, by_hand, finite_differences(loss, at, change))
    _draw_norms(right, dldweights, dldbiases)
    return picture, {"output": Number(f[-1].item())} | compare(by_hand, loss, at, change)


def _flat(tensors: Sequence[Tensor]) -> Tensor:
    return torch.cat([tensor.flatten() for tensor in tensors])


def _unflat(vector: Tensor, like: Sequence[Tensor]) -> list[Tensor]:
    parts = vector.split([tensor.numel() for tensor in like])
    return [part.view_as(tensor) for part, tensor in zip(parts, like, strict=True)]


def _draw_matrices(part: SubFigure, dldweights: list[Tensor], dldbiases: list[Tensor]) -> None:
    """Weights with the biases as last column; white is exactly zero."""
    matrices = [torch.cat(pair, 1) for pair in zip(dldweights, dldbiases, strict=True)]
    colors = LinearSegmentedColormap.from_list("signed", [style.TRAIN, "white", style.TEST])
    scale = SymLogNorm(0.1, vmin=-400, vmax=400)
    axes = part.subplots(1, len(matrices), width_ratios=[matrix.shape[1] for matrix in matrices])
    for k, (ax, matrix) in enumerate(zip(axes, matrices, strict=True)):
        image = ax.imshow(matrix.numpy(), cmap=colors, norm=scale)
        ax.axvline(matrix.shape[1] - 1.5, color=style.INK, linewidth=0.7)
        ax.set(xticks=[], yticks=[])
        ax.set_xlabel(rf"$\Omega_{k}, \beta_{k}$")
        ax.spines[:].set_visible(True)
    style.title(axes[0], "a", r"$\partial\ell\,/\,\partial$ parameter")
    part.colorbar(image, ax=axes, ticks=[-100, -1, 0, 1, 100], shrink=0.8)


def _draw_errors(ax: Axes, by_hand: Tensor, measured: Tensor) -> None:
    ax.plot(by_hand.abs().numpy(), relative_difference(by_hand, measured).numpy(), ".", color=style.TEST)
    ax.set(xscale="log", yscale="log", xlabel="size of the derivative", ylabel="relative difference")
    style.title(ax, "b", "against finite differences")


def _draw_norms(ax: Axes, dldweights: list[Tensor], dldbiases: list[Tensor]) -> None:
    for name, gradients, color in (("weights", dldweights, style.TEST), ("biases", dldbiases, style.TRAIN)):
        norms = [gradient.norm().item() for gradient in gradients]
        ax.plot(norms, "o-", color=color, markersize=4)
        style.label_end(ax, len(norms) - 1, norms[-1], name, color)
    ax.set(yscale="log", xticks=range(len(dldbiases)), xlabel="layer", ylabel="gradient norm")
    style.title(ax, "c", "layer by layer")
