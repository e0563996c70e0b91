"""A residual network, unravelled: its paths, and what each is worth (book fig 11.4)."""

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import nn
from torch.autograd.functional import jacobian

from refnets.figures import style
from refnets.models.residual_mlp import ResidualMLP
from refnets.operations.unravelled import Path, jacobians_of, paths
from refnets.verdict import Number


def draw(*, depth: int, width: int, networks: int) -> tuple[Figure, dict[str, Number]]:
    """A column for each path, the shorter first: the blocks it goes through, and the size of its derivative.

    Sizes are root mean squares of the derivative's singular values, 1 for the path past all blocks, of `networks`
    untrained networks at one input each.
    """
    measured = [measure(depth, width, seed) for seed in range(networks)]
    ways = sorted(measured[0][0], key=lambda path: (sum(path), [not through for through in path]))
    sizes = np.array([[size[path] for path in ways] for size, *_ in measured])  # (networks, paths)
    picture = Figure(figsize=(6.3, 3.7))
    top, bottom = picture.subplots(2, 1, sharex=True)
    _draw_paths(top, ways)
    style.dots(bottom, range(len(ways)), sizes.T, style.TEST)
    bottom.set(ylim=(0, 2), yticks=[0, 1, 2], ylabel="size of derivative", xticks=[])
    bottom.set_xlabel(f"the {len(ways)} paths, from the shortest to the longest")
    style.title(top, "a", "which blocks a path goes through")
    style.title(bottom, "b", "what it contributes")
    all_paths, through_the_first = count(depth)
    return picture, {
        "paths": Number(all_paths),
        "paths_through_the_first_block": Number(through_the_first),
        "sum_of_paths_minus_derivative": Number(max(gap for _, gap, _ in measured)),
        "eight_terms_minus_derivative": Number(max(gap for *_, gap in measured)),
        "size_of_the_longest_path": Number(sizes[:, -1]),
    }


def measure(depth: int, width: int, seed: int) -> tuple[dict[Path, float], float, float]:
    """The size of every path's derivative, and by how much the sum of all differs at most from the network's.

    The third is that of the derivative by what the first block adds, and of the paths from there: half as many.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = _network(depth, width).double()
        h = model.stem(torch.randn(1, width, dtype=torch.float64))[0].detach()  # (width,)
    model.stem, model.head = nn.Identity(), nn.Identity()
    jacobians = jacobians_of(model.branches, h)
    shares, after_first = dict(paths(jacobians)), sum(share for _, share in paths(jacobians[1:]))
    gap = sum(shares.values()) - jacobian(model, h)
    added = model.branches.pop(0)(h)
    gap_after_first = after_first - jacobian(lambda f: model(h + f), added)
    sizes = {path: share.norm().item() / width**0.5 for path, share in shares.items()}
    return sizes, gap.abs().max().item(), gap_after_first.abs().max().item()


def count(depth: int) -> tuple[int, int]:
    """How many paths there are, and how many of them go through the first block.

    Where every layer passes on what it gets, these are the derivatives of the output by the input and by the weight of
    the first block.
    """
    model, x = _network(depth, width=1), torch.ones(1, 1, requires_grad=True)
    for parameter in model.parameters():
        nn.init.constant_(parameter, float(parameter.dim() == 2))  # weights of 1, biases of 0
    model(x).backward()
    return int(x.grad), int(model.branches[0][-1].weight.grad)


def _network(depth: int, width: int) -> ResidualMLP:
    return ResidualMLP((width,), 1, width=width, depth=depth, batch_norm=False, residual=True, init="he_uniform")


def _draw_paths(ax: Axes, ways: list[Path]) -> None:
    """A square where the path goes through the block, a line where it goes past."""
    for place, path in enumerate(ways):
        ax.plot([place, place], [-0.7, len(path) - 0.3], color=style.PUBLISHED, linewidth=0.8, zorder=0)
        blocks = [block for block, through in enumerate(path) if through]
        ax.plot([place] * len(blocks), blocks, "s", markersize=9, color=style.TEST)
    ax.set(yticks=range(len(ways[0])), yticklabels=range(1, len(ways[0]) + 1), ylabel="block")
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(bottom=False)
