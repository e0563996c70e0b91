"""Noise on the weights at every step of training, and how flat the minima are that it leads to (book section 9.3.4)."""

import copy

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor, nn
from torch.func import functional_call

from refnets.data.points import Points
from refnets.data.toy_regression import function
from refnets.figures import style
from refnets.figures.toy import X, bend, draw_truth, examples, label_axes
from refnets.models.batched import batched
from refnets.models.mlp import MLP
from refnets.verdict import Number


def draw(
    *,
    data: Points,
    deviations: list[float],
    network: dict[str, object],
    lr: float,
    steps: int,
    networks: int,
    seed: int,
    sizes: list[float],
    draws: int,
    compared: float,
) -> tuple[Figure, dict[str, Number]]:
    """Networks trained without noise and with the most; and how much the loss of all rises when weights are perturbed.

    Perturbations are normal, of the standard deviations `sizes`, `draws` of each; at size `compared` they are judged.
    """
    x, y = examples(data)
    stacked = train(x, y, deviations, network, lr, steps, networks, seed)
    shape = len(deviations), networks
    rise = rises(stacked, x, y, sizes, draws, seed).unflatten(1, shape)  # (sizes, deviations, networks)
    curves = outputs(stacked, X).unflatten(0, shape)  # (deviations, networks, inputs)
    picture, axes = style.panels(3)
    for letter, ax, place in zip("ab", axes, (0, len(deviations) - 1), strict=False):
        draw_truth(ax, x, y)
        style.band(ax, X.numpy(), curves[place].numpy(), style.SERIES[place])
        style.title(ax, letter, rf"$\sigma_w = {deviations[place]:g}$")
    label_axes(axes[:2], columns=2)
    _draw_rises(axes[2], sizes, rise, deviations)
    return picture, _measure(
        f"{deviations[-1]:g}", rise[sizes.index(compared)], norm(stacked).unflatten(0, shape), curves
    )


def train(
    x: Tensor,
    y: Tensor,
    deviations: list[float],
    network: dict[str, object],
    lr: float,
    steps: int,
    networks: int,
    seed: int,
) -> nn.Module:
    """Networks for all deviations, one `batched` module of deviations * networks, after `steps` of Adam.

    `network` are the arguments of an MLP. Every step is on all examples, with new noise on all weights and biases; the
    learning rate falls to 0 along half a cosine. Every deviation has the same initial networks and noise, scaled.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        together = [MLP((1,), 1, **network) for _ in range(networks)]
    stacked = batched([copy.deepcopy(each) for _ in deviations for each in together])
    scale = torch.tensor(deviations)
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(stacked.parameters(), lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        optimizer.zero_grad()
        losses(perturbed(stacked, scale, generator), stacked, x, y).sum().backward()
        optimizer.step()
        schedule.step()
    return stacked


def perturbed(stacked: nn.Module, deviations: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
    """The parameters plus normal noise: of deviations[0] for the first networks, and so on, for equally many each.

    It is the same noise for each of the deviations, but for its scale.
    """
    noisy = {}
    for name, values in stacked.named_parameters():
        groups = values.unflatten(0, (len(deviations), -1))  # (deviations, networks, ...)
        noise = torch.randn(groups.shape[1:], generator=generator)
        noisy[name] = (groups + deviations.view(-1, *[1] * noise.dim()) * noise).flatten(0, 1)
    return noisy


def losses(parameters: dict[str, Tensor], stacked: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    """The mean squared error on x and y, (n,) each, of every network: (networks in all,)."""
    inputs = x.float().expand(len(next(iter(parameters.values()))), -1)[..., None]  # (networks in all, n, 1)
    return (functional_call(stacked, parameters, inputs)[..., 0] - y.float()).square().mean(-1)


@torch.no_grad()
def rises(stacked: nn.Module, x: Tensor, y: Tensor, sizes: list[float], draws: int, seed: int) -> Tensor:
    """By how much noise of these sizes on the weights raises the loss, mean of `draws`: (sizes, networks in all)."""
    before = losses(dict(stacked.named_parameters()), stacked, x, y)
    generator = torch.Generator().manual_seed(seed + 1)  # other noise than in training

    def after(size: float) -> Tensor:
        noisy = (perturbed(stacked, torch.tensor([size]), generator) for _ in range(draws))
        return torch.stack([losses(each, stacked, x, y) for each in noisy]).mean(0)

    return torch.stack([after(size) - before for size in sizes])


@torch.no_grad()
def outputs(stacked: nn.Module, x: Tensor) -> Tensor:
    """What every network puts out at x, in double precision: (inputs,) -> (networks in all, inputs)."""
    number = len(next(stacked.parameters()))
    return stacked(x.float().expand(number, -1)[..., None])[..., 0].double()


def norm(stacked: nn.Module) -> Tensor:
    """The square root of the sum of all squared weights and biases of each network: (networks in all,)."""
    return sum(each.detach().square().flatten(1).sum(1) for each in stacked.parameters()).sqrt()


def _draw_rises(ax: Axes, sizes: list[float], rise: Tensor, deviations: list[float]) -> None:
    for curves, deviation, color in zip(rise.unbind(1), deviations, style.SERIES, strict=False):
        style.band(ax, sizes, curves.mT.numpy(), color)  # curves: (sizes, networks)
        style.label_end(ax, sizes[-1], curves[-1].mean().item(), rf"$\sigma_w = {deviation:g}$", color)
    ax.set(xscale="log", yscale="log", xlabel="size of perturbation", ylabel="rise of loss", xlim=(sizes[0], sizes[-1]))
    ax.set(xticks=[sizes[0], sizes[-1]], xticklabels=[f"{sizes[0]:g}", f"{sizes[-1]:g}"], yticks=[1e-4, 1e-2, 1])
    ax.minorticks_off()
    style.title(ax, "c")


def _measure(most: str, rise: Tensor, length: Tensor, curves: Tensor) -> dict[str, Number]:
    """Numbers of rises and norms (deviations, networks) and of outputs (deviations, networks, inputs)."""
    error = (curves - function(X)).square().mean(-1)  # (deviations, networks)
    return {
        "rise_of_loss_without": Number(rise[0]),
        f"rise_of_loss_with_{most}": Number(rise[-1]),
        "least_fall_of_rise_to_the_next_deviation": Number((100 * (1 - rise[1:] / rise[:-1])).min(0).values, "%"),
        f"norm_of_weights_with_{most}_over_without": Number(length[-1] / length[0]),
        "bend_without": Number(bend(curves[0])),
        f"bend_with_{most}": Number(bend(curves[-1])),
        f"error_saved_with_{most}": Number(100 * (1 - error[-1] / error[0]), "%"),
    }
