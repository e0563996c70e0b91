"""How many linear regions a ReLU network can have, and how many parameters that takes (figs 3.9 and 4.7)."""

from bisect import bisect_right
from math import log10
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from refnets.figures import style
from refnets.operations.regions import parameters, regions
from refnets.verdict import Number


def draw(
    *, panels: list[dict[str, Any]], depths: list[int], published: dict[str, Any]
) -> tuple[Figure, dict[str, Number]]:
    """A panel is for `inputs` inputs, up to `parameters` parameters.

    Each curve has its number of hidden layers written at its end. The dot of a panel is a network of `depth` layers of
    `width` units.
    """
    picture, axes = style.panels(len(panels))
    numbers = {}
    for letter, ax, panel in zip("ab", axes, panels, strict=False):
        inputs, most, distances = panel["inputs"], panel["parameters"], []
        for depth, color in zip(depths, style.SERIES, strict=False):
            shapes = [(inputs, w, depth) for w in range(inputs, _widest(inputs, depth, most)[1] + 1)]
            _curve(ax, [parameters(*shape) for shape in shapes], shapes, f"{depth}", color, most)
            curve = published[f"inputs_{inputs}"][str(depth)]
            style.published(ax, curve["parameters"], curve["value"])
            distances.append(_distance(shapes, curve))
        shape = inputs, panel["width"], panel["depth"]
        shallow = _widest(inputs, 1, parameters(*shape))
        numbers[f"decades_gained_by_depth_{inputs}_inputs"] = Number(log10(regions(*shape) / regions(*shallow)))
        numbers[f"distance_from_published_{inputs}_inputs"] = Number(max(distances[2:]))
        ax.plot(parameters(*shape), log10(regions(*shape)), "o", color=style.INK, markersize=4)
        numbers[f"parameters_{inputs}_inputs"] = Number(parameters(*shape))
        numbers[f"log10_regions_{inputs}_inputs"] = Number(log10(regions(*shape)))
        _axes(ax, "parameters", most)
        style.title(ax, letter, f"{inputs} input{'s' * (inputs > 1)}")
    return picture, numbers


def draw_shallow(
    *,
    inputs: list[int],
    axes: dict[str, int],
    dot: tuple[int, int],
    examples: list[tuple[int, int]],
    published: dict[str, Any],
) -> tuple[Figure, dict[str, Number]]:
    """One hidden layer: a panel against hidden units, one against parameters, each up to what `axes` says.

    Each curve has its number of `inputs` written at its end. `dot` and `examples` are networks: inputs, hidden units.
    """
    picture, panels = style.panels(2)
    across = {"hidden units": lambda shape: shape[1], "parameters": lambda shape: parameters(*shape)}
    for letter, ax, (name, most) in zip("ab", panels, axes.items(), strict=True):
        for each, color in zip(inputs, style.SERIES, strict=True):
            widest = most if name == "hidden units" else (most - 1) // (each + 2)  # parameters: (each + 2) width + 1
            shapes = [(each, int(width), 1) for width in np.unique(np.geomspace(1, widest, 100).round())]
            _curve(ax, [across[name](shape) for shape in shapes], shapes, f"{each}", color, most)
            curve = published[name][str(each)]
            style.published(ax, curve["across"], curve["value"])
        ax.plot(across[name]((*dot, 1)), log10(regions(*dot, 1)), "o", color=style.INK, markersize=4)
        _axes(ax, name, most)
        style.title(ax, letter, f"{inputs[0]} to {inputs[-1]} inputs")
    numbers = {
        "parameters_of_the_dot": Number(parameters(*dot, 1)),
        "log10_regions_of_the_dot": Number(log10(regions(*dot, 1))),
    }
    for each, units in examples:
        name = f"{units}_units_for_{each}_inputs"
        numbers[f"regions_of_{name}"] = Number(regions(each, units, 1))
        numbers[f"parameters_of_{name}"] = Number(parameters(each, units, 1))
    return picture, numbers


def _widest(inputs: int, depth: int, most: int) -> tuple[int, int, int]:
    """The widest network of this depth with at most so many parameters."""
    widths = range(1, most)
    return inputs, widths[bisect_right(widths, most, key=lambda width: parameters(inputs, width, depth)) - 1], depth


def _distance(shapes: list[tuple[int, int, int]], published: dict[str, list[float]]) -> float:
    """The largest of a published point from the network with the nearest number of parameters, in decades."""
    sizes = np.array([parameters(*shape) for shape in shapes])
    points = zip(published["parameters"], published["value"], strict=True)
    nearest = [(shapes[np.abs(sizes - size).argmin()], value) for size, value in points if size <= sizes[-1]]
    return max(abs(log10(regions(*shape)) - value) for shape, value in nearest)


def _curve(ax: Axes, across: list[int], shapes: list[tuple[int, int, int]], name: str, color: str, most: int) -> None:
    logs = [log10(regions(*shape)) for shape in shapes]
    ax.plot(across, logs, color=color)
    style.label_end(ax, most, logs[-1], name, color)


def _axes(ax: Axes, name: str, most: int) -> None:
    ax.set(xlim=(0, most), ylim=(0, None), xticks=[0, most], xlabel=name, ylabel=r"$\log_{10}$ regions")
    ax.xaxis.set_major_formatter("{x:,.0f}")
