"""The distribution that a network learned, beside the one that the data were drawn from (table 5.11)."""

from itertools import permutations

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse
from matplotlib.ticker import MaxNLocator
from torch import Tensor, nn

from refnets.data.batches import Split
from refnets.figures import style
from refnets.runs import Run
from refnets.verdict import Number

X = torch.linspace(0, 1, 201)[:, None]
SHOWN = 400  # examples drawn as dots: more would hide the density


def draw_density(
    runs: dict[str, list[Run]], *, y: tuple[float, float], counts: bool
) -> tuple[Figure, dict[str, Number]]:
    """For single values between y[0] and y[1]: p(y|x) as shade, at whole numbers if `counts`; dots are test data."""
    data, sides = _true_and_fitted(runs)
    picture, axes = style.panels(2)
    for letter, ax, (name, loss, outputs) in zip("ab", axes, sides, strict=True):
        shade(ax, loss, outputs, data.splits["test"], y, counts)
        style.title(ax, letter, name)
    return picture, _measure(runs, data)


def draw_ellipses(runs: dict[str, list[Run]], *, at: list[float]) -> tuple[Figure, dict[str, Number]]:
    """For pairs of values: test data near each x in `at`, and the ellipses of two standard deviations."""
    data, sides = _true_and_fitted(runs)
    picture = Figure(figsize=(6.3, 2.6))
    axes = picture.subplots(1, len(at), sharex=True, sharey=True)
    for letter, ax, x in zip("abcdefgh", axes, at, strict=False):
        inputs, targets = data.splits["test"]
        ax.plot(*targets[(inputs[:, 0] - x).abs() < 0.02].T, ".", markersize=2, color=style.INK, alpha=0.5)
        for (_, loss, outputs), color in zip(sides, (style.PUBLISHED, style.TEST), strict=True):
            _ellipse(ax, loss.distribution(outputs[(X[:, 0] - x).abs().argmin()]), color)
        ax.set(xlabel="$y_1$", aspect="equal")
        style.title(ax, letter, f"x = {x:g}")
    axes[0].set_ylabel("$y_2$")
    return picture, _measure(runs, data)


def draw_orderings(runs: dict[str, list[Run]], *, items: int) -> tuple[Figure, dict[str, Number]]:
    """For orderings: the probability of each one along x, the true curve grey behind."""
    data, sides = _true_and_fitted(runs)
    orderings = list(permutations(range(items)))
    picture = Figure(figsize=(6.3, 3.4))
    axes = picture.subplots(2, len(orderings) // 2, sharex=True, sharey=True).flatten()
    for letter, ax, ordering in zip("abcdefgh", axes, orderings, strict=False):
        _draw_probability(ax, sides, torch.tensor(ordering).expand(len(X), -1))
        style.title(ax, letter, " > ".join("ABCDEFGH"[item] for item in ordering))
    for ax in axes[-len(orderings) // 2 :]:
        ax.set_xlabel("x")
    for ax in axes[:: len(orderings) // 2]:
        ax.set_ylabel("probability")
    return picture, _measure(runs, data)


def draw_classes(runs: dict[str, list[Run]]) -> tuple[Figure, dict[str, Number]]:
    """For classes: the probability of each one along x, the true curve grey behind."""
    data, sides = _true_and_fitted(runs)
    names = data.target.names
    picture, axes = style.panels(len(names))
    for letter, ax, (number, name) in zip("abcdefgh", axes, enumerate(names), strict=False):
        _draw_probability(ax, sides, torch.full((len(X),), number))
        ax.set(xlabel="x", ylabel="probability" if letter == "a" else "")
        style.title(ax, letter, f"class {name}")
    return picture, _measure(runs, data)


def _draw_probability(ax: Axes, sides: list[tuple[str, nn.Module, Tensor]], y: Tensor) -> None:
    """The true and the fitted probability of the target y, the same for every x."""
    for (_, loss, outputs), color in zip(sides, (style.PUBLISHED, style.TEST), strict=True):
        ax.plot(X[:, 0], (-loss.nll(outputs, y)).exp(), color=color)
    ax.set(xlim=(0, 1), ylim=(0, 1), xticks=[0, 1], yticks=[0, 1])


def shade(ax: Axes, loss: nn.Module, outputs: Tensor, test: Split, y: tuple[float, float], counts: bool) -> None:
    """p(y|x) for the outputs at X, (x, P), with test data as dots."""
    grid = torch.arange(y[0], y[1] + 1, dtype=torch.float32) if counts else torch.linspace(*y, 200)
    density = (-loss.nll(outputs[:, None], grid)).exp().T.numpy()  # (y, x)
    look = {"cmap": "Blues", "vmax": np.quantile(density, 0.99), "rasterized": True}
    ax.pcolormesh(X[:, 0].numpy(), grid.numpy(), density, **look)
    inputs, targets = (values[:SHOWN].numpy() for values in test)
    ax.plot(inputs[:, 0], targets, ".", markersize=1.5, color=style.INK, alpha=0.5)
    ax.set(xlabel="x", ylabel="y", xlim=(0, 1), xticks=[0, 0.5, 1])
    ax.set_ylim(y[0] - 0.5 * counts, y[1] + 0.5 * counts)
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=counts))


def _true_and_fitted(runs: dict[str, list[Run]]) -> tuple[object, list[tuple[str, nn.Module, Tensor]]]:
    """The data and, for the generator and the first run: name, loss, outputs at X."""
    (run, *_) = runs["fit"]
    data = run.data()
    with torch.no_grad():
        fitted = run.model()(X)
    return data, [
        ("drawn from", data.likelihood, data.outputs(X)),
        ("fitted", run.loss().requires_grad_(False), fitted),
    ]


def _measure(runs: dict[str, list[Run]], data: object) -> dict[str, Number]:
    if type(runs["fit"][0].loss()) is not type(data.likelihood):
        raise ValueError("the figure compares the fitted parameters with the true ones: loss and data must agree")
    least = data.nll(data.splits["test"])
    excess = [run.result["final"]["test_loss"] - least for run in runs["fit"]]
    with torch.no_grad():
        true = data.likelihood.canonical(data.outputs(X))
        correlations = [correlation(data.likelihood.canonical(run.model()(X)), true) for run in runs["fit"]]
    return {"excess_NLL": Number(excess, "nats"), "parameter_correlation": Number(correlations)}


def correlation(fitted: Tensor, true: Tensor) -> float:
    """The correlation along x of fitted and true outputs, (x, P) each: the smallest of the outputs that vary with x."""
    pairs = zip(fitted.T.numpy(), true.T.numpy(), strict=True)
    return min(np.corrcoef(*pair)[0, 1] for pair in pairs if np.ptp(pair[1]) > 1e-5)


def _ellipse(ax: Axes, distribution: torch.distributions.MultivariateNormal, color: str) -> None:
    """The points two standard deviations from the mean, along the axes of the covariance."""
    variances, axes = np.linalg.eigh(distribution.covariance_matrix.numpy())
    width, height = 4 * np.sqrt(variances)
    angle = np.degrees(np.arctan2(axes[1, 0], axes[0, 0]))
    ax.add_patch(
        Ellipse(distribution.loc.tolist(), width, height, angle=angle, fill=False, edgecolor=color, linewidth=1.5)
    )
