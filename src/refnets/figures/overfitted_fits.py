"""Fits of the toy model to the published data sets, with few and with many hidden units (fig 8.8)."""

from typing import Any

import torch
from matplotlib.figure import Figure

from refnets.figures import style
from refnets.figures.toy import X, draw_truth, label_axes, rms
from refnets.operations.ridge import features, least_squares
from refnets.verdict import Number


def draw(*, rows: dict[str, int], published: dict[str, Any]) -> tuple[Figure, dict[str, Number]]:
    """A row per number of hidden units, a panel per data set: our least squares fit over the published line."""
    picture = Figure(figsize=(6.3, 4))
    axes = picture.subplots(len(rows), 3)
    numbers = {}
    for letters, line, (name, units) in zip(("abc", "def"), axes, rows.items(), strict=True):
        distances, residuals, curves = [], [], []
        for letter, ax, panel in zip(letters, line, published[name], strict=True):
            x, y = torch.tensor([panel["data"]["x"], panel["data"]["y"]], dtype=torch.float64)
            parameters = least_squares(features(x, units), y[:, None])[:, 0]
            curves.append(features(X, units) @ parameters)
            draw_truth(ax, x, y)
            ax.plot(X, curves[-1], color=style.TRAIN)
            style.published(ax, panel["fit"]["x"], panel["fit"]["y"])
            ours = features(torch.tensor(panel["fit"]["x"], dtype=torch.float64), units) @ parameters
            distances.append(rms(ours, panel["fit"]["y"]))
            residuals.append((features(x, units) @ parameters - y).square().mean())
            style.title(ax, letter, f"{units} units" if letter in "ad" else "")
        numbers[f"rms_from_the_published_fits_with_{units}_units"] = Number(distances)
        numbers[f"training_error_with_{units}_units"] = Number(residuals)
        numbers[f"spread_of_fits_with_{units}_units"] = Number(torch.stack(curves).var(0).mean().sqrt())
    label_axes(axes.flatten(), columns=3)
    return picture, numbers
