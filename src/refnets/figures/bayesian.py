"""All parameters that could explain the data, weighed by how probable they are (fig 9.11)."""

from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor
from torch.distributions import MultivariateNormal

from refnets.data.points import Points
from refnets.figures import style
from refnets.figures.toy import X, draw_truth, examples, label_axes, rms
from refnets.ridge import bend, features, posterior
from refnets.runs import Run
from refnets.verdict import Number


def draw(
    runs: dict[str, list[Run]],
    *,
    data: Points,
    units: int,
    noise: float,
    priors: list[float],
    samples: int,
    seed: int,
    published: dict[str, Any],
) -> tuple[Figure, dict[str, Number]]:
    """Above, two samples from the posterior for each variance of the prior; below, its mean and two deviations of it."""
    x, y = examples(data)
    picture = Figure(figsize=(6.3, 4.4))
    axes = picture.subplots(2, len(priors))
    means, widths, distances, bends = [], [], [], []
    for (above, below), prior in zip(axes.T, priors, strict=True):
        parameters, curve = posterior(x, y, units, noise, prior), published[f"{prior:g}"]
        drawn = sample(parameters, samples, seed)  # (samples, units + 1)
        bends.append(bend(drawn).mean().item())
        distances.append(standard_errors(drawn @ features(X, units).mT, predict(parameters, X)).item())
        mean, deviation = predict(parameters, torch.tensor(curve["x"], dtype=torch.float64))
        means.append(rms(mean, curve["mean"]))
        widths.append(rms(4 * deviation, [high - low for low, high in zip(curve["low"], curve["high"], strict=True)]))
        for ax in (above, below):
            draw_truth(ax, x, y)
        for each, color in zip(drawn[:2], (style.SERIES[3], style.TEST), strict=True):
            above.plot(X, features(X, units) @ each, color=color, linewidth=1)
        _draw_prediction(below, *predict(parameters, X), noise)
        for edge in ("mean", "low", "high"):
            style.published(below, curve["x"], curve[edge])
        above.set_title(f"prior variance {prior:g}", fontsize=9)
    for letter, ax in zip("abcdef", axes.flat, strict=True):
        style.title(ax, letter, f"prior variance {priors['abc'.index(letter)]:g}" if letter in "abc" else "")
        ax.title.set_fontsize(10)
    label_axes(axes.flat, columns=len(priors))
    return picture, {
        "largest_rms_of_mean_from_published": Number("", [max(means)]),
        "largest_rms_of_band_from_published": Number("", [max(widths)]),
        "mean_of_samples_from_mean": Number("standard errors", [max(distances)]),
        "bend_of_samples_at_1000": Number("", [bends[0]]),
        "least_fall_of_bend_per_panel": Number(
            "%", [100 * min(1 - b / a for a, b in zip(bends, bends[1:], strict=False))]
        ),
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


def standard_errors(curves: Tensor, prediction: tuple[Tensor, Tensor]) -> Tensor:
    """How far the mean of the curves (samples, n) is from that of the prediction, root mean square over the inputs."""
    mean, deviation = prediction
    return ((curves.mean(0) - mean) / deviation).square().mean().sqrt() * len(curves) ** 0.5


def _draw_prediction(ax: Axes, mean: Tensor, deviation: Tensor, noise: float) -> None:
    """The inner band is for the function, the outer one for new data."""
    for spread, strength in ((deviation, 0.3), ((deviation**2 + noise**2).sqrt(), 0.15)):
        ax.fill_between(X, mean - 2 * spread, mean + 2 * spread, color=style.TEST, alpha=strength, linewidth=0)
    ax.plot(X, mean, color=style.TEST)
