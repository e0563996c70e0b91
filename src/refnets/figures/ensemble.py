"""Models of bootstrap samples, and their mean and median (fig 9.7)."""

from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from refnets.data.toy_regression import function
from refnets.figures import style
from refnets.figures.toy import X, draw_truth, label_axes, rms
from refnets.operations.ridge import features, ridge
from refnets.verdict import Number


def draw(
    *, examples: int, noise: float, units: int, penalty: float, models: int, seeds: int, published: dict[str, Any]
) -> tuple[Figure, dict[str, Number]]:
    """a: the models of seed 1 and their mean. b: the published ones. c: all seeds, a dot each."""
    samples = [bootstrap(examples, noise, models, seed) for seed in range(1, seeds + 1)]
    x, y, chosen = (torch.stack(each) for each in zip(*samples, strict=True))
    several = torch.arange(seeds)[:, None, None]
    fits = ridge(x[several, chosen], y[several, chosen], units, penalty)  # (seeds, 1 + models, units + 1)
    curves = fits @ features(X, units).mT  # (seeds, 1 + models, inputs)
    alone, mean = error(curves), error(curves[:, 1:].mean(1))
    median = error(curves[:, 1:].quantile(0.5, dim=1))
    theirs = torch.tensor(published["models"], dtype=torch.float64)  # (4, 40)

    picture, axes = style.panels(3)
    draw_truth(axes[0], x[0], y[0])
    _draw_models(axes[0], X, curves[0, 1:])
    draw_truth(axes[1], [], [])
    _draw_models(axes[1], published["x"], theirs)
    style.published(axes[1], published["x"], published["ensemble"])
    label_axes(axes[:2], columns=2)
    single = alone[:, 1:]
    _draw_errors(axes[2], single, mean)
    for letter, ax, name in zip("abc", axes, ("seed 1", "published", f"{seeds} seeds"), strict=True):
        style.title(ax, letter, name)
    return picture, {
        "mean_of_the_ensemble_of_seed_1": Number(mean[0]),
        "median_of_the_ensemble_of_seed_1": Number(median[0]),
        "mean_better_than_the_models_on_average": Number(percent(mean <= single.mean(1)), "%"),
        "mean_better_than_every_model": Number(percent(mean < single.amin(1)), "%"),
        "median_better_than_every_model": Number(percent(median < single.amin(1)), "%"),
        "mean_better_than_the_original": Number(percent(mean < alone[:, 0]), "%"),
        "rms_of_the_published_ensemble_from_its_mean": Number(rms(theirs.mean(0), published["ensemble"])),
    }


def bootstrap(examples: int, noise: float, models: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """x and y of n examples, and which of them each model gets: the first all, the others n with replacement.

    Shapes (n,), (n,) and (1 + models, n); in the order and with the random numbers of notebook 9_3.
    """
    random = np.random.RandomState(seed)
    x = random.uniform(np.arange(examples) / examples, np.arange(1, examples + 1) / examples)
    noise = random.normal(0, noise, examples)
    chosen = [np.arange(examples), *(random.choice(examples, examples) for _ in range(models))]
    x = torch.from_numpy(x)
    return x, function(x) + torch.from_numpy(noise), torch.from_numpy(np.array(chosen))


def error(curves: Tensor) -> Tensor:
    """The mean squared difference from the true function: (..., inputs) -> (...)."""
    return (curves - function(X)).square().mean(-1)


def percent(which: Tensor) -> Tensor:
    """How many are true, in percent."""
    return 100 * which.double().mean()


def _draw_models(ax: Axes, x: Tensor, models: Tensor) -> None:
    for model in models:
        ax.plot(x, model, color=style.TRAIN, linewidth=0.7, alpha=0.8)
    ax.plot(x, models.mean(0), color=style.TEST, linewidth=2)


def _draw_errors(ax: Axes, single: Tensor, mean: Tensor) -> None:
    """Below the line the mean of the ensemble is better than its models are on average; blue, better than each."""
    best = mean < single.amin(1)
    for chosen, color in ((~best, style.PUBLISHED), (best, style.TEST)):
        ax.loglog(single.mean(1)[chosen], mean[chosen], ".", color=color, markersize=3)
    ax.plot([0.01, 10], [0.01, 10], color=style.INK, linewidth=0.8)
    ax.set(xlim=(0.02, 3), ylim=(0.01, 3), xticks=[0.1, 1], yticks=[0.1, 1], xticklabels=[0.1, 1], yticklabels=[0.1, 1])
    ax.set(xlabel="error of the models", ylabel="error of their mean")
    ax.minorticks_off()
    for name, up, color in (("better than all", 0.92, style.TEST), ("not than all", 0.82, style.PUBLISHED)):
        ax.text(0.04, up, name, transform=ax.transAxes, color=color, fontsize=9)
