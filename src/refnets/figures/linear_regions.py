"""How many linear regions a ReLU network can have, and how many parameters that takes (fig 4.7)."""

from math import comb, log10
from typing import Any

from matplotlib.figure import Figure

from refnets.figures import style
from refnets.runs import Run
from refnets.verdict import Number


def draw(
    runs: dict[str, list[Run]], *, panels: list[dict[str, Any]], depths: list[int], published: dict[str, Any]
) -> tuple[Figure, dict[str, Number]]:
    """A panel is for `inputs` inputs, up to `parameters` parameters.

    Each curve has its number of hidden layers written at its end. The dot of a panel is a network of `depth` layers of
    `width` units.
    """
    picture, axes = style.panels(len(panels))
    numbers = {}
    for letter, ax, panel in zip("ab", axes, panels, strict=False):
        inputs, most = panel["inputs"], panel["parameters"]
        for depth, color in zip(depths, style.SERIES, strict=False):
            widths = [w for w in range(inputs, 2000) if parameters(inputs, w, depth) <= most]
            logs = [log10(regions(inputs, w, depth)) for w in widths]
            ax.plot([parameters(inputs, w, depth) for w in widths], logs, color=color)
            style.label_end(ax, most, logs[-1], f"{depth}", color)
            curve = published[f"inputs_{inputs}"][str(depth)]
            style.published(ax, curve["parameters"], curve["value"])
        shape = inputs, panel["width"], panel["depth"]
        ax.plot(parameters(*shape), log10(regions(*shape)), "o", color=style.INK, markersize=4)
        numbers[f"parameters_{inputs}_inputs"] = Number("", [parameters(*shape)])
        numbers[f"log10_regions_{inputs}_inputs"] = Number("", [log10(regions(*shape))])
        ax.set(xlim=(0, most), ylim=(0, None), xticks=[0, most], xlabel="parameters", ylabel=r"$\log_{10}$ regions")
        ax.xaxis.set_major_formatter("{x:,.0f}")
        style.title(ax, letter, f"{inputs} input{'s' * (inputs > 1)}")
    return picture, numbers


def regions(inputs: int, width: int, depth: int) -> int:
    """The most linear regions of `depth` hidden layers of `width` units (Montufar et al. 2014; book eq 4.17 note).

    (floor(width / inputs) + 1) ** (inputs (depth - 1)) times the regions of one layer, sum over j <= inputs of
    (width choose j) (Zaslavsky 1975).
    """
    folds = (width // inputs + 1) ** (inputs * (depth - 1))
    return folds * sum(comb(width, j) for j in range(inputs + 1))


def parameters(inputs: int, width: int, depth: int) -> int:
    """Weights and biases of that network with one output."""
    return (inputs + 1) * width + (depth - 1) * (width + 1) * width + width + 1
