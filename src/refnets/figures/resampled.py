"""Images made smaller and larger (figs 10.11 and 10.12, notebook 10_4)."""

import numpy as np
from matplotlib.figure import Figure

from refnets.figures import style
from refnets.figures.cells import cells, squares
from refnets.operations.resampling import centers, duplicate, interpolate, max_pool, max_unpool, mean_pool, subsample
from refnets.verdict import Number

SMALLER = {"sub-sampling": subsample, "max pooling": max_pool, "mean pooling": mean_pool}


def draw_smaller(
    *, image: list[list[float]], published: dict[str, list[list[float]]]
) -> tuple[Figure, dict[str, Number]]:
    """The image of 4 x 4 numbers, and what three ways leave of every square of four."""
    x = np.array(image)
    smaller = {name: function(x) for name, function in SMALLER.items()}
    picture = Figure(figsize=(6.3, 2.1))
    axes = picture.subplots(1, 4, gridspec_kw={"width_ratios": [4, 2.5, 2.5, 2.5]})
    cells(axes[0], x, squares(4, 2))
    style.title(axes[0], "a", "input")
    for letter, ax, (name, values) in zip("bcd", axes[1:], smaller.items(), strict=True):
        cells(ax, values, squares(2, 1))
        style.title(ax, letter, name.replace("-", "-\n").replace(" ", "\n"))
    return picture, {
        f"{name.replace(' ', '_').replace('-', '_')}_difference": Number(np.abs(values - published[name]).max())
        for name, values in smaller.items()
    }


def draw_larger(
    *, image: list[list[float]], before: list[list[float]], by_hand: dict[str, list[list[float]]]
) -> tuple[Figure, dict[str, Number]]:
    """The image of 2 x 2 numbers, which pooling made of the image `before`, and four ways to make it larger."""
    x, high = np.array(image), np.array(before)
    halves = np.arange(4) / 2  # notebook 10_4 keeps the numbers, puts means between them and zeros beyond
    larger = {
        "duplicated\n": duplicate(x),
        "max-\nunpooled": max_unpool(x, high),
        "bilinear,\nnotebook": np.ceil(interpolate(x, halves, halves)),
        "bilinear,\nPyTorch": interpolate(x, centers(2), centers(2)),
    }
    picture = Figure(figsize=(6.3, 2.1))
    axes = picture.subplots(1, 5, gridspec_kw={"width_ratios": [2, 4, 4, 4, 4]})
    cells(axes[0], x, squares(2, 1))
    style.title(axes[0], "a", "\n")
    for letter, ax, (name, values) in zip("bcde", axes[1:], larger.items(), strict=True):
        cells(ax, values, np.where(values != 0, squares(4, 2), None))
        style.title(ax, letter, name)
    duplicated, unpooled, notebook, pytorch = larger.values()
    return picture, {
        "sum_of_the_input": Number(x.sum()),
        "duplicated_difference": Number(np.abs(duplicated - by_hand["duplicated"]).max()),
        "sum_max_unpooled": Number(unpooled.sum()),
        "max_unpooled_out_of_place": Number(((unpooled != 0) & (unpooled != high)).sum(), "cells"),
        "pooled_again_difference": Number(np.abs(max_pool(unpooled) - x).max()),
        "notebook_difference": Number(np.abs(notebook - by_hand["notebook"]).max()),
        "mean_of_pytorch_bilinear": Number(pytorch.mean()),
        "largest_difference_of_the_bilinear": Number(np.abs(notebook - pytorch).max()),
    }
