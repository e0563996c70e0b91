"""Where the ReLU of a residual branch stands decides what the branch can add (book fig 11.5)."""

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from refnets.data.mnist1d import MNIST1D
from refnets.figures import style
from refnets.models.residual_mlp import ResidualMLP
from refnets.verdict import Number

SHOWN = 3  # examples in panel c


def draw(*, data: MNIST1D, width: int, networks: int) -> tuple[Figure, dict[str, Number]]:
    """What branches of both orders add to a hidden layer, and to one whose units are all negative.

    Histograms and dots are of the first of `networks` untrained networks.
    """
    x = data.splits["train"].x
    measured = [additions(x, width, seed) for seed in range(networks)]
    first = measured[0]
    picture, (left, middle, right) = style.panels(3)
    _draw_histogram(left, first["relu_last"], style.TRAIN)
    _draw_histogram(middle, first["relu_first"], style.TEST)
    left.set_ylabel("share (%)")
    style.title(left, "a", "ReLU last")
    style.title(middle, "b", "ReLU first")
    _draw_sums(right, first)
    return picture, {
        "lowest_added_by_relu_last": Number([each["relu_last"].min() for each in measured]),
        "below_zero_of_relu_first": Number([_below_zero(each["relu_first"]) for each in measured], "%"),
        "most_added_to_negative_units": Number([each["to_negative"].abs().max() for each in measured]),
        "added_after_a_linear_layer_over_input": Number([_relative_size(each) for each in measured]),
    }


@torch.no_grad()
def additions(x: Tensor, width: int, seed: int) -> dict[str, Tensor]:
    """A hidden layer of an untrained network, `negative`, -|hidden|, and what branches add to them, (n, width) each.

    To `hidden`: a linear layer then ReLU, and the same two in the other order. To `negative`: ReLU first, at once, and
    after a linear layer.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        setting = {"width": width, "depth": 2, "batch_norm": False, "residual": True, "init": "he_uniform"}
        model = ResidualMLP(x.shape[1:], 10, **setting)
    (relu, linear), (_, before) = model.branches
    hidden = model.stem(x)
    negative = -hidden.abs()
    return {
        "hidden": hidden,
        "negative": negative,
        "relu_last": relu(linear(hidden)),
        "relu_first": linear(relu(hidden)),
        "to_negative": linear(relu(negative)),
        "after_linear": linear(relu(before(negative))),
    }


def _below_zero(values: Tensor) -> float:
    return 100 * (values < 0).float().mean().item()


def _relative_size(values: dict[str, Tensor]) -> float:
    return _root_mean_square(values["after_linear"]) / _root_mean_square(values["negative"])


def _root_mean_square(values: Tensor) -> float:
    return values.square().mean().sqrt().item()


def _draw_histogram(ax: Axes, added: Tensor, color: str) -> None:
    size = _root_mean_square(added)
    shares = 100 * torch.histc(added / size, 40, -4, 4) / added.numel()
    ax.bar(torch.arange(-3.9, 4, 0.2), shares, 0.2, color=color)
    ax.set(xlim=(-4, 4), xticks=[-4, 0, 4], xlabel="added, relative", ylim=(0, 60), yticks=[0, 30, 60])


def _draw_sums(ax: Axes, values: dict[str, Tensor]) -> None:
    """Units of a few examples: before the block, and after it, with the ReLU first."""
    size = _root_mean_square(values["hidden"])
    for before, added, color in (
        ("hidden", "relu_first", style.PUBLISHED),
        ("negative", "to_negative", style.TEST),
    ):
        units, sums = values[before][:SHOWN].flatten() / size, (values[before] + values[added])[:SHOWN].flatten() / size
        ax.plot(units, sums, ".", color=color, markersize=3)
    ax.text(-3.8, 3.3, "mixed signs", color=style.PUBLISHED, fontsize=9)
    ax.text(-0.6, -3.4, "all negative", color=style.TEST, fontsize=9)
    ax.set(xlim=(-4, 4), ylim=(-4, 4), xticks=[-4, 0, 4], yticks=[-4, 0, 4], xlabel="x", ylabel="x + f(x)")
    style.title(ax, "c", "ReLU first")
