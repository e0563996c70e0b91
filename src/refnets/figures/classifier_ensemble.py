"""Several classifiers that decide together, by their mean logits or by a vote (book section 9.3.2)."""

import torch
import torch.nn.functional as F
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from torch import Tensor

from refnets.figures import style
from refnets.figures.predictions import error, logits_of
from refnets.losses.categorical import Categorical
from refnets.runs import Run
from refnets.verdict import Number


def draw(runs: dict[str, list[Run]], *, size: int, largest: int) -> tuple[Figure, dict[str, Number]]:
    """Error against the number of networks in an ensemble, up to `largest`; the ensembles of `size`, one by one.

    No network is in two ensembles of one size, so these are independent.
    """
    (group,) = runs.values()
    logits, y = logits_of(group)  # (networks, n, K), (n,)
    picture, (left, right) = style.panels(2)
    left.sharey(right)
    sizes = range(1, min(largest, len(logits)) + 1)
    for combine, color in ((mean_logits, style.TEST), (vote, style.TRAIN)):
        errors = [error(combine(ensembles(logits, n)), y) for n in sizes]  # (ensembles,) each
        left.plot(sizes, [each.mean() for each in errors], "o-", color=color, markersize=3)
        style.label_end(left, sizes[-1], errors[-1].mean(), combine.__name__.replace("_", " "), color)
    left.set(xlabel="networks in the ensemble", ylabel="test error, %", xticks=[1, size, sizes[-1]])

    teams = ensembles(logits, min(size, len(logits)))  # (ensembles, size, n, K)
    single, mean, voted = (error(each, y) for each in (teams.argmax(-1), mean_logits(teams), vote(teams)))
    for number, alone in enumerate(single, start=1):
        right.plot([number] * len(alone), alone, "o", color=style.PUBLISHED, markersize=3)
        right.plot(number, mean[number - 1], "o", color=style.TEST)
        right.plot(number, voted[number - 1], "o", color=style.TRAIN, markersize=4)
    right.set(xlabel=f"ensemble of {size}", xticks=range(1, len(teams) + 1), xlim=(0.5, len(teams) + 0.5))
    style.label(right, 1, single[0].max(), "its networks", style.PUBLISHED, align="left", fontsize=9)
    left.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    for letter, ax in zip("ab", (left, right), strict=True):
        style.title(ax, letter)
    gain = (single.mean(1) - mean, single.mean(1) - voted, single.min(1).values - mean)
    return picture, {
        "error_of_one_network": Number(single.mean(1), "%"),
        "error_of_mean_logits": Number(mean, "%"),
        "error_saved_by_mean_logits": Number(gain[0], "%"),
        "error_saved_by_a_vote": Number(gain[1], "%"),
        "least_error_saved_in_a_group": Number(torch.stack(gain[:2]).min(), "%"),
        "error_saved_over_the_best_member": Number(gain[2], "%"),
        "loss_saved_by_mean_logits": Number(_loss_saved(teams, y), "nats"),
    }


def ensembles(logits: Tensor, size: int) -> Tensor:
    """Groups of `size` networks, without those left over: (networks, n, K) -> (networks // size, size, n, K)."""
    return logits[: len(logits) // size * size].unflatten(0, (-1, size))


def mean_logits(teams: Tensor) -> Tensor:
    """The class with the largest logit on average: (..., size, n, K) -> (..., n)."""
    return teams.mean(-3).argmax(-1)


def vote(teams: Tensor) -> Tensor:
    """The class that most networks predict, the lowest one if they disagree evenly: (..., size, n, K) -> (..., n)."""
    return F.one_hot(teams.argmax(-1), teams.shape[-1]).sum(-3).argmax(-1)


def _loss_saved(teams: Tensor, y: Tensor) -> Tensor:
    """What the loss of the mean logits is below the mean loss of the members, (ensembles,)."""
    nll = Categorical().nll
    return nll(teams, y).mean((1, 2)) - nll(teams.mean(1), y).mean(1)
