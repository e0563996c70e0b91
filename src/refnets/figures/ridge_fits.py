"""Least squares with a penalty on the weights (fig 9.2)."""

from typing import Any

import torch
from matplotlib.figure import Figure

from refnets.data.points import Points
from refnets.figures import style
from refnets.figures.toy import X, draw_truth, examples, label_axes, rms
from refnets.operations.ridge import bend, features, ridge
from refnets.verdict import Number


def draw(
    *, data: Points, units: int, penalties: list[float], published: dict[str, Any]
) -> tuple[Figure, dict[str, Number]]:
    """One panel for each penalty. `published` has a curve for each of them."""
    x, y = examples(data)
    fits = torch.stack([ridge(x, y, units, penalty) for penalty in penalties])  # (penalties, units + 1)
    picture = Figure(figsize=(6.3, 4.4))
    axes = picture.subplots(2, 3).flatten()
    distances = []
    for letter, ax, penalty, fit in zip("abcdef", axes, penalties, fits, strict=True):
        curve = published[f"{penalty:g}"]
        draw_truth(ax, x, y)
        style.published(ax, curve["x"], curve["y"])
        ax.plot(X, features(X, units) @ fit, color=style.TEST)
        style.title(ax, letter, rf"$\lambda = {style.power_of_ten(penalty)}$")
        distances.append(rms(features(torch.tensor(curve["x"]).double(), units) @ fit, curve["y"]))
    label_axes(axes, columns=3)
    bends, errors = bend(fits), (features(x, units) @ fits.mT - y[:, None]).square().sum(0)
    return picture, {
        "largest_rms_from_published": Number(max(distances)),
        "training_loss_without_penalty": Number(errors[0]),
        "bend_without_penalty": Number(bends[0]),
        "least_fall_of_bend_per_panel": Number(100 * (1 - bends[1:] / bends[:-1]).min(), "%"),
        "least_rise_of_training_loss_per_panel": Number(errors.diff().min()),
    }
