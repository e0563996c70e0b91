"""All parameters that could explain the data, weighed by how probable they are (fig 9.11)."""

from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor
from torch.distributions import MultivariateNormal

from refnets.data.points import Points
from refnets.figures import style
from refnets.figures.toy import X, draw_truth, examples, label_axes, rms
from refnets.operations.ridge import bend, features, posterior
from refnets.verdict import Number


def draw(
    *, data: Points, units: int, noise: float, priors: list[float], samples: int, seed: int, published: dict[str, Any]
) -> tuple[Figure, dict[str, Number]]:
    """Above, two samples from the posterior for each variance of the prior; below, its mean and a band around it."""
    x, y = examples(data)
    posteriors = [posterior(x, y, units, noise, prior) for prior in priors]
    drawn = [sample(parameters, samples, seed) for parameters in posteriors]  # (samples, units + 1) each
    picture = Figure(figsize=(6.3, 4.4))
    axes = picture.subplots(2, len(priors))
    means, widths = [], []
    for (above, below), prior, parameters, weights in zip(axes.T, priors, posteriors, drawn, strict=True):
        _draw_samples(above, weights[:2] @ features(X, units).mT)
        _draw_prediction(below, *predict(parameters, X), noise)
        curve = {name: torch.tensor(values).double() for name, values in published[f"{prior:g}"].items()}
        for name in ("mean", "low", "high"):
            style.published(below, curve["x"], curve[name])
        mean, deviation = predict(parameters, curve["x"])
        means.append(rms(mean, curve["mean"]))
        widths.append(rms(4 * deviation, curve["high"] - curve["low"]))
        for ax in (above, below):
            draw_truth(ax, x, y)
    texts = [f"prior variance {prior:g}" for prior in priors]
    for letter, ax, text in zip("abcdef", axes.flat, texts + [""] * len(priors), strict=True):
        style.title(ax, letter, text)
    label_axes(axes.flat, columns=len(priors))
    bends = [bend(weights).mean().item() for weights in drawn]
    return picture, {
        "largest_rms_of_mean_from_published": Number(max(means)),
        "largest_rms_of_band_from_published": Number(max(widths)),
        "mean_of_samples_from_mean": Number(max(map(standard_errors, drawn, posteriors)), "standard errors"),
        "least_fall_of_bend_per_panel": Number(100 * (1 - max(np.divide(bends[1:], bends[:-1]))), "%"),
    }


def predict(parameters: MultivariateNormal, x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of the model's output, given that of its parameters: (n,) -> (n,) each.

    Marginalizing is exact, since the output is linear in the parameters (book eq 9.12).
    """
    h = features(x, len(parameters.mean) - 1)  # (n, units + 1)
    return h @ parameters.mean, (h @ parameters.covariance_matrix * h).sum(-1).sqrt()


def sample(parameters: MultivariateNormal, samples: int, seed: int) -> Tensor:
    """Parameters drawn from the posterior: (samples, units + 1)."""
    generator = torch.Generator().manual_seed(seed)
    normal = torch.randn(samples, len(parameters.mean), generator=generator, dtype=torch.float64)
    return parameters.mean + normal @ parameters.scale_tril.mT


def standard_errors(weights: Tensor, parameters: MultivariateNormal) -> float:
    """How far the mean output of the samples (samples, units + 1) is from the prediction, root mean square along X."""
    mean, deviation = predict(parameters, X)
    outputs = features(X, weights.shape[1] - 1) @ weights.mean(0)
    return ((outputs - mean) / deviation).square().mean().sqrt().item() * len(weights) ** 0.5


def _draw_samples(ax: Axes, curves: Tensor) -> None:
    for curve, color in zip(curves, (style.SERIES[3], style.TEST), strict=True):
        ax.plot(X, curve, color=color, linewidth=1)


def _draw_prediction(ax: Axes, mean: Tensor, deviation: Tensor, noise: float) -> None:
    """The inner band is for the function, the outer one for new data."""
    for spread, strength in ((deviation, 0.3), ((deviation**2 + noise**2).sqrt(), 0.15)):
        ax.fill_between(X, mean - 2 * spread, mean + 2 * spread, color=style.TEST, alpha=strength, linewidth=0)
    ax.plot(X, mean, color=style.TEST)
