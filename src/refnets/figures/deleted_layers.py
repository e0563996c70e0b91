"""What trained networks do without one of their layers (Veit et al. 2016, arXiv:1605.06431, section 4.1)."""

import numpy as np
import torch
from matplotlib.figure import Figure

from refnets.data.batches import Split
from refnets.figures import style
from refnets.figures.predictions import error
from refnets.models.residual_mlp import ResidualMLP
from refnets.runs import Run
from refnets.verdict import Number

COLORS = {"plain": style.TRAIN, "residual": style.TEST}


def draw(runs: dict[str, list[Run]]) -> tuple[Figure, dict[str, Number]]:
    """The test error of the `plain` and the `residual` runs without each of their layers; dashed: with all layers."""
    picture, (ax,) = style.panels(1)
    numbers, rise = {}, {}
    for name, color in COLORS.items():
        whole = np.array([run.result["final"]["test_error"] for run in runs[name]])  # (n,)
        without = np.array([errors_without(run.model(), run.data().splits["test"]) for run in runs[name]])
        layers = np.arange(1, without.shape[1] + 1)  # without: (n, layers)
        style.dots(ax, layers, without.T, color, name)
        ax.axhline(whole.mean(), color=color, linestyle="--", linewidth=0.8)
        rise[name] = without.mean(1) - whole
        numbers |= {
            f"{name}_error_without_a_layer": Number(without.mean(1), "%"),
            f"{name}_least_error_without_a_layer": Number(without.min(1), "%"),
            f"{name}_rise_of_error": Number(rise[name], "%"),
            f"{name}_largest_rise_of_error": Number(without.max(1) - whole, "%"),
        }
    ax.axhline(90, color=style.PUBLISHED, linewidth=0.8, zorder=0)
    ax.set(ylim=(0, 100), yticks=[0, 50, 100], xlim=(0.5, layers[-1]), xticks=[1, layers[-1] // 2, layers[-1]])
    ax.set(xlabel="deleted layer", ylabel="test error (%)")
    return picture, numbers | {"plain_minus_residual_rise_of_error": Number(rise["plain"] - rise["residual"], "%")}


@torch.no_grad()
def errors_without(model: ResidualMLP, split: Split) -> list[float]:
    """The error in percent without each of the `branches`: what comes in goes on as it is."""
    errors = []
    for branch in model.branches:
        with branch.register_forward_hook(lambda _, x, y: torch.zeros_like(y) if model.residual else x[0]):
            errors.append(error(model(split.x).argmax(1), split.y).item())
    return errors
